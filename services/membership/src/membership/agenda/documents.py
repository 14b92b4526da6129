"""The agenda as calendars read it: iCalendar (RFC 5545; its methods, RFC 5546; a calendar's own name, RFC 7986)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from membership.agenda.domain import AgendaEntry, AgendaMode, AgendaStatus, When

UID_DOMAIN = "agenda.coorace.org"
"""Never changes: an event under another UID is another event, in every calendar that has it."""
MEDIA_TYPE = "text/calendar; charset=utf-8"
WRITING = 1
"""How a date is written. One more with each change of it: calendars ask again for what has another tag only."""
_PRODUCT = "-//Coorace//Agenda du réseau//FR"


@dataclass(frozen=True, slots=True)
class Wording:
    """What entries are written with: the names of kinds and delegations, from whom they come, when to ask again."""

    kinds: Mapping[str, str]
    delegations: Mapping[str, str]
    organizer_name: str
    organizer_mail: str
    ask_again_hours: int = 1


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
"""The clocks of the network's places since 1996 in Paris (directive 2000/84/CE), long before overseas.

By hand, as generated ones list each change by its date, which Outlook does not read. A test holds them to the zones of
the IANA. What is heard from anywhere else is written in UTC.
"""


def feed(name: str, entries: Sequence[AgendaEntry], wording: Wording) -> bytes:
    """Write a calendar that people subscribe to: all it holds, cancelled dates included."""
    calendar = _calendar("PUBLISH", entries)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=wording.ask_again_hours), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{wording.ask_again_hours}H")
    return _written(calendar, entries, wording)


def writing(wording: Wording) -> str:
    """Return how dates are written: where it changes, so does every calendar."""
    words = sorted({**wording.kinds, **wording.delegations}.items())
    return f"{WRITING} {wording.organizer_name} {wording.organizer_mail} {wording.ask_again_hours} {words}"


def one(entry: AgendaEntry, wording: Wording) -> bytes:
    """Write one date, for a mail to carry: as it is, or taken back."""
    method = "CANCEL" if entry.told.status is AgendaStatus.CANCELLED else "PUBLISH"
    return _written(_calendar(method, [entry]), [entry], wording)


def _calendar(method: str, entries: Sequence[AgendaEntry]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for zone in _zones(entries):
        calendar.add_component(zone)
    return calendar


def _zones(entries: Sequence[AgendaEntry]) -> list[Timezone]:
    """Return the local times that are referred to, in one order: the same dates are the same bytes."""
    referred = {entry.told.when.zone for entry in entries if not entry.told.when.all_day}
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


def _written(calendar: Calendar, entries: Sequence[AgendaEntry], wording: Wording) -> bytes:
    for entry in entries:
        calendar.add_component(_event(entry, wording))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: AgendaEntry, wording: Wording) -> Event:
    told, event = entry.told, Event()
    event.add("uid", f"{told.id}@{UID_DOMAIN}")
    event.add("dtstamp", entry.changed_at)
    event.add("created", entry.recorded_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("status", told.status.value.upper())
    begins, ends = _bounds(told.when)
    event.add("dtstart", begins)
    if ends is not None:
        event.add("dtend", ends)
    cancelled = told.status is AgendaStatus.CANCELLED
    event.add("summary", f"Annulé : {told.title}" if cancelled else told.title)
    event.add("transp", "TRANSPARENT" if told.when.all_day or cancelled else "OPAQUE")
    event.add("categories", _categories(entry, wording))
    event.add("organizer", _organizer(wording))
    place = told.place or (AgendaMode.REMOTE.label.capitalize() if told.mode is AgendaMode.REMOTE else None)
    said = [f"Annulé : {told.cancelled_reason}" if told.cancelled_reason else None, told.description]
    text = "\n\n".join(filter(None, said))
    for name, value in (("location", place), ("description", text), ("url", told.url)):
        if value:
            event.add(name, value)
    return event


def _bounds(when: When) -> tuple[date | datetime, date | datetime | None]:
    """Return both ends at the hour of the place; of whole days, the day after the last one, as calendars count."""
    begins, ends = when.local()
    if when.all_day:
        return begins.date(), ends.date() if ends else None
    return (begins, ends) if when.zone in _CLOCKS else (when.starts_at, when.ends_at)


def _categories(entry: AgendaEntry, wording: Wording) -> list[str]:
    told = entry.told
    where = [wording.delegations.get(told.delegation, told.delegation)] if told.delegation else []
    return [wording.kinds.get(told.kind, told.kind), *where]


def _organizer(wording: Wording) -> vCalAddress:
    organizer = vCalAddress(f"mailto:{wording.organizer_mail}")
    organizer.params["CN"] = vText(wording.organizer_name)
    return organizer
