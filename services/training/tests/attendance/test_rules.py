"""The rules alone: whatever comes in whatever order, one dense chain, one mark a seat; what is told of the hours."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.attendance.domain import (
    GENESIS,
    Completion,
    Entry,
    Followed,
    Head,
    Kind,
    Method,
    Reason,
    Said,
    Told,
    arrived,
    follow,
    sheet_of,
    to_tell,
)
from training.sessions.domain import Slot
from training.trainers.domain import Half, HalfDay

NINE = datetime(2027, 3, 2, 8, tzinfo=UTC)
SLOT = Slot(
    id=UUID(int=100), half_day=HalfDay(NINE.date(), Half.MORNING), starts_at=NINE,
    ends_at=NINE + timedelta(hours=3.5), zone="Europe/Paris", remote=True,
)  # fmt: skip
SEATS = {UUID(int=number) for number in range(1, 4)}
STRANGER = UUID(int=9)
SEAT, LAST = UUID(int=1), date(2027, 3, 3)


@st.composite
def lines(draw: st.DrawFn) -> Said:
    """What a device may write, true or not."""
    kind = draw(st.sampled_from(list(Kind)))
    seat = draw(st.sampled_from([*sorted(SEATS), STRANGER])) if kind.is_mark else None
    hours = draw(st.sampled_from([Decimal("1.00"), Decimal("9.00")])) if kind is Kind.PARTIAL else None
    reason = draw(st.sampled_from([None, Reason.LATE, Reason.TRANSPORT]))
    return Said(
        slot_id=SLOT.id, kind=kind, method=Method.OFFLINE, enrolment_id=seat, hours=hours, reason=reason
    )  # fmt: skip


@given(st.lists(lines(), max_size=30), st.integers(1, 5))
def test_whatever_arrives_gives_one_dense_chain_and_one_mark_a_seat(written: list[Said], together: int) -> None:
    head, kept = Head(UUID(int=7)), []
    for first in range(0, len(written), together):
        for said in written[first : first + together]:
            head, added = follow(head, arrived(sheet_of(SLOT, kept), said, SEATS), NINE, "sujet")
            kept += added
    previous = GENESIS
    for number, entry in enumerate(kept, start=1):
        assert (entry.number, entry.previous) == (number, previous)
        previous = entry.hash
    assert (head.number, head.hash) == (len(kept), previous)
    assert sum(entry.said.method is Method.OFFLINE for entry in kept) == len(written), "nothing is lost"
    counted = [entry for entry in kept if entry.said.aside is None]
    marks = [entry.said.enrolment_id for entry in counted if entry.said.kind.is_mark]
    assert len(set(marks)) == len(marks)
    assert set(marks) <= SEATS
    closed = [entry for entry in counted if entry.said.kind is Kind.CLOSED]
    assert len(closed) <= 1
    assert not closed or set(marks) == SEATS, "once it is signed, everybody is there or away"


def test_the_writing_that_is_hashed_never_changes() -> None:
    """Word for word: a ledger of today is verified in ten years by the file of today."""
    written = (
        '{"aside":null,"at":"2027-03-02T08:00:00.000000Z","by":"sujet","correction_reason":null,"corrects":null,'
        '"device":"Tablette d\'été","device_at":null,"device_drift":null,"device_number":null,"device_previous":null,'
        '"device_signature":null,"enrolment":null,"hours":null,"kind":"opened","method":"paper","number":1,'
        f'"previous":"{GENESIS}","reason":null,"session":"00000000-0000-0000-0000-000000000007",'
        '"slot":"00000000-0000-0000-0000-000000000064","stroke":null,"trainer":null}'
    )
    said = Said(slot_id=SLOT.id, kind=Kind.OPENED, method=Method.PAPER, device="Tablette d'été")
    entry = Entry(UUID(int=7), 1, GENESIS, said, NINE, "sujet")
    assert entry.hash == hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize(
    ("followed", "before", "expected"),
    [
        pytest.param("7.00", None, (Told.COMPLETED, "7.00"), id="suivie pour la première fois"),
        pytest.param("7.00", "7.00", None, id="déjà dite, les mêmes heures"),
        pytest.param("10.50", "7.00", (Told.COMPLETED, "10.50"), id="corrigée"),
        pytest.param("0", "7.00", (Told.CANCELLED, "0"), id="comptée à tort"),
        pytest.param("0", None, None, id="rien suivi, rien dit"),
    ],
)
def test_what_is_told_of_the_hours(followed: str, before: str | None, expected: tuple[Told, str] | None) -> None:
    hours = Decimal(followed)
    found = Followed(SEAT, hours, 2, LAST if hours else None)
    told = {SEAT: Completion(SEAT, Told.COMPLETED, Decimal(before), LAST)} if before else {}
    news = [(one.told, one.hours) for one in to_tell([found], told)]
    assert news == ([(expected[0], Decimal(expected[1]))] if expected else [])
    again = {one.enrolment_id: one for one in to_tell([found], told)} or told
    assert to_tell([found], again) == (), "said once"
