"""What the register says once one day was put right after another: what one correction would have made it say."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from membership.members.domain import (
    Admission,
    Departure,
    DepartureCause,
    Entry,
    Stated,
    Subject,
    Topic,
    admit,
    after_departure,
    leave,
    on_day,
    renew,
    suspend,
    written,
)

from .test_rules import (
    ACTIVE,
    BARE,
    CANDIDATE_PAGE,
    HELD,
    JOINED,
    JOINED_PAGE,
    LEFT,
    MEMBER,
    RENEWED_PAGES,
    SITTING,
    SUSPENDED,
    TODAY,
    put_right,
    register,
    said,
    write,
)

STATUS = Subject(Topic.STATUS)
SUSPENDED_PAGE = (SUSPENDED, suspend(MEMBER), "sitting:8")


def left_late(entries: list[Entry], day: date) -> list[Entry]:
    """Enter late that a member left on a day: what was entered for later days gives way."""
    departure = Departure(day, DepartureCause.RESIGNED)
    gone = leave(on_day(BARE, entries, day), departure)
    admission = gone.admission or Admission(JOINED, SITTING.id, "PV-9")
    stated = Stated(day, STATUS, written(gone)[STATUS], "letter:1")
    return write(entries, [stated], after_departure(entries, departure, admission))


@pytest.mark.parametrize(
    ("entries", "first", "then", "expected"),
    [
        pytest.param(
            left_late(ACTIVE, date(2025, 12, 31)),
            [("leaving", date(2025, 11, 30))],
            LEFT,
            {date(2026, 2, 1): ("active", JOINED, None, (2025, 2026)), TODAY: ("left", JOINED, LEFT, (2025, 2026))},
            id="plus tôt, puis plus tard : le renouvellement de 2026",
        ),
        pytest.param(
            left_late(ACTIVE, date(2024, 12, 20)),
            [("leaving", date(2025, 6, 30)), ("leaving", date(2025, 3, 1))],
            LEFT,
            {date(2025, 2, 1): ("active", JOINED, None, (2025,)), TODAY: ("left", JOINED, LEFT, (2025, 2026))},
            id="plus tard, plus tôt, plus tard encore : les deux renouvellements",
        ),
        pytest.param(
            left_late(register(CANDIDATE_PAGE, JOINED_PAGE, SUSPENDED_PAGE), SUSPENDED),
            [("leaving", date(2025, 5, 1))],
            LEFT,
            {SUSPENDED: ("suspended", JOINED, None, ()), TODAY: ("left", JOINED, LEFT, ())},
            id="suspendue et sortie le même jour, plus tôt, puis plus tard",
        ),
        pytest.param(
            left_late(register(CANDIDATE_PAGE, JOINED_PAGE, SUSPENDED_PAGE), date(2025, 5, 1)),
            [("joining", HELD)],
            LEFT,
            {
                JOINED: ("active", HELD, None, ()),
                SUSPENDED: ("suspended", HELD, None, ()),
                TODAY: ("left", HELD, LEFT, ()),
            },
            id="l'adhésion plus tôt, puis la sortie plus tard : la suspension dit la même adhésion",
        ),
        pytest.param(
            left_late(register(CANDIDATE_PAGE, JOINED_PAGE, SUSPENDED_PAGE), SUSPENDED),
            [("joining", HELD)],
            LEFT,
            {SUSPENDED: ("suspended", HELD, None, ()), TODAY: ("left", HELD, LEFT, ())},
            id="suspendue et sortie le même jour, l'adhésion plus tôt, puis la sortie plus tard",
        ),
        pytest.param(
            left_late(ACTIVE, date(2025, 12, 31)),
            [("leaving", date(2025, 11, 30)), ("joining", HELD)],
            LEFT,
            {date(2026, 2, 1): ("active", HELD, None, (2025, 2026)), TODAY: ("left", HELD, LEFT, (2025, 2026))},
            id="la sortie plus tôt, l'adhésion plus tôt, puis la sortie plus tard",
        ),
    ],
)
def test_the_day_it_left_after_another_correction(
    entries: list[Entry], first: list[tuple[str, date]], then: date, expected: dict[date, Any]
) -> None:
    """Whatever was corrected before, the register says what one correction would have made it say."""
    for which, day in [*first, ("leaving", then)]:
        sitting = SITTING if which == "joining" else None
        entries = put_right(on_day(BARE, entries, TODAY), entries, which, day, sitting)
    assert {one: said(entries, one) for one in expected} == expected


def test_a_departure_may_still_be_entered_for_before_a_suspension_once_the_joining_day_was_corrected() -> None:
    entries = put_right(
        suspend(MEMBER), register(CANDIDATE_PAGE, JOINED_PAGE, SUSPENDED_PAGE), "joining", HELD, SITTING
    )
    left_on = date(2025, 5, 1)
    assert said(left_late(entries, left_on), TODAY) == ("left", HELD, left_on, ())


BACK_ON, SECOND = date(2026, 5, 1), replace(SITTING, id=UUID(int=10), held_on=date(2026, 2, 15))
OUT = leave(renew(MEMBER, 2025), Departure(date(2025, 6, 30), DepartureCause.RESIGNED))
BACK_IN = admit(OUT, Admission(BACK_ON, SECOND.id, "PV-10"))
TWICE = register(
    CANDIDATE_PAGE, JOINED_PAGE, RENEWED_PAGES[0], (date(2025, 6, 30), OUT, None), (BACK_ON, BACK_IN, "sitting:10")
)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(
            [date(2026, 3, 1)],
            {
                date(2026, 2, 28): ("left", JOINED, date(2025, 6, 30), (2025,)),
                date(2026, 3, 15): ("active", date(2026, 3, 1), None, ()),
                TODAY: ("active", date(2026, 3, 1), None, ()),
            },
            id="plus tôt",
        ),
        pytest.param(
            [date(2026, 6, 1)],
            {
                date(2026, 5, 15): ("left", JOINED, date(2025, 6, 30), (2025,)),
                date(2026, 6, 15): ("active", date(2026, 6, 1), None, ()),
            },
            id="plus tard",
        ),
        pytest.param(
            [date(2026, 6, 1), date(2026, 3, 1), BACK_ON],
            {one: said(TWICE, one) for one in (date(2026, 3, 15), BACK_ON, date(2026, 6, 15), TODAY)},
            id="plus tard, plus tôt, et de nouveau le même jour",
        ),
    ],
)
def test_the_day_it_came_back(days: list[date], expected: dict[date, Any]) -> None:
    """The renewals of the membership it had before are not of the one that begins."""
    entries = TWICE
    for day in days:
        entries = put_right(on_day(BARE, entries, TODAY), entries, "joining", day, SECOND)
    assert {one: said(entries, one) for one in expected} == expected
