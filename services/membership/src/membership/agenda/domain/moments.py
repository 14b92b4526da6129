"""Moments: an instant and the place whose hour people read there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from common.errors import Invalid
from common.wording import write_day


class AgendaMomentPassed(Invalid):
    """A date is written for, or moved to, a moment that has not passed."""

    code = "agenda_moment_passed"


class AgendaZoneUnknown(Invalid):
    """The hour is that of one of the federation's places."""

    code = "agenda_zone_unknown"


class AgendaHourSkipped(Invalid):
    """An hour that the clocks of a place jump over, the night they go forward, is no hour of that day."""

    code = "agenda_hour_skipped"


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time: two instants, UTC, and the IANA zone whose hour people read there.

    ``ends_at`` is None where nobody said until when. ``all_day``: from midnight there to the midnight after.
    """

    starts_at: datetime
    ends_at: datetime | None
    zone: str
    all_day: bool = False

    def local(self) -> tuple[datetime, datetime | None]:
        """Return both ends at the hour of the place."""
        there = ZoneInfo(self.zone)
        return self.starts_at.astimezone(there), self.ends_at.astimezone(there) if self.ends_at else None

    @property
    def first_day(self) -> date:
        """The day on which it begins, there."""
        return self.local()[0].date()

    @property
    def last_day(self) -> date:
        """The last day of which it has something, there; what ends at midnight has nothing of the day after."""
        begins, ends = self.local()
        return (ends - timedelta(microseconds=1)).date() if ends else begins.date()

    @property
    def over_at(self) -> datetime:
        """From when on it belongs to the past: where nobody said until when, once its day is over there."""
        if self.ends_at is not None:
            return self.ends_at
        return datetime.combine(self.first_day + timedelta(days=1), time(), ZoneInfo(self.zone)).astimezone(UTC)


def hours(day: date, begins: time, ends: time | None, zone: str, last_day: date | None = None) -> When:
    """Return a stretch between two hours, of one day or until another, as read on the wall of a place.

    Raises AgendaHourSkipped.

    >>> hours(date(2026, 12, 1), time(9), None, "America/Cayenne").starts_at
    datetime.datetime(2026, 12, 1, 12, 0, tzinfo=datetime.timezone.utc)
    """
    require_hours(day, begins, None, zone)
    require_hours(last_day or day, ends, None, zone)
    return When(_instant(day, begins, zone), _instant(last_day or day, ends, zone) if ends else None, zone)


def require_hours(day: date, begins: time | None, ends: time | None, zone: str) -> None:
    """Let hours be those that clocks show there that day. Raises AgendaHourSkipped."""
    for hour in (begins, ends):
        if hour is not None and _instant(day, hour, zone).astimezone(ZoneInfo(zone)).time() != hour:
            raise AgendaHourSkipped(
                f"{hour:%H:%M} n'existe pas le {write_day(day)} : les horloges avancent d'une heure cette nuit-là."
                " Choisissez une autre heure."
            )


def whole_days(first: date, last: date, zone: str) -> When:
    """Return whole days, both included, where they are lived."""
    return When(_instant(first, time(), zone), _instant(last + timedelta(days=1), time(), zone), zone, all_day=True)


def of_day(day: date, begins: time | None, ends: time | None, zone: str) -> When:
    """Return the hours of a day that ``require_hours`` let by, or the whole day while nobody said the hour."""
    if begins is None:
        return whole_days(day, day, zone)
    return When(_instant(day, begins, zone), _instant(day, ends, zone) if ends else None, zone)


def between(starts_at: datetime, ends_at: datetime | None, zone: str, *, all_day: bool = False) -> When:
    """Return what is between two instants, or the whole days that they are of, where they are lived.

    A zone that this machine does not know is read in UTC; an end that does not follow the beginning is left out.
    """
    when = When(
        starts_at, ends_at if ends_at and ends_at > starts_at else None, zone if zone in _known_zones() else "UTC"
    )
    return whole_days(when.first_day, when.last_day, when.zone) if all_day else when


def require_coming(when: When, now: datetime) -> None:
    """Let a date be written for what is not over. Raises AgendaMomentPassed."""
    if when.over_at <= now:
        raise AgendaMomentPassed("Ce moment est passé : choisissez un jour à venir.")


def require_zone(offered: Collection[str], zone: str) -> None:
    """Let an hour be that of one of the federation's places. Raises AgendaZoneUnknown."""
    if zone not in offered:
        raise AgendaZoneUnknown(f"« {zone} » n'est pas un fuseau du réseau. Fuseaux : {', '.join(offered)}.")


@cache
def _known_zones() -> frozenset[str]:
    """Return the zones of this machine, of which the list is a walk through its files."""
    return frozenset(available_timezones())


def _instant(day: date, hour: time, zone: str) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)
