"""Dates as calendars read them: iCalendar (RFC 5545; its methods, RFC 5546; a calendar's own name, RFC 7986)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from common.moments import When

MEDIA_TYPE = "text/calendar; charset=utf-8"
WRITING = 1
"""How dates are written, here and in the words of the services: part of each calendar's tag.

One more with each change of it: calendars ask again for what has another tag only.
"""


class EventStatus(StrEnum):
    """Whether it will be held (RFC 5545 §3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who writes calendars: the ``product`` that they name (PRODID), and from whom dates come."""

    product: str
    name: str
    mail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One date, as every calendar shows it.

    ``uid`` never changes: an event under another UID is another event, in every calendar that has it. ``sequence``
    counts what calendars had to see changed (RFC 5545 §3.8.7.4), from 0: one that has gone back is not read.
    """

    uid: str
    sequence: int
    status: EventStatus
    created_at: datetime
    changed_at: datetime
    title: str
    when: When
    categories: tuple[str, ...] = ()
    place: str | None = None
    description: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """From when on clocks show another distance to UTC, in hours; each year on the last Sunday of a month, or once."""

    first: datetime
    away: int
    to: int
    month: int | None = None


def _still(hours: int) -> list[_Change]:
    return [_Change(datetime(1970, 1, 1), hours, hours)]  # noqa: DTZ001  # the hour of the place


_CLOCKS = {
    "Europe/Paris": [
        _Change(datetime(1970, 10, 25, 3), 2, 1, month=10),  # noqa: DTZ001
        _Change(datetime(1970, 3, 29, 2), 1, 2, month=3),  # noqa: DTZ001
    ],
    "America/Cayenne": _still(-3),
    "America/Guadeloupe": _still(-4),
    "America/Martinique": _still(-4),
    "Indian/Mayotte": _still(3),
    "Indian/Reunion": _still(4),
}
"""The clocks of France since 1996 in Paris (directive 2000/84/CE), long before overseas.

By hand, as generated ones list each change by its date, which Outlook does not read. A test holds them to the zones of
the IANA. What is heard from anywhere else is written in UTC.
"""


def feed(publisher: Publisher, name: str, events: Sequence[CalendarEvent], ask_again_hours: int) -> bytes:
    """Write a calendar that people subscribe to: all it holds, cancelled dates included, so that they are dropped.

    ``ask_again_hours``: what calendars are asked to wait between two readings. The same dates are the same bytes.

    >>> feed(Publisher("-//Example//FR", "Example", "x@example.org"), "Dates", [], 1).decode().splitlines()[1:5]
    ['VERSION:2.0', 'PRODID:-//Example//FR', 'CALSCALE:GREGORIAN', 'METHOD:PUBLISH']
    """
    calendar = _calendar(publisher, "PUBLISH", events)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=ask_again_hours), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{ask_again_hours}H")
    return _written(calendar)


def one(publisher: Publisher, event: CalendarEvent) -> bytes:
    """Write one date, for a mail to carry: as it is, or taken back once it is cancelled (METHOD:CANCEL)."""
    method = "CANCEL" if event.status is EventStatus.CANCELLED else "PUBLISH"
    return _written(_calendar(publisher, method, [event]))


def _calendar(publisher: Publisher, method: str, events: Sequence[CalendarEvent]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", publisher.product)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for zone in _zones(events):
        calendar.add_component(zone)
    for event in events:
        calendar.add_component(_event(publisher, event))
    return calendar


def _zones(events: Sequence[CalendarEvent]) -> list[Timezone]:
    """Return the local times that are referred to, in one order: the same dates are the same bytes."""
    referred = {event.when.zone for event in events if not event.when.all_day}
    return [_zone(name) for name in sorted(referred & _CLOCKS.keys())]


def _zone(name: str) -> Timezone:
    """Write when the clocks of a place change in the few words that Outlook reads: one rule for each of its hours."""
    zone = Timezone()
    zone.add("tzid", name)
    for change in _CLOCKS[name]:
        part = TimezoneDaylight() if change.to > change.away else TimezoneStandard()
        part.add("dtstart", change.first)
        part.add("tzoffsetfrom", timedelta(hours=change.away))
        part.add("tzoffsetto", timedelta(hours=change.to))
        if change.month is not None:
            part.add("rrule", {"freq": "yearly", "byday": "-1su", "bymonth": change.month})
        zone.add_component(part)
    return zone


def _event(publisher: Publisher, told: CalendarEvent) -> Event:
    event = Event()
    event.add("uid", told.uid)
    event.add("dtstamp", told.changed_at)
    event.add("created", told.created_at)
    event.add("last-modified", told.changed_at)
    event.add("sequence", told.sequence)
    event.add("status", told.status.value)
    begins, ends = _bounds(told.when)
    event.add("dtstart", begins)
    if ends is not None:
        event.add("dtend", ends)
    cancelled = told.status is EventStatus.CANCELLED
    event.add("summary", f"Annulé : {told.title}" if cancelled else told.title)
    event.add("transp", "TRANSPARENT" if told.when.all_day or cancelled else "OPAQUE")
    event.add("organizer", _organizer(publisher))
    if told.categories:
        event.add("categories", list(told.categories))
    for name, value in (("location", told.place), ("description", told.description), ("url", told.url)):
        if value:
            event.add(name, value)
    return event


def _bounds(when: When) -> tuple[date | datetime, date | datetime | None]:
    """Return both ends at the hour of the place; of whole days, the day after the last one, as calendars count."""
    begins, ends = when.local()
    if when.all_day:
        return begins.date(), ends.date() if ends else None
    return (begins, ends) if when.zone in _CLOCKS else (when.starts_at, when.ends_at)


def _organizer(publisher: Publisher) -> vCalAddress:
    organizer = vCalAddress(f"mailto:{publisher.mail}")
    organizer.params["CN"] = vText(publisher.name)
    return organizer


def _written(calendar: Calendar) -> bytes:
    written: bytes = calendar.to_ical()
    return written
