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
    """Wall-clock time, moved by a whole number of days."""

    shift_days: int = 0

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC) + timedelta(days=self.shift_days)


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
