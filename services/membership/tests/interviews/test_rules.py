"""The yearly interview: one to come in a year, who may have been there, and until when it moves. ADR 0029."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.errors import Refusal, obstacle
from membership.contacts.domain import Person
from membership.interviews.domain import (
    Interview,
    InterviewAlreadyPlanned,
    InterviewCancelled,
    InterviewInFuture,
    InterviewMode,
    InterviewSettled,
    InterviewState,
    ParticipantUnknown,
    Record,
    cancel,
    move,
    record,
    require_free,
    require_participants,
)

DAY = date(2026, 12, 1)
PLANNED = Interview(UUID(int=1), UUID(int=2), InterviewMode.REMOTE, DAY, DAY, datetime(2026, 11, 22, tzinfo=UTC), "d")
HELD = replace(PLANNED, state=InterviewState.HELD, held_on=DAY)
CANCELLED = replace(PLANNED, state=InterviewState.CANCELLED)


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


def told(held_on: date) -> Record:
    return Record(held_on, InterviewMode.REMOTE, "d", None, (), None)


@pytest.mark.parametrize(
    ("other", "year", "refusal"),
    [
        pytest.param(PLANNED, 2026, InterviewAlreadyPlanned, id="un autre est prévu cette année"),
        pytest.param(PLANNED, 2027, None, id="l'an prochain"),
        pytest.param(HELD, 2026, None, id="un autre s'est tenu : un second se prévoit"),
        pytest.param(CANCELLED, 2026, None, id="un autre est annulé"),
    ],
)
def test_one_interview_is_to_come_in_a_year(other: Interview, year: int, refusal: type[Refusal] | None) -> None:
    assert found(lambda: require_free([other], year)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("interview", "year"),
    [
        pytest.param(PLANNED, 2026, id="prévu : l'année où il l'est"),
        pytest.param(replace(HELD, held_on=date(2027, 1, 4)), 2027, id="tenu : l'année où il s'est tenu"),
    ],
)
def test_the_year_it_counts_for(interview: Interview, year: int) -> None:
    assert interview.year == year


@pytest.mark.parametrize(
    ("interview", "held_on", "refusal"),
    [
        pytest.param(PLANNED, DAY, None, id="aujourd'hui"),
        pytest.param(PLANNED, DAY + timedelta(1), InterviewInFuture, id="demain"),
        pytest.param(HELD, DAY, None, id="ce qui en fut dit se corrige"),
        pytest.param(CANCELLED, DAY, InterviewCancelled, id="annulé"),
    ],
)
def test_what_is_recorded_was_held(interview: Interview, held_on: date, refusal: type[Refusal] | None) -> None:
    assert found(lambda: record(interview, told(held_on), DAY)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("interview", "day", "moves"),
    [
        pytest.param(PLANNED, DAY + timedelta(1), 1, id="un autre jour"),
        pytest.param(PLANNED, DAY, 0, id="le même jour : rien"),
        pytest.param(HELD, DAY + timedelta(1), InterviewSettled, id="tenu"),
        pytest.param(CANCELLED, DAY + timedelta(1), InterviewSettled, id="annulé"),
    ],
)
def test_when_it_moves(interview: Interview, day: date, moves: int | type[Refusal]) -> None:
    if isinstance(moves, int):
        moved = move(interview, day)
        assert (moved.moves, moved.planned_on, moved.first_planned_on) == (moves, day, DAY)
    else:
        assert found(lambda: move(interview, day)) is moves


@pytest.mark.parametrize(
    ("person", "refusal"),
    [
        pytest.param(Person(UUID(int=5), PLANNED.member_id, "N"), None, id="quelqu'un de la structure"),
        pytest.param(Person(UUID(int=5), UUID(int=9), "N"), ParticipantUnknown, id="quelqu'un d'une autre"),
        pytest.param(Person(UUID(int=5), PLANNED.member_id, None), ParticipantUnknown, id="une personne effacée"),
        pytest.param(Person(UUID(int=6), PLANNED.member_id, "N"), ParticipantUnknown, id="inconnue"),
    ],
)
def test_who_may_have_been_there(person: Person, refusal: type[Refusal] | None) -> None:
    people = {person.contact_id: person}
    assert found(lambda: require_participants([UUID(int=5)], people, PLANNED.member_id)) is (refusal or type(None))


def test_a_cancelled_interview_is_of_no_day_and_stays_so() -> None:
    assert cancel(HELD, "dit par erreur").held_on is None
    with pytest.raises(InterviewCancelled):
        cancel(CANCELLED, "x")
