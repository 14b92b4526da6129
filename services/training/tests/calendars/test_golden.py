"""Calendars byte for byte, and read back by the library: RFC 5545, 5546 and 7986; directive 2000/84/CE for Paris.

``golden/*.ics`` is what calendars were given when this was written. Where a change of the words is meant, write them
again: ``python -m pytest services/training/tests/calendars/test_golden.py`` says which differ, and where.
"""

import time as stopwatch
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import icalendar
import pytest

from common.calendars import WRITING
from common.moments import hours
from training.calendars.documents import Sender, feed, said
from training.calendars.domain import CalendarAddress, Reader, Told, retell, shown
from training.calendars.queries.rules import calendar_rule
from training.rooms.domain import Description, Room
from training.sessions.queries.half_days import AnnouncedSlot

GOLDEN = Path(__file__).parent / "golden"
RULE = calendar_rule(date(2027, 3, 1))
SENDER = Sender("Coorace Formation", "formation@coorace.example", 1)
FIRST, THEN = datetime(2027, 3, 1, 8, tzinfo=UTC), datetime(2027, 3, 8, 14, 30, tzinfo=UTC)
PARIS = Room(
    id=UUID(int=50),
    description=Description(
        name="Salle Jaurès", street="17, rue de l'Exemple ; 2e étage", postcode="75019", city="Paris", department="75",
        capacity=14,
    ),
)  # fmt: skip
REUNION = Room(
    id=UUID(int=51),
    description=Description(
        name="Salle des Flamboyants", street="1 rue de l'Exemple", postcode="97400", city="Saint-Denis",
        department="974", capacity=10,
    ),
)  # fmt: skip
ROOMS = {room.id: room for room in (PARIS, REUNION)}
MORNING, AFTERNOON = (time(9), time(12, 30)), (time(13, 30), time(17))
Plan = dict[UUID, AnnouncedSlot]


def half_day(number: int, day: date, half: tuple[time, time], room: Room | None = None) -> AnnouncedSlot:
    """A half-day at the hour of its room, or from afar at that of Paris."""
    when = hours(day, *half, room.zone if room else "Europe/Paris")
    assert when.ends_at is not None
    return AnnouncedSlot(
        id=UUID(int=number),
        session_id=UUID(int=9),
        reference="SES-2027-00012",
        title="Accompagner vers l'emploi : écouter, orienter, prescrire",
        starts_at=when.starts_at,
        ends_at=when.ends_at,
        zone=when.zone,
        room_id=room.id if room else None,
        remote=room is None,
        remote_url=None if room else "https://visio.example.org/classe-12",
        confirmed=True,
    )


def planned(*slots: AnnouncedSlot) -> Plan:
    return {slot.id: slot for slot in slots}


TWO_DAYS = planned(
    half_day(1, date(2027, 3, 26), MORNING, PARIS),
    half_day(2, date(2027, 3, 26), AFTERNOON, PARIS),
    half_day(3, date(2027, 3, 29), MORNING, PARIS),
    half_day(4, date(2027, 3, 29), AFTERNOON, PARIS),
)
FAR = planned(half_day(1, date(2027, 4, 6), MORNING, REUNION), half_day(2, date(2027, 4, 6), AFTERNOON, REUNION))
REMOTE = planned(half_day(1, date(2027, 4, 6), MORNING), half_day(2, date(2027, 4, 7), MORNING))
MOVED = planned(half_day(1, date(2027, 4, 6), MORNING, REUNION), half_day(3, date(2027, 4, 8), MORNING, REUNION))


@dataclass(frozen=True)
class Case:
    """What a calendar was told first, what it is told a week later, and when and how its events stand then."""

    reader: Reader
    first: Plan
    then: Plan
    stands: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    count: int = 0


CASES = {
    "two-days-across-the-change-of-clocks": Case(
        Reader.TRAINER,
        TWO_DAYS,
        TWO_DAYS,
        {
            "1": ("CONFIRMED", 0, "2027-03-26 08:00"),
            "2": ("CONFIRMED", 0, "2027-03-26 12:30"),
            "3": ("CONFIRMED", 0, "2027-03-29 07:00"),
            "4": ("CONFIRMED", 0, "2027-03-29 11:30"),
        },
        count=7,
    ),
    "at-the-hour-of-la-reunion": Case(
        Reader.STRUCTURE,
        FAR,
        FAR,
        {"1": ("CONFIRMED", 0, "2027-04-06 05:00"), "2": ("CONFIRMED", 0, "2027-04-06 09:30")},
        count=2,
    ),
    "remote-to-be-confirmed-then-confirmed": Case(
        Reader.TRAINEE,
        {one: replace(slot, confirmed=False) for one, slot in REMOTE.items()},
        REMOTE,
        {"1": ("CONFIRMED", 1, "2027-04-06 07:00"), "2": ("CONFIRMED", 1, "2027-04-07 07:00")},
    ),
    "a-half-day-moved-another-taken-off": Case(
        Reader.TRAINEE,
        planned(half_day(1, date(2027, 4, 1), MORNING, REUNION), half_day(2, date(2027, 4, 1), AFTERNOON, REUNION)),
        MOVED,
        {
            "1": ("CONFIRMED", 1, "2027-04-06 05:00"),
            "2": ("CANCELLED", 1, "2027-04-01 09:30"),
            "3": ("CONFIRMED", 0, "2027-04-08 05:00"),
        },
    ),
    "a-cancelled-session": Case(
        Reader.TRAINER,
        FAR,
        {},
        {"1": ("CANCELLED", 1, "2027-04-06 05:00"), "2": ("CANCELLED", 1, "2027-04-06 09:30")},
        count=4,
    ),
    "an-enrolment-given-back": Case(
        Reader.TRAINEE,
        TWO_DAYS | {UUID(int=7): replace(REMOTE[UUID(int=1)], id=UUID(int=7), reference="SES-2027-00030")},
        {UUID(int=7): replace(REMOTE[UUID(int=1)], id=UUID(int=7), reference="SES-2027-00030")},
        {
            "1": ("CANCELLED", 1, "2027-03-26 08:00"),
            "2": ("CANCELLED", 1, "2027-03-26 12:30"),
            "3": ("CANCELLED", 1, "2027-03-29 07:00"),
            "4": ("CANCELLED", 1, "2027-03-29 11:30"),
            "7": ("CONFIRMED", 0, "2027-04-06 07:00"),
        },
    ),
}
every_case = pytest.mark.parametrize("name", CASES)


def address_of(reader: Reader, expires_on: date = date(2028, 4, 4)) -> CalendarAddress:
    return CalendarAddress(
        id=UUID(int=99), token_hash="", created_at=FIRST, expires_on=expires_on, reader=reader, reader_id=UUID(int=8),
        through=None, label="", created_by="",
    )  # fmt: skip


def retold(case: Case, known: Mapping[UUID, Told], plan: Plan, now: datetime) -> dict[UUID, Told]:
    rooms = {one: ROOMS[slot.room_id] if slot.room_id else None for one, slot in plan.items()}
    return retell(known, {one: said(slot, rooms[one], case.reader, case.count) for one, slot in plan.items()}, now)


def written(case: Case) -> bytes:
    told = retold(case, retold(case, {}, case.first, FIRST), case.then, THEN)
    return feed(address_of(case.reader), shown(told.values(), RULE, THEN), RULE, SENDER, ends=False)


@every_case
def test_a_calendar_is_written_as_it_was(name: str) -> None:
    assert written(CASES[name]) == (GOLDEN / f"{name}-{WRITING}.ics").read_bytes()


@every_case
def test_read_back_each_event_stands_where_it_does(name: str) -> None:
    """At the instant that the wall of the place means, on either side of the night of 28 March 2027 in Paris too."""
    read: list[Any] = icalendar.Calendar.from_ical(written(CASES[name])).walk("VEVENT")
    stands = {
        str(int(UUID(str(event["UID"]).partition("@")[0]))): (
            str(event["STATUS"]),
            event["SEQUENCE"],
            f"{event.start.astimezone(UTC):%Y-%m-%d %H:%M}",
        )
        for event in read
    }
    assert stands == CASES[name].stands


def test_in_its_last_days_a_calendar_says_so() -> None:
    ending = address_of(Reader.TRAINEE, date(2027, 3, 20))
    body = feed(ending, [], RULE, SENDER, ends=True)
    assert body == (GOLDEN / f"the-end-of-an-address-{WRITING}.ics").read_bytes()
    read: list[Any] = icalendar.Calendar.from_ical(body).walk("VEVENT")
    [event] = read
    assert (event.start, event.end) == (date(2027, 3, 20), date(2027, 3, 21))


def test_two_thousand_half_days_are_written_in_three_seconds() -> None:
    """Measured at 0.65 s of processor; off the event loop, and only where something changed."""
    slot = TWO_DAYS[UUID(int=1)]
    shifts = {UUID(int=number): timedelta(days=number) for number in range(RULE.most_in_a_calendar)}
    plan = {
        one: replace(slot, id=one, starts_at=slot.starts_at + shift, ends_at=slot.ends_at + shift)
        for one, shift in shifts.items()
    }
    told = retold(CASES["a-cancelled-session"], {}, plan, THEN)
    begun = stopwatch.process_time()
    body = feed(address_of(Reader.TRAINER), shown(told.values(), RULE, THEN), RULE, SENDER, ends=False)
    took = stopwatch.process_time() - begun
    assert body.count(b"BEGIN:VEVENT") == 2_000
    assert took < 3, took
