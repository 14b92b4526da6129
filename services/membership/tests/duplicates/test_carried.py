"""What other capabilities keep of a duplicate: the declarations and the assessments of one structure, whole."""

from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest

from ..accompaniments.test_catalogue import listed, offered
from ..accompaniments.test_catalogue import opened as slots_opened
from ..assessments.test_alone import opened as assessed
from ..bookings.test_bookings import PATH as BOOKINGS
from ..bookings.test_bookings import WITHIN_A_YEAR, booked
from ..declarations.test_declaring import FIGURES, declared, form, make, opened, put
from ..departures.test_departures import joined
from ..meetings.test_meetings import invited, meeting
from ..members.test_dates import on
from ..sittings.test_minutes import act
from .test_merging import asked, id_of, merge, reported, undo
from .test_undoing import rows_of_every_table


async def test_each_year_declared_under_either_is_the_structure_s(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
        await opened(client, 2024, 2025)
        await declared(client, form(stays, 2024), FIGURES)
        await declared(client, form(goes, 2025), FIGURES)
        pair = await merge(client, stays, goes)
        assert [(await client.get(form(stays, year))).json()["state"] for year in (2024, 2025)] == ["declared"] * 2
        assert (await client.get(form(goes))).json()["code"] == "merged_into"
        assert (await undo(client, pair)).status_code == 200
        assert (await client.get(form(stays))).json()["state"] == "not_started"
        assert (await client.get(form(goes))).json()["state"] == "declared"
        await merge(client, stays, goes)
        await put(client, form(stays), {**FIGURES, "turnover@ai": "612400.51"})
        corrected = await make(client, form(stays), "correct", reason="comptes arrêtés")
        assert corrected.status_code == 200, corrected.text
        refused = await undo(client, pair)
        assert [one["code"] for one in refused.json()["blockers"]] == ["declared_since"]


async def test_two_forms_of_one_year_are_settled_first(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
        await opened(client, 2025)
        await declared(client, form(stays), FIGURES)
        await put(client, form(goes), {"turnover@ai": "1"})
        pair = await reported(client, stays, goes)
        refused = await client.post(f"{pair}/merge", json=await asked(client, stays, goes))
        assert [one["code"] for one in refused.json()["blockers"]] == ["both_declared"]
        assert "(2025)" in refused.json()["detail"]
        etag = (await client.get(form(goes))).headers["etag"]
        dropped = await client.delete(f"{form(goes)}/draft", headers={"If-Match": etag})
        assert dropped.status_code < 300, dropped.text
        done = await client.post(f"{pair}/merge", json=await asked(client, stays, goes))
        assert done.status_code == 200, done.text
        assert (await client.get(form(stays))).json()["state"] == "declared"


async def test_an_assessment_under_way_is_carried_unless_both_have_one(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
        third = await joined(client, "REGAIN")
    for path in (goes, third):
        async with membership.client("member", member_id=UUID(id_of(path))) as own:
            await assessed(own)
    async with membership.client("network", "board") as client:
        await merge(client, stays, goes)
        pair = await reported(client, stays, third)
        refused = await client.post(f"{pair}/merge", json=await asked(client, stays, third))
        assert [one["code"] for one in refused.json()["blockers"]] == ["both_assessing"]
    async with membership.client("member", member_id=UUID(id_of(stays))) as own:
        assert len((await own.get("/assessments")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("stays_was", "goes_was", "becomes"),
    [
        pytest.param("absent", "present", "present", id="le doublon est venu"),
        pytest.param("excused", "absent", "excused", id="celui qui reste s'est excusé"),
        pytest.param("invited", "absent", "absent", id="on ne savait rien de celui qui reste"),
        pytest.param("present", "excused", "present", id="celui qui reste est venu"),
    ],
)
async def test_of_two_presences_the_stronger_is_the_structure_s(
    membership: ServiceUnderTest, stays_was: str, goes_was: str, becomes: str
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
        path = await meeting(client, departments=["31"])
        told = [{"member_id": id_of(one), "presence": was} for one, was in ((stays, stays_was), (goes, goes_was))]
        assert (await act(client, path, "POST", "record", attendance=told)).status_code == 200
        before = await rows_of_every_table(membership)
        pair = await merge(client, stays, goes)
        assert await invited(client, path) == {"Régain": becomes}
        presences = (await client.get(path)).json()["presences"]
        assert {name: count for name, count in presences.items() if count} == {becomes: 1}
        year = (await client.get(f"/encounters/{on(0)[:4]}")).json()["count"]
        assert (year["members"], year["met"], year["by_meeting"]) == (1, becomes == "present", becomes == "present")
        await client.post("/duplicates/search")
        await membership.run_jobs()
        assert (await undo(client, pair)).status_code == 200
        assert await invited(client, path) == {"Régain": stays_was, "Regain": goes_was}
        after = await rows_of_every_table(membership)
        changed = {name for name, rows in after.items() if rows != before[name]}
        assert changed <= {"duplicate_search"}, changed


async def test_an_accompaniment_that_both_had_free_is_carried_without_its_year(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
        offer = await offered(client)
        slots = await slots_opened(client, offer, WITHIN_A_YEAR, ends="12:00")
        paths = [await booked(client, slots[0], id_of(stays)), await booked(client, slots[1], id_of(goes))]
    async with membership.days_later(WITHIN_A_YEAR + 1) as later, later.client("network", "board") as client:
        for path in paths:
            assert (await act(client, path, "POST", "hold")).status_code == 200
        before = await rows_of_every_table(later)
        pair = await merge(client, stays, goes)
        found = await listed(client, BOOKINGS, member=id_of(stays))
        year = int(slots[0]["starts_at"][:4])
        assert sorted((one["state"], one["free_year"]) for one in found if one["free_year"]) == [("held", year)]
        assert [(one["state"], one["id"]) for one in found if not one["free_year"]] == [("held", id_of(paths[1]))]
        assert (await client.get(paths[1])).json()["name"] == "Régain"
        assert (await undo(client, pair)).status_code == 200
        after = await rows_of_every_table(later)
        assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
