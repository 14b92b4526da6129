"""Moments of the agenda: as they are heard, or written by hand for what is to come."""

from collections.abc import Collection
from datetime import date, datetime, time
from functools import cache
from zoneinfo import available_timezones

from common.errors import Invalid
from common.moments import When, instant, whole_days


class AgendaMomentPassed(Invalid):
    """A date is written for, or moved to, a moment that has not passed."""

    code = "agenda_moment_passed"


class AgendaZoneUnknown(Invalid):
    """The hour is that of one of the federation's places."""

    code = "agenda_zone_unknown"


def of_day(day: date, begins: time | None, ends: time | None, zone: str) -> When:
    """Return the hours of a day that ``require_hours`` let by, or the whole day while nobody said the hour."""
    if begins is None:
        return whole_days(day, day, zone)
    return When(instant(day, begins, zone), instant(day, ends, zone) if ends else None, zone)


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
