"""All that is kept of a person is told to them; what engages them is passed on before they are forgotten."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.rights import Grant, Scope
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox
from common.testing.plugin import Arrange
from common.transaction import Actor
from membership.base import Base
from membership.contacts import use_cases as contacts
from membership.contacts.domain import ErasureGround
from membership.people.queries import PARTS, engagements_of

from ..arrangements import admitted_by
from ..assemblies.test_assembly import HELD, ROLL_DAY, SEATS, act, at, convened, five_who_vote, opens, person_of
from ..assemblies.test_elections import polled
from ..board.test_takeover import waiting
from ..contacts.test_contacts import CAMILLE, SACHA, known, seat
from ..departures.test_departures import joined
from ..duplicates.test_merging import id_of, merge
from ..electoral_roll.test_roll import freeze
from ..interviews.test_interviews import held as interviewed
from ..members.test_dates import TODAY, on
from ..renewals.test_renewals import OCTOBER, membership, notified
from ..renewals.test_renewals import at as on_day
from ..renewals.test_renewals import joined as led
from ..renewals.test_renewals import opened as renewal
from ..sittings.test_minutes import act as sit
from ..sittings.test_office import meeting

__all__ = ["membership"]

EXPLAINED = {
    "contact.merged_into": "the same person under a record that was merged: what is kept of both is told as theirs",
}
"""Columns that name people and that no part tells by itself."""


def test_every_column_that_names_a_person_is_told() -> None:
    naming = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name == "contact_id" or any(key.target_fullname == "contact.id" for key in column.foreign_keys)
    }
    told = {f"{keeping.table}.{keeping.column}" for keeping in PARTS}
    assert naming <= told | EXPLAINED.keys()
    assert told.isdisjoint(EXPLAINED)
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert told | EXPLAINED.keys() <= columns
    assert all(keeping.on_erasure.endswith(".") for keeping in PARTS)


async def kept(client: httpx.AsyncClient, contact_id: str) -> dict[str, list[dict[str, Any]]]:
    answer = await client.get(f"/contacts/{contact_id}/personal-data")
    assert answer.status_code == 200, answer.text
    assert all(one["on_erasure"].startswith("Gardé") for one in answer.json()["kept"])
    return {one["table"]: one["records"] for one in answer.json()["kept"]}


async def erase(client: httpx.AsyncClient, contact_id: str) -> httpx.Response:
    etag = (await client.get(f"/contacts/{contact_id}")).headers["etag"]
    body = {"ground": "request"}
    return await client.post(f"/contacts/{contact_id}/erase", json=body, headers={"If-Match": etag})


async def refused(client: httpx.AsyncClient, contact_id: str) -> list[str]:
    """Return what an erasure is refused with; the person's own page, and the list, say the same before."""
    answer = await erase(client, contact_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "contact_seated")
    listed = (await client.get("/contacts", params={"limit": 50})).json()["items"]
    for shown in (
        (await client.get(f"/contacts/{contact_id}")).json(),
        *(one for one in listed if one["id"] == contact_id),
    ):
        assert (shown["allowed_actions"], shown["blockers"]) == (["amend"], {"erase": answer.json()["blockers"]})
    return [one["code"] for one in answer.json()["blockers"]]


async def mandate(client: httpx.AsyncClient, path: str, contact_id: str) -> str:
    body = {"scope": "region", "code": "occitanie", "since": on(0), "until": on(400), "source": "PV de l'AG"}
    entered = await client.post("/board/mandates", json={**body, "member_id": id_of(path), "contact_id": contact_id})
    assert entered.status_code == 201, entered.text
    return f"/board/mandates/{entered.json()['id']}"


async def test_who_sits_on_the_board_is_not_forgotten(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "Alpha")
    async with membership.client("network", "board") as client:
        camille = await known(client, path, CAMILLE)
        board = await mandate(client, path, camille)
        assert await refused(client, camille) == ["contact_on_board"]
        await seat(client, path, seat="director", contact_id=camille)
        assert await refused(client, camille) == ["contact_seated", "contact_on_board"]
        await seat(client, path, "leave", seat="director")
        assert (await act(client, board, "/end", end="resigned", reason="lettre")).status_code == 200
        [told] = (await kept(client, camille))["board_mandate"]
        assert (told["structure"], told["day"], told["value"]["end"]) == ("Alpha", on(0), "resigned")
        assert (await erase(client, camille)).status_code == 200
        assert (await client.get(board)).json()["person"] is None
        assert len((await kept(client, camille))["board_mandate"]) == 1


async def test_a_seat_held_under_a_record_that_was_merged_counts(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    stays, goes = await arranged(membership, admitted_by, joined, "Régain", "Regain")
    async with membership.client("network", "board") as client:
        camille, twin = await known(client, stays, CAMILLE), await known(client, goes, CAMILLE)
        board = await mandate(client, goes, twin)
        await merge(client, stays, goes)
        assert await refused(client, camille) == ["contact_on_board"]
        assert [one["value"]["code"] for one in (await kept(client, camille))["board_mandate"]] == ["occitanie"]
        assert (await act(client, board, "/withdraw", reason="erreur")).status_code == 200
        assert (await erase(client, camille)).status_code == 200
        assert (await client.get(board)).json()["person"] is None


async def test_who_stands_and_who_attends_is_not_forgotten_before_the_closing(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, five_who_vote)
    async with membership.client("network", "board") as client:
        path = await convened(client, SEATS)
        [item] = [one["id"] for one in (await client.get(path)).json()["agenda"]]
        people = {name: await person_of(client, ids[name], name.upper()) for name in ("Alpha", "Bravo")}
        body = {"member_id": ids["Alpha"], "contact_id": people["Alpha"]}
        assert (await client.post(f"{path}/items/{item}/candidacies", json=body)).status_code == 200
        assert await refused(client, people["Alpha"]) == ["contact_stands"]
    async with at(membership, HELD, "network", "board") as client:
        await freeze(client, ROLL_DAY)
        await opens(client, path)
        for name, contact_id in people.items():
            body = {"member_id": ids[name], "contact_id": contact_id}
            assert (await client.post(f"{path}/attendance", json=body)).status_code == 200
        await client.post(f"{path}/attendance", json={"member_id": ids["Charlie"], "name": "Sacha FICTIF"})
        assert await refused(client, people["Bravo"]) == ["contact_attends"]
        assert (await polled(client, path, item, 3, **{ids["Alpha"]: 3})).status_code == 200
        assert await refused(client, people["Alpha"]) == ["contact_attends", "contact_stands"]
        assert (await act(client, path, "/close")).status_code == 200
        assert await refused(client, people["Alpha"]) == ["contact_on_board"]
        told = await kept(client, people["Alpha"])
        assert set(told) == {"assembly_attending", "assembly_candidacy", "board_mandate"}
        [stood] = told["assembly_candidacy"]
        assert (stood["day"], stood["value"]["votes"], stood["value"]["elected"]) == (HELD.isoformat(), 3, True)
        assert (await erase(client, people["Bravo"])).status_code == 200
        again = await client.post(f"{path}/attendance", json={"member_id": ids["Bravo"], "contact_id": people["Bravo"]})
        assert again.json()["code"] == "assembly_state"


async def test_who_stood_and_thought_better_of_it_may_be_forgotten(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, five_who_vote)
    async with membership.client("network", "board") as client:
        path = await convened(client, SEATS)
        [item] = [one["id"] for one in (await client.get(path)).json()["agenda"]]
        person = await person_of(client, ids["Alpha"], "ALPHA")
        body = {"member_id": ids["Alpha"], "contact_id": person}
        candidacies = f"{path}/items/{item}/candidacies"
        assert (await client.post(candidacies, json=body)).status_code == 200
        assert await refused(client, person) == ["contact_stands"]
        withdrawn = await client.post(f"{candidacies}/{ids['Alpha']}/withdraw", json={"reason": "renonce"})
        assert withdrawn.status_code == 200, withdrawn.text
        assert (await erase(client, person)).status_code == 200


async def test_an_interview_is_told_without_its_notes_and_keeps_nobody(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "Alpha")
    async with membership.client("network", "board") as client:
        camille, sacha = await known(client, path, CAMILLE), await known(client, path, SACHA)
        interview = await interviewed(client, id_of(path), participants=[camille, sacha], notes="Carnet en baisse.")
        [told] = (await kept(client, camille))["interview"]
        assert (told["id"], told["value"]) == (interview.rpartition("/")[2], {"state": "held", "mode": "visit"})
        assert (await erase(client, camille)).status_code == 200
        assert [one["name"] for one in (await client.get(interview)).json()["participants"]] == ["Sacha FICTIF"]


async def test_what_was_sent_to_a_person_is_told_and_kept_as_proof(
    membership: ServiceUnderTest, mailbox: Mailbox
) -> None:
    async with membership.client("network", "board") as client:
        member_id = await led(client, "Alpha")
        [president] = (await client.get("/contacts", params={"member_id": member_id})).json()["items"]
        other = await known(client, f"/members/{member_id}", SACHA)
    async with on_day(membership, OCTOBER) as client:
        year = await renewal(client)
    await notified(membership, mailbox, year, OCTOBER, 1)
    async with on_day(membership, OCTOBER) as client:
        [told] = (await kept(client, president["id"]))["notice"]
        assert (told["day"], told["value"]["recipient"], told["value"]["status"]) == (
            OCTOBER.isoformat(),
            "presidence@alpha.example",
            "sent",
        )
        assert "Alpha" in told["value"]["text"]
        assert await kept(client, other) == {}
        await seat(client, f"/members/{member_id}", seat="president", contact_id=other)
        assert (await erase(client, president["id"])).status_code == 200
        assert len((await kept(client, president["id"]))["notice"]) == 1


async def test_what_has_not_gone_to_who_is_forgotten_goes_to_who_comes_after(
    membership: ServiceUnderTest, mailbox: Mailbox
) -> None:
    """A mail that waits proves nothing yet, whatever it is for; what it told is to be told again."""
    async with membership.client("network", "board") as client:
        member_id = await led(client, "Alpha")
        [president] = (await client.get("/contacts", params={"member_id": member_id})).json()["items"]
        sacha = await known(client, f"/members/{member_id}", {**SACHA, "email": "sacha@alpha.example"})
    async with on_day(membership, OCTOBER) as client:
        year = await renewal(client)
        assert (await client.post(f"{year}/notify")).status_code == 202
    async with membership.days_later((OCTOBER - TODAY).days) as then, then.client("network") as client:
        await then.run_jobs()
        assert len(await kept(client, president["id"])) == 1
        await seat(client, f"/members/{member_id}", seat="president", contact_id=sacha)
        assert (await erase(client, president["id"])).status_code == 200
        assert await kept(client, president["id"]) == {}
        assert await then.rows("SELECT 1 FROM mail") == []
    await notified(membership, mailbox, year, OCTOBER, 1)
    assert [mail.recipient for mail in mailbox.received] == ["sacha@alpha.example"]


@pytest.mark.parametrize("role", ["member", "delegation"])
async def test_who_reads_a_person_reads_all_of_it_and_of_nobody_else(
    membership: ServiceUnderTest, arranged: Arrange, role: str
) -> None:
    ours, theirs = await arranged(membership, admitted_by, joined, "Alpha", "Bravo")
    async with membership.client("network", "board") as client:
        camille, sacha = await known(client, ours, CAMILLE), await known(client, theirs, SACHA)
        await mandate(client, ours, camille)
        await interviewed(client, id_of(theirs), participants=[sacha])
    claims: dict[str, dict[str, Any]] = {
        "member": {"member_id": UUID(id_of(ours))},
        "delegation": {"delegation": "occitanie"},
    }
    async with membership.client(role, **claims[role]) as client:
        assert set(await kept(client, camille)) == {"board_mandate"}
        reached = (await client.get(f"/contacts/{sacha}/personal-data")).status_code
        assert reached == (404 if role == "member" else 200)


async def test_who_stands_and_is_forgotten_at_once_does_one_of_the_two(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, five_who_vote)
    async with membership.client("network", "board") as client:
        path = await convened(client, SEATS)
        [item] = [one["id"] for one in (await client.get(path)).json()["agenda"]]
        camille = await person_of(client, ids["Alpha"], "ALPHA")
        etag = (await client.get(f"/contacts/{camille}")).headers["etag"]
        actor = Actor("test", roles=frozenset({"network"}))
        async with membership.runtime.database.transaction(actor) as tx:
            grant, ground = Grant(actor, Scope.ALL), ErasureGround.REQUEST
            await contacts.erase_contact(tx, grant, UUID(camille), etag, ground, engagements_of)
            body = {"member_id": ids["Alpha"], "contact_id": camille}
            late = asyncio.create_task(client.post(f"{path}/items/{item}/candidacies", json=body))
            await eventually(lambda: waiting(membership), awaited="the candidacy to wait for the erasure")
        answer = await late
        assert (answer.status_code, answer.json()["code"]) == (404, "contact_not_found")
        assert await kept(client, camille) == {}


async def test_who_is_listed_at_a_sitting_is_not_forgotten_before_its_closing(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "Alpha")
    async with membership.client("network", "board") as client:
        camille = await known(client, path, CAMILLE)
        board = await mandate(client, path, camille)
        sitting = f"/sittings/{(await client.post('/sittings', json=meeting(in_office=1, present=1))).json()['id']}"
        listed = {"mandate_id": board.rpartition("/")[2], "presence": "present", "capacity": "Région Occitanie"}
        by_hand = {"name": "Camille EXEMPLE", "presence": "present"}
        attended = await sit(client, sitting, "PUT", "attendance", attendees=[listed])
        assert attended.status_code == 200, attended.text
        assert (await act(client, board, "/withdraw", reason="erreur")).status_code == 200
        assert await refused(client, camille) == ["contact_at_sitting"]
        [told] = (await kept(client, camille))["sitting"]
        assert (told["day"], told["structure"], told["value"]) == (
            on(0),
            "Alpha",
            {"minutes_reference": "PV-1", "presence": "present", "capacity": "Région Occitanie"},
        )
        assert (await sit(client, sitting, "PUT", "attendance", attendees=[by_hand])).status_code == 200
        erased = await erase(client, camille)
        assert erased.status_code == 200, erased.text
        assert [one["table"] for one in erased.json()["kept"]] == ["board_mandate"]
        assert "nom saisi à la main" in erased.json()["by_hand"]
        assert erased.json()["by_hand"] == (await client.get(f"/contacts/{camille}/personal-data")).json()["by_hand"]


async def test_the_minutes_of_a_closed_sitting_keep_who_came_and_the_erasure_says_so(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "Alpha")
    async with membership.client("network", "board") as client:
        camille = await known(client, path, CAMILLE)
        board = await mandate(client, path, camille)
        sitting = f"/sittings/{(await client.post('/sittings', json=meeting(in_office=1, present=1))).json()['id']}"
        listed = {"mandate_id": board.rpartition("/")[2], "presence": "present"}
        await sit(client, sitting, "PUT", "attendance", attendees=[listed])
        await sit(client, sitting, "PUT", "agenda", items=[{"title": "Comptes", "record": "Arrêtés."}])
        assert (await sit(client, sitting, "POST", "close")).status_code == 200
        assert (await act(client, board, "/withdraw", reason="erreur")).status_code == 200
        erased = await erase(client, camille)
        assert erased.status_code == 200, erased.text
        by_table = {one["table"]: one["on_erasure"] for one in erased.json()["kept"]}
        assert set(by_table) == {"board_mandate", "sitting"}
        assert "c'est une preuve" in by_table["sitting"]
        assert (await client.get(sitting)).json()["attendees"][0]["name"] == "Camille EXEMPLE"
