"""Which day may be put right, and what the register says then, as the federation's secretary would tell it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.errors import Refusal
from membership.date_corrections.domain import (
    CorrectedToFuture,
    DayBeforeSitting,
    DayOutOfOrder,
    DayUnchanged,
    StatusDay,
    corrected,
    sitting_behind,
)
from membership.members.domain import (
    ActivityKind,
    Admission,
    DayGivenElsewhere,
    Departure,
    DepartureCause,
    Entry,
    Member,
    NotAMember,
    NotInRegisterThen,
    NotLeft,
    Stated,
    StatusToCome,
    Subject,
    Topic,
    admit,
    differences,
    leave,
    on_day,
    renew,
    suspend,
    written,
)
from membership.members.use_cases.recording import apart
from membership.sittings.domain import Attendance, Sitting

TODAY = date(2026, 11, 22)
RECEIVED, HELD, JOINED = date(2024, 9, 2), date(2024, 10, 1), date(2024, 11, 15)
SUSPENDED, LEFT = date(2025, 6, 1), date(2026, 3, 31)
SITTING = Sitting(UUID(int=9), HELD, Attendance(9, 9, 0), "PV-9")
TAKEOVER = replace(SITTING, held_on=date(2026, 1, 20), takes_over=True)
BARE = Member(UUID(int=1), "STR-2024-00001", "AVIE", activities=(ActivityKind.AI,), street="1 rue A")
MEMBER = admit(BARE, Admission(JOINED, SITTING.id, "PV-9"))
RENEWED = renew(renew(MEMBER, 2025), 2026)
GONE = leave(RENEWED, Departure(LEFT, DepartureCause.RESIGNED))


def register(*pages: tuple[date, Member, str | None]) -> list[Entry]:
    """Enter a structure as it was from each day on."""
    entries: list[Entry] = []
    before: dict[Subject, Any] = {}
    for day, member, source in pages:
        after = written(member)
        stated = [Stated(day, one, value, source) for one, value in differences(before, after).items()]
        entries, before = write(entries, stated), after
    return entries


def write(entries: Sequence[Entry], stated: Sequence[Stated], withdrawn: Sequence[Entry] = ()) -> list[Entry]:
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=len(entries))
    new = [
        *((one.effective_on, one.subject, None, None, one.id) for one in withdrawn),
        *((one.day, one.subject, one.value, one.source, None) for one in stated),
    ]
    written_now = (
        Entry(UUID(int=len(entries) + n), BARE.id, subject, day, at, "camille", value, void, source=source)
        for n, (day, subject, value, source, void) in enumerate(new, start=1)
    )
    return [*entries, *apart(written_now)]


CANDIDATE_PAGE = (RECEIVED, BARE, None)
JOINED_PAGE = (JOINED, MEMBER, "sitting:9")
RENEWED_PAGES = [(date(2025, 1, 1), renew(MEMBER, 2025), None), (date(2026, 1, 1), RENEWED, None)]
LEFT_PAGE = (LEFT, GONE, "letter:2025-12-31")
ACTIVE = register(CANDIDATE_PAGE, JOINED_PAGE, *RENEWED_PAGES)
AFTER = register(CANDIDATE_PAGE, JOINED_PAGE, *RENEWED_PAGES, LEFT_PAGE)
TAKEN = [(JOINED, MEMBER, "sitting:9"), *RENEWED_PAGES]
"""The register knows it by its admission alone."""


def put_right(member: Member, entries: list[Entry], which: str, day: date, sitting: Sitting | None) -> list[Entry]:
    revision = corrected(member, entries, StatusDay(which), day, sitting=sitting, today=TODAY)
    return write(entries, revision.stated, revision.withdrawn)


def said(entries: list[Entry], day: date) -> tuple[str, date | None, date | None, tuple[int, ...]] | None:
    """What the register says of a day: the situation, since when, until when, the years renewed."""
    try:
        then = on_day(BARE, entries, day)
    except NotInRegisterThen:
        return None
    left_on = then.departure.left_on if then.departure else None
    return then.status.value, then.joined_on, left_on, then.renewed_years


@pytest.mark.parametrize(
    ("entries", "day", "sitting", "expected"),
    [
        pytest.param(
            ACTIVE,
            HELD,
            SITTING,
            {
                HELD - timedelta(1): ("candidate", None, None, ()),
                HELD: ("active", HELD, None, ()),
                JOINED: ("active", HELD, None, ()),
                TODAY: ("active", HELD, None, (2025, 2026)),
            },
            id="plus tôt, le jour même de la séance",
        ),
        pytest.param(
            ACTIVE,
            date(2025, 2, 1),
            SITTING,
            {
                JOINED: ("candidate", None, None, ()),
                date(2025, 1, 1): ("candidate", None, None, ()),
                date(2025, 2, 1): ("active", date(2025, 2, 1), None, ()),
                TODAY: ("active", date(2025, 2, 1), None, (2026,)),
            },
            id="plus tard, l'année suivante : elle n'est pas renouvelée pour l'année où elle adhère",
        ),
        pytest.param(
            register(*TAKEN),
            date(1987, 5, 3),
            TAKEOVER,
            {
                date(1987, 5, 2): None,
                date(1987, 5, 3): ("active", date(1987, 5, 3), None, ()),
                date(2024, 1, 1): ("active", date(1987, 5, 3), None, (2024,)),
                TODAY: ("active", date(1987, 5, 3), None, (2024, 2025, 2026)),
            },
            id="reprise, d'avant : renouvelée pour l'année où elle comptait déjà",
        ),
        pytest.param(
            register(*TAKEN),
            date(2025, 9, 1),
            TAKEOVER,
            {
                JOINED: None,
                date(2025, 8, 31): None,
                date(2025, 9, 1): ("active", date(2025, 9, 1), None, ()),
                TODAY: ("active", date(2025, 9, 1), None, (2026,)),
            },
            id="reprise, plus tard : le registre ne la connaît qu'à partir de là",
        ),
        pytest.param(
            register(CANDIDATE_PAGE, JOINED_PAGE, (SUSPENDED, suspend(MEMBER), "sitting:8")),
            HELD,
            SITTING,
            {SUSPENDED: ("suspended", HELD, None, ()), TODAY: ("suspended", HELD, None, ())},
            id="suspendue depuis : la suspension reste",
        ),
        pytest.param(
            AFTER,
            HELD,
            SITTING,
            {JOINED: ("active", HELD, None, ()), TODAY: ("left", HELD, LEFT, (2025, 2026))},
            id="sortie depuis : la sortie reste",
        ),
    ],
)
def test_the_day_it_joined(entries: list[Entry], day: date, sitting: Sitting, expected: dict[date, Any]) -> None:
    now = put_right(on_day(BARE, entries, TODAY), entries, "joining", day, sitting)
    assert {one: said(now, one) for one in expected} == expected
    again = put_right(on_day(BARE, now, TODAY), now, "joining", JOINED, sitting)
    assert [said(again, one) for one in (JOINED, TODAY)] == [said(entries, one) for one in (JOINED, TODAY)]


def test_a_structure_taken_over_is_said_to_have_been_as_it_was_first_known() -> None:
    then = on_day(BARE, put_right(MEMBER, register(*TAKEN), "joining", date(1987, 5, 3), TAKEOVER), date(1990, 1, 1))
    assert (then.name, then.street, then.activities) == ("AVIE", "1 rue A", (ActivityKind.AI,))


@pytest.mark.parametrize(
    ("entries", "day", "expected"),
    [
        pytest.param(
            AFTER,
            date(2025, 12, 31),
            {
                date(2025, 12, 30): ("active", JOINED, None, (2025,)),
                date(2025, 12, 31): ("left", JOINED, date(2025, 12, 31), (2025,)),
                TODAY: ("left", JOINED, date(2025, 12, 31), (2025,)),
            },
            id="plus tôt : l'année suivante n'est plus renouvelée",
        ),
        pytest.param(
            AFTER,
            date(2026, 6, 30),
            {LEFT: ("active", JOINED, None, (2025, 2026)), TODAY: ("left", JOINED, date(2026, 6, 30), (2025, 2026))},
            id="plus tard : adhérente jusque-là",
        ),
        pytest.param(
            register(CANDIDATE_PAGE, JOINED_PAGE, (SUSPENDED, suspend(MEMBER), "sitting:8"), LEFT_PAGE),
            date(2025, 5, 1),
            {one: ("left", JOINED, date(2025, 5, 1), ()) for one in (date(2025, 5, 1), SUSPENDED, TODAY)},
            id="avant une suspension : elle n'a plus d'objet",
        ),
    ],
)
def test_the_day_it_left(entries: list[Entry], day: date, expected: dict[date, Any]) -> None:
    now = put_right(GONE, entries, "leaving", day, None)
    assert {one: said(now, one) for one in expected} == expected


STATUS = Subject(Topic.STATUS)
BACK = admit(GONE, Admission(TODAY, UUID(int=10), "PV-10"))
EXCLUDED = leave(RENEWED, Departure(LEFT, DepartureCause.EXCLUDED))


@pytest.mark.parametrize(
    ("member", "entries", "which", "day", "sitting", "refusal"),
    [
        pytest.param(BARE, ACTIVE, "joining", HELD, None, NotAMember, id="une candidate n'a pas adhéré"),
        pytest.param(RENEWED, ACTIVE, "leaving", HELD, None, NotLeft, id="une adhérente n'est pas sortie"),
        pytest.param(RENEWED, ACTIVE, "joining", JOINED, SITTING, DayUnchanged, id="le même jour"),
        pytest.param(GONE, AFTER, "leaving", LEFT, None, DayUnchanged, id="la même sortie"),
        pytest.param(RENEWED, ACTIVE, "joining", TODAY + timedelta(1), SITTING, CorrectedToFuture, id="demain"),
        pytest.param(GONE, AFTER, "leaving", TODAY + timedelta(1), None, CorrectedToFuture, id="une sortie demain"),
        pytest.param(
            RENEWED, ACTIVE, "joining", HELD - timedelta(1), SITTING, DayBeforeSitting, id="avant la séance qui admit"
        ),
        pytest.param(EXCLUDED, AFTER, "leaving", HELD - timedelta(1), SITTING, DayBeforeSitting, id="avant d'exclure"),
        pytest.param(RENEWED, ACTIVE, "joining", date(1900, 1, 1), TAKEOVER, DayOutOfOrder, id="reprise : avant 1901"),
        pytest.param(
            RENEWED, ACTIVE, "joining", TODAY, TAKEOVER, DayOutOfOrder, id="reprise : après la séance qui en prit acte"
        ),
        pytest.param(GONE, AFTER, "joining", LEFT, SITTING, DayOutOfOrder, id="adhérer le jour où elle sort"),
        pytest.param(GONE, AFTER, "leaving", JOINED, None, DayOutOfOrder, id="sortir le jour où elle adhère"),
        pytest.param(
            BACK,
            write(AFTER, [Stated(TODAY, STATUS, written(BACK)[STATUS], None)]),
            "joining",
            LEFT,
            None,
            DayOutOfOrder,
            id="revenir le jour où elle était sortie",
        ),
        pytest.param(
            leave(RENEWED, Departure(LEFT, DepartureCause.ABSORBED)), AFTER, "leaving", HELD, None, DayGivenElsewhere,
            id="absorbée",
        ),
        pytest.param(
            leave(RENEWED, Departure(LEFT, DepartureCause.NOT_RENEWED)), AFTER, "leaving", HELD, None,
            DayGivenElsewhere, id="non renouvelée",
        ),
        pytest.param(
            MEMBER, register(CANDIDATE_PAGE, (JOINED, MEMBER, "duplicate:3")), "joining", HELD, None, DayGivenElsewhere,
            id="venue d'un doublon réuni",
        ),
        pytest.param(
            MEMBER, register(CANDIDATE_PAGE, JOINED_PAGE, (TODAY + timedelta(9), GONE, None)), "joining", HELD, SITTING,
            StatusToCome, id="un départ est annoncé",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(
    member: Member, entries: list[Entry], which: str, day: date, sitting: Sitting | None, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        corrected(member, entries, StatusDay(which), day, sitting=sitting, today=TODAY)


@pytest.mark.parametrize(
    ("member", "source", "which", "expected"),
    [
        pytest.param(MEMBER, None, StatusDay.JOINING, SITTING.id, id="celle qui a admis"),
        pytest.param(BARE, None, StatusDay.JOINING, None, id="une candidate : aucune"),
        pytest.param(GONE, "letter:2025-12-31", StatusDay.LEAVING, None, id="une démission : aucune"),
        pytest.param(EXCLUDED, f"sitting:{SITTING.id}", StatusDay.LEAVING, SITTING.id, id="celle qui a exclu"),
    ],
)
def test_the_sitting_that_gave_the_day(
    member: Member, source: str | None, which: StatusDay, expected: UUID | None
) -> None:
    entries = register(CANDIDATE_PAGE, JOINED_PAGE, (LEFT, member, source))
    assert sitting_behind(member, entries, which) == expected
