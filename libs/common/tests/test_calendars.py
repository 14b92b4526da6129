"""Calendars byte for byte, and read back by the library: RFC 5545, 5546 and 7986; directive 2000/84/CE for Paris."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import icalendar
import pytest

from common.calendars import WRITING, CalendarEvent, EventStatus, Publisher, feed, one
from common.moments import hours, whole_days

GOLDEN = Path(__file__).parent / "calendars"
PUBLISHER = Publisher("-//Example//Dates//FR", "Maison", "dates@example.org")
RECORDED, CHANGED = datetime(2026, 9, 1, 8, tzinfo=UTC), datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
EVENT = CalendarEvent(
    uid="1@example.org",
    sequence=0,
    status=EventStatus.CONFIRMED,
    created_at=RECORDED,
    changed_at=RECORDED,
    title="Le premier jour",
    when=hours(date(2027, 3, 26), time(9), time(12, 30), "Europe/Paris"),
    categories=("Formation", "Paris, Nord"),
    place="Salle 3 ; 1er étage",
    description="Un\nDeux\\trois",
    url="https://example.org/ete",
)
HELD = (
    replace(EVENT, title="Été, hiver ; le premier jour d'une formation dont le titre ne tient pas sur une ligne"),
    replace(EVENT, uid="2@example.org", when=hours(date(2027, 3, 29), time(9), time(12, 30), "Europe/Paris")),
    CalendarEvent(
        uid="3@example.org",
        sequence=2,
        status=EventStatus.CANCELLED,
        created_at=RECORDED,
        changed_at=CHANGED,
        title="Le second jour",
        when=hours(date(2026, 12, 1), time(14), None, "Indian/Reunion"),
    ),
    replace(EVENT, uid="4@example.org", when=whole_days(date(2026, 12, 24), date(2026, 12, 25), "Europe/Paris")),
    replace(EVENT, uid="5@example.org", when=hours(date(2026, 12, 1), time(9), time(10), "Pacific/Noumea")),
    replace(EVENT, uid="6@example.org", sequence=1, status=EventStatus.TENTATIVE, categories=()),
)


def test_a_calendar_is_written_as_it_was() -> None:
    """Red where the writing changed: then ``WRITING`` changes too, else calendars would be told that nothing did."""
    assert feed(PUBLISHER, "Les dates", HELD, 6) == (GOLDEN / f"writing-{WRITING}.ics").read_bytes()


@pytest.mark.parametrize(
    ("status", "method"),
    [(EventStatus.CONFIRMED, "PUBLISH"), (EventStatus.TENTATIVE, "PUBLISH"), (EventStatus.CANCELLED, "CANCEL")],
)
def test_one_date_is_told_or_taken_back(status: EventStatus, method: str) -> None:
    read = icalendar.Calendar.from_ical(one(PUBLISHER, replace(EVENT, status=status, sequence=3)))
    [event] = read.walk("VEVENT")
    assert (str(read["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == (method, status.value, 3)


def test_read_back_each_hour_is_the_instant_that_was_meant() -> None:
    """Across the night of 28 March 2027 in Paris, on a clock that never moves, and from a zone written in UTC."""
    read = icalendar.Calendar.from_ical(feed(PUBLISHER, "Les dates", HELD, 6)).walk("VEVENT")
    timed = {str(event["UID"]): event.start.astimezone(UTC) for event in read if isinstance(event.start, datetime)}
    assert timed == {event.uid: event.when.starts_at for event in HELD if not event.when.all_day}
    assert [timed[f"{number}@example.org"].hour for number in (1, 2)] == [8, 7], "nine on the wall both days"
    [days] = [event for event in read if str(event["UID"]) == "4@example.org"]
    assert (days.start, days.end) == (date(2026, 12, 24), date(2026, 12, 26)), "exclusive"
    assert str(read[0]["SUMMARY"]) == HELD[0].title
    assert str(read[0]["DESCRIPTION"]) == EVENT.description
