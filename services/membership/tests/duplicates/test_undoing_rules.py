"""What was built on a merge since, and so stands against its undoing: the rule, case by case.

Decided in ADR 0032.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.errors import Blocker
from membership.contacts.domain import Keeping, Seat, Trace, seat_of
from membership.duplicates.domain import Merge, Returning, undo_blockers
from membership.members.domain import Entry, Member, Subject, Topic, Value

from .test_rules import ACTIVE, GOES, STAYS, TODAY

DONE = datetime(2026, 11, 2, 9, tzinfo=UTC)
MERGE = Merge(UUID(int=5), UUID(int=6), STAYS.id, GOES.id, "saisie deux fois", DONE, date(2026, 12, 2))
OURS, THEIRS = UUID(int=31), UUID(int=32)
"""Somebody of the record that stays, and somebody whom the merge carried to it."""
TOMORROW = TODAY + timedelta(days=1)


def entry(
    subject: Subject, minutes: int, source: str | None = None, *, day: date = TODAY, value: Value | None = None
) -> Entry:
    recorded_at = DONE + timedelta(minutes=minutes)
    said = {"at": minutes} if value is None else value
    return Entry(UUID(int=1000 + minutes), STAYS.id, subject, day, recorded_at, "x", said, source=source)


def held_by(person: UUID, seat: Seat, minutes: int, source: str | None = None, day: date = TODAY) -> Entry:
    return entry(seat_of(seat), minutes, source, day=day, value={"contact_id": str(person)})


def stands(status: str, minutes: int, day: date = TODAY) -> Entry:
    return entry(Subject(Topic.STATUS), minutes, day=day, value={"status": status})


def undoing(
    *since: Entry,
    stays: Member = STAYS,
    goes: Member = GOES,
    declared: bool = False,
    returning: Returning = Returning(people={THEIRS}),  # noqa: B008  # frozen
) -> list[str]:
    """Return the codes of what stands against undoing a merge that took an address, a person and their seat over."""
    taken = [
        entry(Subject(Topic.ADDRESS), 1, MERGE.origin),
        entry(Subject(Topic.CONTACT, str(THEIRS)), 2, MERGE.origin),
        held_by(THEIRS, Seat.BILLING, 3, MERGE.origin),
    ]
    known = [stands("active", -60), held_by(OURS, Seat.DIRECTOR, -50), *taken, *since]
    found = undo_blockers(MERGE, (stays, goes), known, returning, declared=declared, today=TODAY)
    return [one.code for one in found]


@pytest.mark.parametrize(
    ("since", "codes"),
    [
        pytest.param([], [], id="rien depuis"),
        pytest.param([entry(Subject(Topic.ADDRESS), 9)], ["changed_since"], id="l'adresse a changé"),
        pytest.param([held_by(OURS, Seat.BILLING, 9)], ["seat_given_since"], id="un siège repris a été donné"),
        pytest.param([entry(Subject(Topic.CONTACT, str(THEIRS)), 9)], [], id="la personne a changé de téléphone"),
        pytest.param([entry(Subject(Topic.NAME), 9)], [], id="autre chose que ce qui a été repris"),
        pytest.param([held_by(THEIRS, Seat.LEGAL, 9)], ["contact_seated"], id="un siège lui a été donné"),
        pytest.param([held_by(THEIRS, Seat.DIRECTOR, 9)], ["contact_seated"], id="un siège d'avant, passé à elle"),
        pytest.param([held_by(THEIRS, Seat.LEGAL, 9, day=TOMORROW)], ["contact_seated"], id="à venir"),
        pytest.param(
            [held_by(THEIRS, Seat.LEGAL, 9), held_by(OURS, Seat.LEGAL, 10)], [], id="donné, puis transmis à un autre"
        ),
        pytest.param(
            [held_by(THEIRS, Seat.LEGAL, 9), held_by(OURS, Seat.LEGAL, 10, day=TOMORROW)],
            ["contact_seated"],
            id="transmis demain seulement",
        ),
        pytest.param([held_by(OURS, Seat.LEGAL, 9)], [], id="un siège donné à quelqu'un d'ici"),
    ],
)
def test_what_was_given_since_stands_against_undoing(since: list[Entry], codes: list[str]) -> None:
    assert undoing(*since) == codes


def test_what_else_stands_against_undoing() -> None:
    assert undoing(stays=replace(STAYS, merged_into=UUID(int=4))) == ["merged_further"]
    assert undoing(declared=True) == ["declared_since"]


@pytest.mark.parametrize(
    ("since", "goes", "codes"),
    [
        pytest.param([], ACTIVE, [], id="rien depuis"),
        pytest.param([stands("suspended", 9)], ACTIVE, ["standing_changed_since"], id="suspendue"),
        pytest.param([stands("left", 9)], ACTIVE, ["standing_changed_since"], id="partie"),
        pytest.param([stands("left", 9, TOMORROW)], ACTIVE, ["standing_changed_since"], id="son départ annoncé"),
        pytest.param([stands("suspended", 9), stands("active", 10)], ACTIVE, [], id="suspendue, puis rétablie"),
        pytest.param([stands("left", 9)], {}, [], id="l'autre n'était pas adhérente"),
    ],
)
def test_what_became_of_the_structure_stands_against_undoing(
    since: list[Entry], goes: dict[str, Any], codes: list[str]
) -> None:
    assert undoing(*since, goes=replace(GOES, **goes)) == codes


def test_a_departure_taken_back_is_no_obstacle_any_more() -> None:
    left = stands("left", 9, TOMORROW)
    back = replace(left, id=UUID(int=77), value=None, withdraws=left.id, recorded_at=left.recorded_at + timedelta(1))
    assert undoing(left, back, goes=replace(GOES, **ACTIVE)) == []


ROW = UUID(int=41)
HELD, NOTED, SETTLED = (
    {"engages": Blocker("contact_on_board", "Finissez ce mandat.")},
    {"amends": Blocker("contact_interviewed", "Corrigez.")},
    {},
)


@pytest.mark.parametrize(
    ("person", "of", "carried", "state", "codes"),
    [
        pytest.param(THEIRS, STAYS, False, HELD, ["contact_on_board"], id="donné depuis, pour qui reste"),
        pytest.param(THEIRS, STAYS, False, NOTED, ["contact_interviewed"], id="notée présente depuis"),
        pytest.param(THEIRS, STAYS, False, SETTLED, [], id="fini : de l'histoire"),
        pytest.param(THEIRS, STAYS, True, HELD, [], id="repris avec elle, rendu avec elle"),
        pytest.param(THEIRS, GOES, False, HELD, [], id="resté à l'autre"),
        pytest.param(OURS, STAYS, False, HELD, [], id="quelqu'un d'ici"),
        pytest.param(OURS, STAYS, True, NOTED, ["contact_interviewed"], id="quelqu'un d'ici, dans ce qui repart"),
    ],
)
def test_no_record_names_somebody_of_the_other(
    person: UUID, of: Member, *, carried: bool, state: dict[str, Blocker], codes: list[str]
) -> None:
    trace = Trace(Keeping("some_table", "contact_id", "-", "-"), ROW, person, of.id, TODAY, {}, **state)
    returning = Returning({THEIRS}, {("some_table", ROW)} if carried else (), [trace])
    assert undoing(returning=returning) == codes
