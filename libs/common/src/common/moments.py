"""Moments: an instant and the place whose hour people read there. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from common.errors import Invalid
from common.wording import write_day


class HourSkipped(Invalid):
    """An hour that the clocks of a place jump over, the night they go forward, is no hour of that day."""

    code = "hour_skipped"


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time: two instants, UTC, and the IANA zone whose hour people read there.

    ``ends_at`` is None where nobody said until when. ``all_day``: from midnight there to the midnight after.

    >>> morning = hours(date(2026, 12, 1), time(9), time(12), "Indian/Reunion")
    >>> morning.starts_at.hour, morning.local()[0].hour, morning.last_day
    (5, 9, datetime.date(2026, 12, 1))
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
        return self.ends_at or instant(self.first_day + timedelta(days=1), time(), self.zone)


def instant(day: date, hour: time, zone: str) -> datetime:
    """Return when clocks show an hour at a place, in UTC; the first of two where they show it twice.

    >>> instant(date(2026, 10, 25), time(2, 30), "Europe/Paris").hour
    0
    """
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)


def hours(day: date, begins: time, ends: time | None, zone: str, last_day: date | None = None) -> When:
    """Return a stretch between two hours, of one day or until another, as read on the wall of a place.

    Raises HourSkipped.

    >>> hours(date(2026, 12, 1), time(9), None, "America/Cayenne").starts_at
    datetime.datetime(2026, 12, 1, 12, 0, tzinfo=datetime.timezone.utc)
    """
    require_hours(day, begins, None, zone)
    require_hours(last_day or day, ends, None, zone)
    return When(instant(day, begins, zone), instant(last_day or day, ends, zone) if ends else None, zone)


def require_hours(day: date, begins: time | None, ends: time | None, zone: str) -> None:
    """Let hours be those that clocks show there that day. Raises HourSkipped."""
    for hour in (begins, ends):
        if hour is not None and instant(day, hour, zone).astimezone(ZoneInfo(zone)).time() != hour:
            raise HourSkipped(
                f"{hour:%H:%M} n'existe pas le {write_day(day)} : les horloges avancent d'une heure cette nuit-là."
                " Choisissez une autre heure."
            )


def whole_days(first: date, last: date, zone: str) -> When:
    """Return whole days, both included, where they are lived.

    >>> whole_days(date(2026, 3, 29), date(2026, 3, 29), "Europe/Paris").ends_at.hour
    22
    """
    return When(instant(first, time(), zone), instant(last + timedelta(days=1), time(), zone), zone, all_day=True)
