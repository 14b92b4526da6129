"""What the duplicate's people were given after the merge keeps it from being undone, until it is somebody else's."""

from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by
from ..assemblies.test_assembly import SEATS, act, convened
from ..contacts.test_contacts import CAMILLE, SACHA, held, known, seat
from ..departures.test_departures import joined, told
from ..electoral_roll.test_roll import able
from ..interviews.test_interviews import held as interviewed
from ..measures.test_measures import NOTICE, sat
from ..measures.test_measures import opened as measured
from ..members.test_dates import on
from .conftest import Twins
from .test_merging import id_of, merge, planned, reported, undo

Merged = tuple[str, str, str, str, str]
"""The structure that stays, the one that goes, their pair, and who was known of each: Camille, and Sacha."""


async def people_merged(membership: ServiceUnderTest) -> Merged:
    """Merge a structure with Sacha into one whose invoices Camille answers for."""
    stays, goes = await admitted_by(membership, joined, "Régain", "Regain")
    async with membership.client("network", "board") as client:
        camille, sacha = await known(client, stays, CAMILLE), await known(client, goes, SACHA)
        await seat(client, stays, seat="billing", contact_id=camille)
        return stays, goes, await merge(client, stays, goes), camille, sacha


@pytest_asyncio.fixture
async def merged(membership: ServiceUnderTest, arranged: Arrange) -> Merged:
    return await arranged(membership, people_merged)


async def refusal(client: httpx.AsyncClient, pair: str) -> list[dict[str, str]]:
    """Return what undoing is refused with; the case said the same before."""
    shown = (await client.get(pair)).json()
    refused = await undo(client, pair)
    assert (refused.status_code, refused.json()["code"]) == (409, "merge_built_upon")
    assert (shown["allowed_actions"], shown["blockers"]) == ([], {"undo": refused.json()["blockers"]})
    return list(refused.json()["blockers"])


@pytest.mark.parametrize("day", [0, 7])
async def test_a_seat_of_the_structure(membership: ServiceUnderTest, merged: Merged, day: int) -> None:
    async with membership.client("network", "board") as client:
        stays, goes, pair, camille, sacha = merged
        assert held(await seat(client, stays, seat="billing", contact_id=sacha, effective_on=on(day)))
        [blocker] = await refusal(client, pair)
        assert (blocker["code"], "facturation" in blocker["message"]) == ("contact_seated", True)
        await seat(client, stays, seat="billing", contact_id=camille, effective_on=on(day))
        assert (await undo(client, pair)).status_code == 200
        for path, names in ((stays, ["Camille EXEMPLE"]), (goes, [])):
            seats = (await client.get(f"{path}/seats")).json()
            assert [one["name"] for one in seats["mandates"] + seats["upcoming"]] == names * (1 if day == 0 else 2)
    async with membership.client("member", member_id=UUID(id_of(stays))) as client:
        assert (await client.get(f"/contacts/{sacha}")).status_code == 404


async def test_a_seat_of_the_board(membership: ServiceUnderTest, merged: Merged) -> None:
    async with membership.client("network", "board") as client:
        stays, _, pair, _, sacha = merged
        body = {"scope": "region", "code": "occitanie", "since": on(0), "until": on(400), "source": "PV de l'AG"}
        entered = await client.post("/board/mandates", json={**body, "member_id": id_of(stays), "contact_id": sacha})
        assert entered.status_code == 201, entered.text
        [blocker] = await refusal(client, pair)
        assert (blocker["code"], "siège 1 (occitanie)" in blocker["message"]) == ("contact_on_board", True)
        path = f"/board/mandates/{entered.json()['id']}"
        assert (await act(client, path, "/withdraw", reason="autre personne")).status_code == 200
        assert (await undo(client, pair)).status_code == 200


async def test_an_interview_and_one_that_goes_back(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        camille, sacha = await known(client, stays, CAMILLE), await known(client, goes, SACHA)
        planned = await client.post("/interviews", json={"member_id": id_of(goes), "planned_on": on(0)})
        carried = f"/interviews/{planned.json()['id']}"
        pair = await merge(client, stays, goes)
        both = [camille, sacha]
        assert (await act(client, carried, "/record", held_on=on(0), participants=both)).status_code == 200
        since = await interviewed(client, id_of(stays), participants=both)
        assert [one["code"] for one in await refusal(client, pair)] == ["contact_interviewed"] * 2
        for path, who in ((carried, [sacha]), (since, [camille])):
            assert (await act(client, path, "/record", held_on=on(0), participants=who)).status_code == 200
        assert (await undo(client, pair)).status_code == 200
        for path, name, member in ((carried, "Sacha FICTIF", goes), (since, "Camille EXEMPLE", stays)):
            shown = (await client.get(path)).json()
            assert ([one["name"] for one in shown["participants"]], shown["member_id"]) == ([name], id_of(member))


async def test_a_candidacy(membership: ServiceUnderTest, merged: Merged) -> None:
    async with membership.client("network", "board") as client:
        stays, _, pair, _, sacha = merged
    await able(membership, id_of(stays))
    async with membership.client("network", "board") as client:
        path = await convened(client, SEATS)
        [item] = (await client.get(path)).json()["agenda"]
        candidacies = f"{path}/items/{item['id']}/candidacies"
        stood = await client.post(candidacies, json={"member_id": id_of(stays), "contact_id": sacha})
        assert stood.status_code == 200, stood.text
        [blocker] = await refusal(client, pair)
        assert (blocker["code"], "AG 2027" in blocker["message"]) == ("contact_stands", True)
        withdrawn = await client.post(f"{candidacies}/{id_of(stays)}/withdraw", json={"reason": "elle y renonce"})
        assert withdrawn.status_code == 200, withdrawn.text
        assert (await undo(client, pair)).status_code == 200


async def test_a_merge_waits_for_a_candidacy_until_it_is_taken_back(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        sacha = await known(client, goes, SACHA)
    await able(membership, id_of(goes))
    async with membership.client("network", "board") as client:
        path = await convened(client, SEATS)
        [item] = (await client.get(path)).json()["agenda"]
        candidacies = f"{path}/items/{item['id']}/candidacies"
        stood = await client.post(candidacies, json={"member_id": id_of(goes), "contact_id": sacha})
        assert stood.status_code == 200, stood.text
        pair = await reported(client, stays, goes)
        held_up = await planned(client, stays, goes)
        assert [one["code"] for one in held_up["blockers"]] == ["assembly_open"]
        withdrawn = await client.post(f"{candidacies}/{id_of(goes)}/withdraw", json={"reason": "elle y renonce"})
        assert withdrawn.status_code == 200, withdrawn.text
        assert (await merge(client, stays, goes)) == pair


async def test_a_structure_that_leaves_since(membership: ServiceUnderTest, merged: Merged) -> None:
    async with membership.client("network", "board") as client:
        stays, goes, pair, *_ = merged
        left = await told(client, stays, cause="resigned", received_on=on(0))
        assert left.status_code == 200, left.text
        [blocker] = await refusal(client, pair)
        assert blocker["code"] == "standing_changed_since"
        assert (await told(client, stays, "departure/withdraw", reason="elle reste")).status_code == 200
        assert (await undo(client, pair)).status_code == 200
        assert [(await client.get(path)).json()["status"] for path in (stays, goes)] == ["active", "active"]


async def test_a_structure_that_is_suspended_since(membership: ServiceUnderTest, merged: Merged) -> None:
    async with membership.client("network", "board") as client:
        stays, goes, pair, *_ = merged
        measure: dict[str, Any] = await measured(client, stays, "suspension")
        await act(client, f"/measures/{measure['id']}", "/notifications", received_on=on(0), **NOTICE)
    async with membership.days_later(20) as later, later.client("network", "board") as client:
        sitting = await sat(client, 20, {"matter_id": measure["id"], "outcome": "pronounced"})
        assert (await act(client, sitting, "/close")).status_code == 200
        assert (await client.get(stays)).json()["status"] == "suspended"
        assert [one["code"] for one in await refusal(client, pair)] == ["standing_changed_since"]
        assert (await client.get(goes)).json()["code"] == "merged_into"
