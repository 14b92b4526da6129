"""The one clock of a process. Instants are UTC; what the law calls a day is a day in Paris.

The demonstration may be set to another day (``COORACE_CLOCK_SHIFT_DAYS``), so that a year-end run can be shown.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall-clock time, moved by a whole number of days of the calendar."""

    shift_days: int = 0

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return _moved(datetime.now(UTC), self.shift_days)


def _moved(instant: datetime, days: int) -> datetime:
    """Return the same time of day in Paris, so many days later: 90 days from 23:30 is not the 91st day at 0:30.

    >>> _moved(datetime(2027, 1, 15, 22, 30, tzinfo=UTC), 90)  # Paris has gone to summer time meanwhile
    datetime.datetime(2027, 4, 15, 21, 30, tzinfo=datetime.timezone.utc)
    """
    later = instant + timedelta(days=days)
    before, after = (one.astimezone(PARIS).utcoffset() or timedelta() for one in (instant, later))
    return later + (before - after)


@lru_cache(maxsize=64)  # a transaction has one instant, and asks for its day with every line it writes
def legal_day(instant: datetime) -> date:
    """Return the calendar day on which an instant falls for the law, in Paris.

    >>> legal_day(datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    datetime.date(2026, 1, 1)
    """
    return instant.astimezone(PARIS).date()


def beginning(day: date) -> datetime:
    """Return the instant at which a calendar day begins for the law, in Paris.

    >>> beginning(date(2026, 1, 1))
    datetime.datetime(2025, 12, 31, 23, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.combine(day, time(), PARIS).astimezone(UTC)
