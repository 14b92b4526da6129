"""What other capabilities keep of a duplicate: the declarations and the assessments of one structure, whole."""

from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from common.contracts.membership import ActivityCorrected
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.applications import repository as applications
from membership.applications.domain import Application
from membership.duplicates.domain import FormState, Side, forms_blockers, settle_forms

from ..accompaniments.test_catalogue import listed as rows_of
from ..accompaniments.test_catalogue import offered
from ..accompaniments.test_catalogue import opened as slots_opened
from ..applications.test_withdrawing import withdrawn
from ..assemblies.test_assembly import person_of
from ..assessments.test_alone import opened as assessed
from ..board.test_takeover import seat
from ..bookings.test_bookings import PATH as BOOKINGS
from ..bookings.test_bookings import WITHIN_A_YEAR, booked
from ..declarations.test_declaring import FIGURES, declared, form, make, opened, put
from ..departures.test_departures import joined
from ..directory.test_entries import agree, fill, public, stop
from ..interviews.test_interviews import held
from ..meetings.test_meetings import invited, meeting
from ..members.test_dates import TODAY, on
from ..members.test_register import receive, structure
from ..sittings.test_minutes import act
from .conftest import Twins
from .test_merging import asked, id_of, merge, planned, reported, undo
from .test_undoing import what_is_kept


async def test_each_year_declared_under_either_is_the_structure_s(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
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


OTHERS = {**FIGURES, "total_operating_income": "751164.00"}


async def state_of(client: httpx.AsyncClient, path: str) -> tuple[str, str]:
    """Return where a structure's form of the year stands, and the income that was declared in it."""
    shown = (await client.get(form(path))).json()
    [income] = [one["value"] for one in shown["figures"] if one["code"] == "total_operating_income"]
    return shown["state"], income


async def test_what_one_record_has_begun_gives_way_to_what_the_other_declared(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    """Emptied or not, a draft was told to nobody: it is dropped, whichever record it is of, and its undoing gives it
    back."""
    async with membership.client("network", "board") as client:
        one, other = twins
        await opened(client, 2025)
        await declared(client, form(one), FIGURES)
        for begun in ({}, {"turnover@ai": "1"}):
            await put(client, form(other), begun)
            before = await membership.rows("SELECT * FROM activity_declaration ORDER BY id")
            for stays, goes in ((one, other), (other, one)):
                plan = await planned(client, stays, goes)
                [year] = plan["declarations"]
                assert (year["stands"], year["to_choose"]) == ("stays" if stays == one else "goes", False)
                assert plan["blockers"] == []
                pair = await merge(client, stays, goes)
                assert (await state_of(client, stays)) == ("declared", "748664.00")
                assert (await undo(client, pair)).status_code == 200
                assert await membership.rows("SELECT * FROM activity_declaration ORDER BY id") == before


async def may_apply(client: httpx.AsyncClient, path: str) -> bool:
    return "apply_again" in (await client.get(path)).json()["allowed_actions"]


async def candidates(client: httpx.AsyncClient) -> tuple[str, str, dict[str, Any]]:
    """Return a structure whose application was taken back, its duplicate, and the application that this one has."""
    before, after = await receive(client, **structure("Régain")), await receive(client, **structure("Regain"))
    assert (await withdrawn(client, before)).status_code == 200
    return f"/members/{before['member_id']}", f"/members/{after['member_id']}", after


async def test_an_application_to_be_decided_is_known_of_the_record_that_has_it(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes, application = await candidates(client)
        assert (await may_apply(client, stays), await may_apply(client, goes)) == (True, False)
        pair = await merge(client, stays, goes)
        assert not await may_apply(client, stays)
        again = await client.post("/applications/again", json={"member_id": id_of(stays)})
        assert (again.status_code, again.json()["code"]) == (409, "application_already_open")
        assert (await undo(client, pair)).status_code == 200
        assert (await may_apply(client, stays), await may_apply(client, goes)) == (True, False)
        await merge(client, stays, goes)
        assert (await withdrawn(client, application)).status_code == 200
        assert await may_apply(client, stays)
        assert (await undo(client, pair)).status_code == 200
        assert (await may_apply(client, stays), await may_apply(client, goes)) == (True, True)


async def test_an_application_that_came_late_to_a_duplicate_is_known_of_the_record_that_stays(
    membership: ServiceUnderTest,
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes, application = await candidates(client)
        assert (await withdrawn(client, application)).status_code == 200
        await merge(client, stays, goes)
        async with membership.runtime.database.transaction(Actor("test")) as tx:
            late = Application(UUID(int=8), UUID(id_of(goes)), TODAY)
            await applications.add(tx, [late])
        assert await may_apply(client, stays)
        await client.post("/duplicates/search")
        await membership.run_jobs()
        assert not await may_apply(client, stays)


async def test_of_two_declarations_of_one_year_somebody_says_which_stands(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        await opened(client, 2025)
        await declared(client, form(stays), FIGURES)
        await declared(client, form(goes), OTHERS)
        pair = await reported(client, stays, goes)
        refused = await client.post(f"{pair}/merge", json=await asked(client, stays, goes))
        assert [one["code"] for one in refused.json()["blockers"]] == ["declaration_to_choose"]
        assert "2025" in refused.json()["detail"]
        await merge(client, stays, goes, declared_by_stays=[2025])
        assert await state_of(client, stays) == ("declared", "748664.00")
        assert (await undo(client, pair)).status_code == 200
        assert (await state_of(client, stays), await state_of(client, goes)) == (
            ("declared", "748664.00"),
            ("declared", "751164.00"),
        )
        await merge(client, stays, goes, declared_by_goes=[2025])
        assert await state_of(client, stays) == ("corrected", "751164.00")
        assert (await undo(client, pair)).status_code == 200
        assert (await state_of(client, stays), await state_of(client, goes)) == (
            ("corrected", "748664.00"),
            ("declared", "751164.00"),
        )
        await merge(client, stays, goes, declared_by_goes=[2025])
        await put(client, form(stays), FIGURES)
        await make(client, form(stays), "correct", reason="comptes arrêtés")
        assert [one["code"] for one in (await undo(client, pair)).json()["blockers"]] == ["declared_since"]
    told = [fact for fact in await membership.published() if isinstance(fact, ActivityCorrected)]
    revisions = [(fact.state.revision, f"{fact.state.total_operating_income:f}") for fact in told]
    assert revisions[:2] == [(2, "751164.00"), (3, "748664.00")], "whoever was told of the one is told of the other"


@pytest.mark.parametrize(
    ("of_stays", "of_goes", "chosen", "stands"),
    [
        pytest.param("declared", "draft", None, Side.STAYS, id="déclarée, l'autre commencée"),
        pytest.param("empty", "declared", None, Side.GOES, id="vidée, l'autre déclarée"),
        pytest.param("empty", "draft", None, Side.GOES, id="vidée, l'autre commencée"),
        pytest.param("empty", "empty", None, Side.STAYS, id="vidées"),
        pytest.param("declared", "declared", None, None, id="deux déclarées : à choisir"),
        pytest.param("declared", "declared", Side.GOES, Side.GOES, id="deux déclarées : la choisie"),
        pytest.param("draft", "draft", None, None, id="deux commencées : à choisir"),
        pytest.param("declared", "draft", Side.GOES, Side.STAYS, id="un brouillon ne l'emporte pas"),
    ],
)
def test_which_declaration_of_a_year_stands(
    of_stays: str, of_goes: str, chosen: Side | None, stands: Side | None
) -> None:
    forms = {2025: (FormState(of_stays), FormState(of_goes))}
    [year] = settle_forms(forms, {2025: chosen} if chosen else {})
    assert (year.stands, len(forms_blockers([year]))) == (stands, int(stands is None))


def step(**fields: str) -> dict[str, str]:
    return {"text": "Envoyer le modèle", "due_on": on(30), **fields}


async def test_what_is_written_since_under_a_carried_row_goes_back_with_it(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        interview = id_of(await held(client, id_of(goes)))
        pair = await merge(client, stays, goes)
        added = await client.post("/next-steps", json=step(interview_id=interview))
        assert added.status_code == 201, added.text
        assert (await undo(client, pair)).status_code == 200
    rows = await membership.rows("SELECT member_id FROM next_step UNION ALL SELECT member_id FROM interview")
    assert [str(row.member_id) for row in rows] == [id_of(goes)] * 2


@pytest_asyncio.fixture
async def listed(membership: ServiceUnderTest, twins: Twins) -> tuple[str, str]:
    """Two records of one structure, of which the one that goes is in the public directory."""
    stays, goes = twins
    async with membership.client("member", member_id=UUID(id_of(goes))) as own:
        await fill(own, id_of(goes))
        await agree(own, id_of(goes), "listed", "presentation", "phone")
    return stays, goes


async def test_the_directory_shows_the_structure_that_stays(
    membership: ServiceUnderTest, listed: tuple[str, str]
) -> None:
    stays, goes = listed
    before = await membership.rows(f"{ENTRIES} ORDER BY 1, 2")
    async with membership.client("network", "board") as client:
        assert "fiche d'annuaire" in [one["label"] for one in (await planned(client, stays, goes))["carried"]]
        pair = await merge(client, stays, goes)
        assert (await public(membership, id_of(stays)))["presentation"].startswith("Nous entretenons")
        assert (await public(membership, id_of(stays)))["email"] is None
        assert await public(membership, id_of(goes)) is None
        assert (await undo(client, pair)).status_code == 200
        assert await membership.rows(f"{ENTRIES} ORDER BY 1, 2") == before
        assert await public(membership, id_of(stays)) is None
        assert (await public(membership, id_of(goes)))["phone"] == "05 61 00 00 00"


async def test_an_entry_given_back_is_shown_with_no_more_consent_than_it_had(
    membership: ServiceUnderTest, listed: tuple[str, str]
) -> None:
    stays, goes = listed
    async with membership.client("network", "board") as client:
        pair = await merge(client, stays, goes)
    async with membership.client("member", member_id=UUID(id_of(stays))) as own:
        await fill(own, id_of(stays), presentation="Nous cuisinons.")
        await agree(own, id_of(stays), "email")
        await stop(own, id_of(stays), "phone")
    async with membership.client("network", "board") as client:
        assert (await undo(client, pair)).status_code == 200
        back = await public(membership, id_of(goes))
        assert (back["presentation"], back["phone"], back["email"]) == (
            "Nous entretenons les espaces verts des communes.",
            None,
            None,
        )
        assert await public(membership, id_of(stays)) is None
        own_entry = (await client.get(f"/directory-entries/{id_of(stays)}")).json()
        assert (own_entry["presentation"], [one["field"] for one in own_entry["fields"] if one["consented"]]) == (
            "Nous cuisinons.",
            ["email"],
        )
        # The one that stays has an entry now: the other's is left where it is.
        await merge(client, stays, goes)
        assert await public(membership, id_of(stays)) is None


ENTRIES = "SELECT member_id::text, version, consented::text, phone FROM directory_entry"


async def test_an_assessment_under_way_is_carried_unless_both_have_one(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
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
    membership: ServiceUnderTest, twins: Twins, stays_was: str, goes_was: str, becomes: str
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        path = await meeting(client, departments=["31"])
        told = [{"member_id": id_of(one), "presence": was} for one, was in ((stays, stays_was), (goes, goes_was))]
        assert (await act(client, path, "POST", "record", attendance=told)).status_code == 200
        before = await what_is_kept(membership)
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
        after = await what_is_kept(membership)
        changed = {name for name, rows in after.items() if rows != before[name]}
        assert changed <= {"duplicate_search"}, changed


async def test_what_was_told_of_a_meeting_since_the_merge_stands(membership: ServiceUnderTest, twins: Twins) -> None:
    """Nobody sees the line of the record that goes any more: correcting the others leaves it as it was."""
    async with membership.client("network", "board") as client:
        stays, goes = twins
        path = await meeting(client, departments=["31"])
        told = [{"member_id": id_of(one), "presence": was} for one, was in ((stays, "invited"), (goes, "excused"))]
        assert (await act(client, path, "POST", "record", attendance=told)).status_code == 200
        pair = await merge(client, stays, goes)
        corrected = [{"member_id": id_of(stays), "presence": "present"}]
        assert (await act(client, path, "POST", "record", attendance=corrected)).status_code == 200
        assert (await undo(client, pair)).status_code == 200
        assert await invited(client, path) == {"Régain": "present", "Regain": "excused"}


async def test_an_accompaniment_that_both_had_free_is_carried_without_its_year(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        offer = await offered(client)
        slots = await slots_opened(client, offer, WITHIN_A_YEAR, ends="12:00")
        paths = [await booked(client, slots[0], id_of(stays)), await booked(client, slots[1], id_of(goes))]
    async with membership.days_later(WITHIN_A_YEAR + 1) as later, later.client("network", "board") as client:
        for path in paths:
            assert (await act(client, path, "POST", "hold")).status_code == 200
        before = await what_is_kept(later)
        pair = await merge(client, stays, goes)
        found = await rows_of(client, BOOKINGS, member_id=id_of(stays))
        year = int(slots[0]["starts_at"][:4])
        assert sorted((one["state"], one["free_year"]) for one in found if one["free_year"]) == [("held", year)]
        assert [(one["state"], one["id"]) for one in found if not one["free_year"]] == [("held", id_of(paths[1]))]
        assert (await client.get(paths[1])).json()["name"] == "Régain"
        assert (await undo(client, pair)).status_code == 200
        after = await what_is_kept(later)
        assert {name: rows for name, rows in after.items() if rows != before[name]} == {}


async def test_a_seat_of_the_employees_stands_beside_that_of_the_structure(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    employees = {"scope": "employees", "code": "employees"}
    async with membership.client("network", "board") as client:
        stays, goes = twins

        async def sits(path: str, name: str, **fields: str) -> str:
            contact_id = await person_of(client, id_of(path), name)
            body = seat(member_id=id_of(path), contact_id=contact_id, since=on(0), **fields)
            given = await client.post("/board/mandates", json=body)
            assert given.status_code == 201, given.text
            return str(given.json()["id"])

        await sits(stays, "PRÉSIDENTE")
        employee = await sits(goes, "SALARIÉE", **employees)
        await sits(stays, "SALARIÉ", **employees)
        pair = await merge(client, stays, goes)
        assert (await client.get(f"/board/mandates/{employee}")).json()["member_id"] == id_of(stays)
        assert (await undo(client, pair)).status_code == 200
        await sits(goes, "PRÉSIDENT")
        [refused] = (await planned(client, stays, goes))["blockers"]
        assert (refused["code"], "(occitanie)" in refused["message"]) == ("both_on_board", True)
