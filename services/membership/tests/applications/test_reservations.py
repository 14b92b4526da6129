"""What the board asks for with an admission: by which day, outstanding, overdue, lifted.

Decided in ADR 0021.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from membership.applications.domain import (
    Application,
    ApplicationStatus,
    Lifting,
    LiftingDayInconsistent,
    Reservation,
    ReservationLifted,
    ReservationNotFound,
    has_standing_reservation,
    lift,
    reservation_kept,
    reservation_of,
    takes_documents,
)

from ..members.test_dates import TODAY, on
from ..members.test_register import admit, receive, structure
from ..sittings.test_minutes import act, sitting
from .test_applications import send

DECIDED, TODAY_THEN = date(2026, 3, 1), date(2026, 6, 2)
DONE = Lifting(date(2026, 5, 12), "somebody", "Reçus.")
DUE = date(2026, 6, 1)


def application(*reservations: Reservation, status: ApplicationStatus = ApplicationStatus.ADMITTED) -> Application:
    decided_on = None if status is ApplicationStatus.OPEN else DECIDED
    return Application(
        UUID(int=1), UUID(int=2), date(2026, 1, 1), status, decided_on=decided_on, reservations=reservations
    )


@pytest.mark.parametrize(
    ("reservations", "stands"),
    [
        pytest.param([], False, id="sans réserve"),
        pytest.param([Reservation("a")], True, id="une réserve"),
        pytest.param([Reservation("a", DUE, DONE)], False, id="levée"),
        pytest.param([Reservation("a", lifting=DONE), Reservation("b")], True, id="une levée sur deux"),
    ],
)
def test_documents_are_taken_while_one_stands(reservations: list[Reservation], stands: bool) -> None:
    admitted = application(*reservations)
    assert (has_standing_reservation(admitted), takes_documents(admitted)) == (stands, stands)


@pytest.mark.parametrize(
    ("reservation", "today", "overdue"),
    [
        pytest.param(Reservation("a", DUE), DUE, False, id="son dernier jour"),
        pytest.param(Reservation("a", DUE), DUE + timedelta(days=1), True, id="le lendemain"),
        pytest.param(Reservation("a", DUE, DONE), DUE + timedelta(days=1), False, id="levée"),
        pytest.param(Reservation("a"), date(2030, 1, 1), False, id="sans jour"),
    ],
)
def test_which_is_overdue(reservation: Reservation, today: date, overdue: bool) -> None:
    assert reservation.is_overdue(today) is overdue


@pytest.mark.parametrize(
    ("number", "on_day", "refusal"),
    [
        pytest.param(1, DECIDED, None, id="le jour de la séance"),
        pytest.param(1, TODAY_THEN, None, id="aujourd'hui, après son jour"),
        pytest.param(1, DECIDED - timedelta(days=1), LiftingDayInconsistent, id="la veille de la séance"),
        pytest.param(1, TODAY_THEN + timedelta(days=1), LiftingDayInconsistent, id="demain"),
        pytest.param(2, TODAY_THEN, ReservationLifted, id="déjà levée"),
        pytest.param(0, TODAY_THEN, ReservationNotFound, id="la zéroième"),
        pytest.param(3, TODAY_THEN, ReservationNotFound, id="une de trop"),
    ],
)
def test_a_reservation_is_lifted_once(number: int, on_day: date, refusal: type[Refusal] | None) -> None:
    admitted = application(Reservation("a", DUE), Reservation("b", lifting=DONE))
    lifting = Lifting(on_day, "somebody")
    if refusal is None:
        lifted = lift(admitted, number, lifting, TODAY_THEN)
        assert lifted.reservations == (Reservation("a", DUE, lifting), Reservation("b", lifting=DONE))
        assert lifted.version == admitted.version + 1
    else:
        with pytest.raises(refusal):
            lift(admitted, number, lifting, TODAY_THEN)


@pytest.mark.parametrize(
    ("reservation", "kept"),
    [
        pytest.param(Reservation("a"), "a", id="un texte seul, comme avant"),
        pytest.param(Reservation("a", DUE), {"text": "a", "due_on": "2026-06-01"}, id="avec son jour"),
        pytest.param(
            Reservation("a", lifting=DONE),
            {"text": "a", "lifted_on": "2026-05-12", "lifted_by": "somebody", "remark": "Reçus."},
            id="levée, sans jour",
        ),
    ],
)
def test_it_is_kept_and_read_again(reservation: Reservation, kept: str | dict[str, Any]) -> None:
    assert reservation_kept(reservation) == kept
    assert reservation_of(kept) == reservation


async def names(client: httpx.AsyncClient, **params: Any) -> list[str]:
    return [one["name"] for one in (await client.get("/applications", params=params)).json()["items"]]


async def test_reservations_are_followed_until_the_last_is_lifted(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        asked = ["Convention à jour", {"text": "Statuts signés", "due_on": on(30)}]
        for number, (name, reservations) in enumerate({"A": asked, "B": ["pièces"]}.items()):
            admission = await receive(client, **structure(name))
            await admit(client, admission, f"PV-{number}", reservations=reservations)
            if name == "A":
                path = f"/applications/{admission['id']}"
        await receive(client, **structure("C"))
        found = (await client.get(path)).json()
        assert [(one["number"], one["text"], one["due_on"], one["stands"]) for one in found["reservations"]] == [
            (1, "Convention à jour", None, True),
            (2, "Statuts signés", on(30), True),
        ]
        assert found["allowed_actions"] == ["send_document", "check_document", "lift_reservation"]
        assert await names(client, reservations_stand=True) == ["A", "B"]
        assert await names(client, reservations_stand=False) == ["C"]
        assert await names(client, reservations_overdue=True) == []
        without = await client.post(f"{path}/reservations/2/lift", json={})
        assert (without.status_code, without.json()["code"]) == (428, "if_match_missing")
        early = await act(client, path, "POST", "reservations/2/lift", lifted_on=on(-1))
        assert (early.status_code, early.json()["code"]) == (400, "lifting_day_inconsistent")
        unknown = await act(client, path, "POST", "reservations/3/lift")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "reservation_not_found")
    async with membership.days_later(31) as later, later.client("network") as client:
        assert await names(client, reservations_overdue=True) == ["A"]
        assert await names(client, reservations_overdue=False) == ["B", "C"]
        assert [one["overdue"] for one in (await client.get(path)).json()["reservations"]] == [False, True]
        lifted = await act(client, path, "POST", "reservations/2/lift", lifted_on=on(29), remark="Reçus par courrier.")
        assert lifted.status_code == 200, lifted.text
        [_, statutes] = lifted.json()["reservations"]
        assert (statutes["stands"], statutes["overdue"], statutes["lifted_on"]) == (False, False, on(29))
        assert (statutes["remark"], statutes["lifted_by"]) == ("Reçus par courrier.", "test-network")
        again = await act(client, path, "POST", "reservations/2/lift")
        assert (again.status_code, again.json()["code"]) == (409, "reservation_lifted")
        assert (await send(client, path)).status_code == 201, "another one stands"
        last = await act(client, path, "POST", "reservations/1/lift")
        assert (last.json()["reservations"][0]["lifted_on"], last.json()["allowed_actions"]) == (on(31), [])
        assert (await send(client, path)).json()["code"] == "application_decided"
        assert await names(client, reservations_stand=True) == ["B"]
        assert await names(client, reservations_overdue=True) == []


async def test_the_vote_says_them_and_so_do_the_minutes(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        admission = {
            "matter_id": (await receive(client, **structure("A")))["id"],
            "outcome": "admitted",
            "votes_for": 3,
            "reservations": ["Convention à jour", {"text": "Statuts signés", "due_on": on(30)}, {"text": "RIB"}],
        }
        late = {**admission, "reservations": [{"text": "Statuts signés", "due_on": on(-1)}]}
        refused = await act(client, path, "POST", "decisions", decisions=[late])
        assert (refused.status_code, refused.json()["code"]) == (400, "effective_before_sitting")
        voted = await act(client, path, "POST", "decisions", decisions=[admission])
        [decision] = voted.json()["decisions"]
        assert decision["reservations"] == [*admission["reservations"][:2], "RIB"], "read as it was sent"
        etag = (await client.get(path)).headers["etag"]
        moved = await client.patch(path, json={"held_on": on(31)}, headers={"If-Match": etag})
        assert moved.json()["code"] == "effective_before_sitting"
        assert (await act(client, path, "POST", "close")).status_code == 200
    [row] = await membership.rows("SELECT minutes FROM sitting")
    [said, dated, _] = row.minutes["decisions"][0]["reservations"]
    assert said == "Convention à jour"
    assert dated.startswith("Statuts signés (au plus tard le ")


async def test_a_structure_reads_its_own_and_lifts_none(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        admission = await receive(client, **structure("A"))
        path = f"/applications/{admission['id']}"
        await admit(client, admission)
    for role, claims in (
        ("member", {"member_id": UUID(admission["member_id"])}),
        ("delegation", {"delegation": "occitanie"}),
    ):
        async with membership.client(role, **claims) as client:
            shown = (await client.get(path)).json()
            assert [one["text"] for one in shown["reservations"]] == ["pièces"]
            assert "lift_reservation" not in shown["allowed_actions"]
            assert (await act(client, path, "POST", "reservations/1/lift")).status_code == 403
    assert date.fromisoformat(admission["received_on"]) == TODAY
