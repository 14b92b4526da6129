"""Departmental meetings: in which departments, until when they change, and how often their day moved.

A delegation's departments are those of the federation's list (rapport d'activité 2024); the rest is decided in
ADR 0029.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from common.errors import Refusal, obstacle
from membership.meetings.domain import (
    DepartmentOutside,
    Invitation,
    InviteeUnknown,
    Meeting,
    MeetingCancelled,
    MeetingDelegationUnknown,
    MeetingInFuture,
    MeetingPresence,
    MeetingSettled,
    MeetingState,
    amend,
    attendance,
    called_again,
    cancel,
    move,
    record,
    require_departments,
)
from membership.territory.queries import load_territory

DAY = date(2026, 12, 1)
MEETING = Meeting(
    UUID(int=1), "occitanie", ("31",), "Rencontre", DAY, DAY, None, None, None,
    datetime(2026, 11, 22, tzinfo=UTC), "d",
)  # fmt: skip
HELD, CANCELLED = (replace(MEETING, state=state) for state in (MeetingState.HELD, MeetingState.CANCELLED))
ONE = UUID(int=11)


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


@pytest.mark.parametrize(
    ("delegation", "departments", "refusal"),
    [
        pytest.param("occitanie", ["31", "82"], None, id="deux des siens"),
        pytest.param("occitanie", ["31", "33"], DepartmentOutside, id="la Gironde n'en est pas"),
        pytest.param("grand-est", ["67"], MeetingDelegationUnknown, id="aucune délégation en Grand Est"),
    ],
)
def test_a_delegation_meets_in_its_departments(
    delegation: str, departments: list[str], refusal: type[Refusal] | None
) -> None:
    delegations = load_territory().delegations
    assert found(lambda: require_departments(delegations, delegation, departments)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("meeting", "changed", "told"),
    [
        pytest.param(MEETING, None, None, id="prévue : tout change, et elle se consigne"),
        pytest.param(HELD, MeetingSettled, None, id="tenue : rien ne bouge, mais ce qui en est dit se corrige"),
        pytest.param(CANCELLED, MeetingSettled, MeetingCancelled, id="annulée : plus rien"),
    ],
)
def test_what_changes_at_which_moment(
    meeting: Meeting, changed: type[Refusal] | None, told: type[Refusal] | None
) -> None:
    for act in (
        lambda: amend(meeting, {"subject": "Autre"}),
        lambda: move(meeting, DAY, None, None, "Albi"),
        lambda: called_again(meeting),
    ):
        assert found(act) is (changed or type(None))
    for act in (lambda: record(meeting, None, DAY, "d"), lambda: cancel(meeting, "grève")):
        assert found(act) is (told or type(None))


@pytest.mark.parametrize(
    ("day", "starts_at", "moves"),
    [
        pytest.param(DAY + timedelta(1), None, 1, id="un autre jour"),
        pytest.param(DAY, time(14), 0, id="une autre heure du même jour : pas un report"),
    ],
)
def test_how_often_its_day_moved(day: date, starts_at: time | None, moves: int) -> None:
    moved = move(MEETING, day, starts_at, None, None)
    assert (moved.moves, moved.day, moved.starts_at, moved.first_day) == (moves, day, starts_at, DAY)


@pytest.mark.parametrize(
    ("today", "refusal"),
    [
        pytest.param(DAY, None, id="le jour même"),
        pytest.param(DAY - timedelta(1), MeetingInFuture, id="la veille"),
    ],
)
def test_it_is_recorded_from_its_day_on(today: date, refusal: type[Refusal] | None) -> None:
    assert found(lambda: record(MEETING, "compte rendu", today, "d")) is (refusal or type(None))


def test_who_was_not_called_is_not_said_to_be_invited() -> None:
    with pytest.raises(InviteeUnknown) as refused:
        attendance({}, {ONE: MeetingPresence.INVITED})
    assert refused.value.extra["members"] == [str(ONE)]
    assert attendance({ONE: Invitation()}, {ONE: MeetingPresence.INVITED}) == {ONE: Invitation()}
