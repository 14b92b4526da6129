"""The yearly interview: planned, moved, held, cancelled; what the delegation notes and what the structure reads."""

import asyncio
import csv
import io
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by
from ..contacts.test_contacts import CAMILLE, known
from ..declarants.test_follow_up import member
from ..departures.test_departures import joined, told
from ..duplicates.test_merging import id_of, merge, undo
from ..members.test_dates import TODAY, on
from ..members.test_register import receive, structure
from ..sittings.test_minutes import act

NOTES = "Carnet de commandes en baisse ; cherche une direction adjointe."


async def planned(client: httpx.AsyncClient, member_id: str, **fields: Any) -> httpx.Response:
    return await client.post("/interviews", json={"member_id": member_id, "planned_on": on(0), **fields})


async def held(client: httpx.AsyncClient, member_id: str, day: str | None = None, **fields: Any) -> str:
    """Plan an interview for a day and say that it was held then; return its path."""
    answer = await planned(client, member_id, planned_on=day or on(0))
    assert answer.status_code == 201, answer.text
    path = f"/interviews/{answer.json()['id']}"
    recorded = await act(client, path, "POST", "record", held_on=day or on(0), **fields)
    assert recorded.status_code == 200, recorded.text
    return path


async def exported(client: httpx.AsyncClient, path: str, **filters: Any) -> list[dict[str, str]]:
    answer = await client.get(path, params=filters)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


async def test_an_interview_is_planned_moved_and_held(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as network:
        camille = await known(network, f"/members/{own}", CAMILLE)
    async with membership.client("delegation", delegation="occitanie") as client:
        first = (await planned(client, own, planned_on=on(7), mode="remote")).json()
        assert (first["state"], first["allowed_actions"]) == ("planned", ["move", "record", "cancel"])
        path = f"/interviews/{first['id']}"
        moved = (await act(client, path, "POST", "move", planned_on=on(0))).json()
        assert (moved["planned_on"], moved["first_planned_on"], moved["moves"]) == (on(0), on(7), 1)
        told_of = {"participants": [camille], "led_by_label": "Déléguée régionale", "notes": NOTES}
        shown = (await act(client, path, "POST", "record", held_on=on(0), **told_of)).json()
        assert (shown["state"], shown["mode"], shown["notes"]) == ("held", "remote", NOTES)
        assert shown["participants"] == [{"contact_id": camille, "name": "Camille EXEMPLE"}]
        assert (shown["led_by"], shown["led_by_label"]) == ("test-delegation", "Déléguée régionale")
        assert (shown["allowed_actions"], shown["blockers"]["move"][0]["code"]) == (
            ["record", "cancel"],
            "interview_settled",
        )
        settled = await act(client, path, "POST", "move", planned_on=on(3))
        assert (settled.status_code, settled.json()["code"]) == (409, "interview_settled")
        corrected = (await act(client, path, "POST", "record", held_on=on(0), notes="Rien à signaler.")).json()
        assert (corrected["notes"], corrected["participants"]) == ("Rien à signaler.", [])


async def test_who_came_under_a_twin_is_corrected_and_given_back(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """Both records knew the same person, and she came for the one that goes."""
    stays, goes = await arranged(membership, admitted_by, joined, "Régain", "Regain")
    async with membership.client("network", "board") as client:
        one, twin = await known(client, stays, CAMILLE), await known(client, goes, CAMILLE)
        path = await held(client, id_of(goes), participants=[twin])
        pair = await merge(client, stays, goes)
        shown = (await client.get(path)).json()
        assert (shown["member_id"], shown["participants"]) == (
            id_of(stays),
            [{"contact_id": twin, "name": "Camille EXEMPLE"}],
        )
        for participants in ([twin], [one, twin]):
            corrected = await act(client, path, "POST", "record", held_on=on(0), participants=participants, notes=NOTES)
            assert corrected.status_code == 200, corrected.text
            assert corrected.json()["participants"] == shown["participants"]
        assert (await undo(client, pair)).status_code == 200
        given_back = (await client.get(path)).json()
        assert (given_back["member_id"], given_back["participants"]) == (id_of(goes), shown["participants"])


async def test_a_second_interview_may_be_held_once_the_first_is(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        first = (await planned(client, own)).json()
        twice = await planned(client, own)
        assert (twice.status_code, twice.json()["code"]) == (409, "interview_already_planned")
        assert twice.json()["interview_id"] == first["id"]
        next_year = await planned(client, own, planned_on=f"{TODAY.year + 1}-03-01")
        assert next_year.status_code == 201, next_year.text
        back = await act(client, f"/interviews/{next_year.json()['id']}", "POST", "move", planned_on=on(0))
        assert back.json()["code"] == "interview_already_planned"
        await act(client, f"/interviews/{first['id']}", "POST", "record", held_on=on(0))
        assert (await planned(client, own)).status_code == 201


async def test_of_two_who_plan_at_once_one_is_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        both = await asyncio.gather(planned(client, own), planned(client, own))
        assert sorted(answer.status_code for answer in both) == [201, 409]
    assert len(await membership.rows("SELECT 1 FROM interview")) == 1


async def test_of_two_who_record_at_once_one_is_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        path = f"/interviews/{(await planned(client, own)).json()['id']}/record"
        both = await asyncio.gather(
            *(client.post(path, json={"held_on": on(0)}, headers={"If-Match": '"v1"'}) for _ in range(2))
        )
        assert sorted(answer.status_code for answer in both) == [200, 412]
        blind = await client.post(path, json={"held_on": on(0)})
        assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")


async def test_an_interview_asked_for_twice_is_planned_once(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        body, key = {"member_id": own, "planned_on": on(3)}, {"Idempotency-Key": "entretien-1"}
        shown = await client.post("/interviews", json=body, params={"dry_run": True})
        assert (shown.status_code, await membership.rows("SELECT 1 FROM interview")) == (201, [])
        first, again = [await client.post("/interviews", json=body, headers=key) for _ in range(2)]
        assert (again.status_code, again.json()) == (201, first.json())


async def test_what_was_cancelled_stays_with_its_reason(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        path = await held(client, own)
        cancelled = (await act(client, path, "POST", "cancel", reason="Consigné pour une autre structure.")).json()
        assert (cancelled["state"], cancelled["held_on"], cancelled["allowed_actions"]) == ("cancelled", None, [])
        assert cancelled["cancelled_reason"] == "Consigné pour une autre structure."
        again = await act(client, path, "POST", "record", held_on=on(0))
        assert (again.status_code, again.json()["code"]) == (409, "interview_cancelled")
    async with membership.client("member", member_id=UUID(own)) as client:
        seen = (await client.get(path)).json()
        assert (seen["state"], seen["cancelled_reason"]) == ("cancelled", None), "it may name another structure"
        [listed] = (await client.get("/interviews")).json()["items"]
        assert listed["cancelled_reason"] is None


async def test_the_structure_reads_its_interview_and_not_the_notes(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", ("B", "77"))
    async with membership.client("network", "board") as network:
        camille = await known(network, f"/members/{own}", CAMILLE)
        path = await held(network, own, participants=[camille], notes=NOTES)
        elsewhere = await held(network, other)
    async with membership.client("member", member_id=UUID(own)) as client:
        page = (await client.get("/interviews", params={"total": True})).json()
        [seen] = page["items"]
        assert (page["total"], seen["notes"], seen["allowed_actions"]) == (1, None, [])
        assert (seen["held_on"], seen["participants"][0]["name"]) == (on(0), "Camille EXEMPLE")
        assert (await client.get(elsewhere)).json()["code"] == "interview_not_found"
        assert (await planned(client, own)).status_code == 403
    async with membership.client("delegation", delegation="idf") as client:
        assert [one["name"] for one in (await client.get("/interviews")).json()["items"]] == ["B"]
        assert (await client.get(path)).status_code == 404
        hidden = await client.post(f"{path}/cancel", json={"reason": "x"}, headers={"If-Match": '"v2"'})
        assert (hidden.status_code, hidden.json()["code"]) == (404, "interview_not_found")
        assert (await planned(client, own)).json()["code"] == "member_not_found"
    for role in ("board", "finance"):
        async with membership.client(role) as client:
            assert (await client.get("/interviews")).status_code == 403


async def test_a_person_who_is_erased_leaves_the_interviews(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        camille = await known(client, f"/members/{own}", CAMILLE)
        planned_one = (await planned(client, own)).json()
        path, key = f"/interviews/{planned_one['id']}", {"Idempotency-Key": "compte-rendu", "If-Match": '"v1"'}
        body = {"held_on": on(0), "participants": [camille]}
        await client.post(f"{path}/record", json=body, headers=key)
        erased = await act(client, f"/contacts/{camille}", "POST", "erase", ground="request")
        assert erased.status_code == 200, erased.text
        assert (await client.get(path)).json()["participants"] == []
        again = await act(client, path, "POST", "record", **body)
        assert (again.status_code, again.json()["code"]) == (400, "participant_unknown")
    kept = await membership.rows(
        "SELECT 1 FROM idempotency_key WHERE position('Camille' IN encode(body, 'escape')) > 0"
    )
    assert kept == []


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param({"held_on": on(1)}, 400, "interview_in_future", id="tenu demain"),
        pytest.param({"participants": [str(UUID(int=7))]}, 400, "participant_unknown", id="quelqu'un d'inconnu"),
        pytest.param({"notes": ""}, 422, None, id="des notes vides"),
        pytest.param({"names": ["Camille"]}, 422, None, id="un champ inconnu"),
    ],
)
async def test_what_cannot_be_recorded(
    membership: ServiceUnderTest, arranged: Arrange, fields: dict[str, Any], status: int, code: str | None
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        path = f"/interviews/{(await planned(client, own)).json()['id']}"
        refused = await act(client, path, "POST", "record", **{"held_on": on(0), **fields})
        assert (refused.status_code, refused.json().get("code") if code else None) == (status, code)
        assert (await client.get(path)).json()["state"] == "planned"


async def test_a_person_of_another_structure_takes_no_part(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", "B")
    async with membership.client("network", "board") as client:
        camille = await known(client, f"/members/{other}", CAMILLE)
        path = f"/interviews/{(await planned(client, own)).json()['id']}"
        refused = await act(client, path, "POST", "record", held_on=on(0), participants=[camille])
        assert refused.json()["code"] == "participant_unknown"


async def test_only_a_member_is_interviewed(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        candidate = (await receive(client, **structure("F")))["member_id"]
        refused = await planned(client, candidate)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")
        gone = await member(client, "G")
        path = await held(client, gone)
        await told(client, f"/members/{gone}", notice_waived=True, effective_on=on(0))
        assert (await planned(client, gone)).json()["code"] == "not_a_member"
        noted = await act(client, path, "POST", "record", held_on=on(0), notes="Compte rendu après son départ.")
        assert noted.status_code == 200, "what was held before is still told"


async def test_interviews_are_found_and_sorted(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        ids = {name: await member(client, name, department) for name, department in (("A", "31"), ("B", "77"))}
        await held(client, ids["A"], on(-2))
        await held(client, ids["B"], on(-1))
        await planned(client, ids["B"], planned_on=on(5), mode="phone")
        for filters, days in (
            ({}, [on(5), on(-1), on(-2)]),
            ({"sort": "day"}, [on(-2), on(-1), on(5)]),
            ({"state": "held"}, [on(-1), on(-2)]),
            ({"delegation": "idf"}, [on(5), on(-1)]),
            ({"member_id": ids["A"]}, [on(-2)]),
            ({"mode": "phone"}, [on(5)]),
            ({"planned_from": on(-1), "planned_to": on(0)}, [on(-1)]),
            ({"q": "zz"}, []),
            ({"year": date.fromisoformat(on(-2)).year - 3}, []),
        ):
            page = (await client.get("/interviews", params={"total": True, **filters})).json()
            assert [one["held_on"] or one["planned_on"] for one in page["items"]] == days, filters
            assert page["total"] == len(days)
            wanted = {name: value for name, value in filters.items() if name != "sort"}
            lines = await exported(client, "/interviews/export", **wanted)
            assert sorted(line["tenu_le"] or line["prevu_le"] for line in lines) == sorted(days), filters
        workbook = await client.get("/interviews/export", params={"format": "xlsx"})
        assert workbook.content[:2] == b"PK"
    async with membership.client("delegation", delegation="bretagne") as client:
        assert await exported(client, "/interviews/export") == []
    async with membership.client("member", member_id=UUID(ids["A"])) as client:
        assert [line["structure"] for line in await exported(client, "/interviews/export")] == ["A"]
    async with membership.client("board") as client:
        assert (await client.get("/interviews/export")).status_code == 403
