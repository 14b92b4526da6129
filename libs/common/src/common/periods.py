"""Which days a partition of the ledger holds, and which days are past their keeping. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """The days that one partition holds: one, or a month of them."""

    first: date
    is_month: bool = False

    @property
    def end(self) -> date:
        """The first day after."""
        if self.is_month:
            return (self.first + timedelta(days=31)).replace(day=1)
        return self.first + timedelta(days=1)

    @property
    def table(self) -> str:
        """The partition's name."""
        return f"event_archive_{self.first:%Y%m}" if self.is_month else f"event_archive_{self.first:%Y%m%d}"


def period_of(day: date, there: Collection[Period], *, by_month: bool) -> Period | None:
    """Return the partition to make for a day; None where one has it already.

    A month that has partitions of days, from when the ledger was kept for a time, goes on with days.

    >>> period_of(date(2027, 1, 15), [], by_month=True).table
    'event_archive_202701'
    >>> period_of(date(2027, 1, 15), [Period(date(2027, 1, 14))], by_month=True).table
    'event_archive_20270115'
    """
    if any(one.first <= day < one.end for one in there):
        return None
    month = Period(day.replace(day=1), is_month=True)
    if by_month and not any(one.first < month.end and month.first < one.end for one in there):
        return month
    return Period(day)


def expired(days: Iterable[date], today: date, keep_days: int) -> list[date]:
    """Return the days that may be dropped, oldest first: older than ``keep_days``, and not among that many past days.

    The second condition is for a clock that jumps ahead: it makes every day old at once, and drops next to none.

    >>> week = [date(2026, 11, day) for day in range(15, 22)]
    >>> expired(week, date(2026, 11, 21), 5)
    [datetime.date(2026, 11, 15)]
    >>> expired(week, date(2027, 11, 21), 6)
    [datetime.date(2026, 11, 15)]
    """
    past = sorted(day for day in days if day < today)
    return [day for day in past[:-keep_days] if day < today - timedelta(days=keep_days)]
