"""The days on which banks settle in euros (TARGET), and those counted back from a collection."""

from datetime import date, timedelta

from common.wording import write_day
from dues.collections.domain.refusals import NotBankingDay

_FIXED = {(1, 1), (5, 1), (12, 25), (12, 26)}
"""Closing days of TARGET since 2002, beside Good Friday, Easter Monday and weekends (ECB, 14 December 2000)."""
_SATURDAY = 5
_DAY = timedelta(1)


def is_banking_day(day: date) -> bool:
    """Tell whether banks settle on a day.

    >>> is_banking_day(date(2026, 12, 24)), is_banking_day(date(2026, 12, 25))
    (True, False)
    """
    easter = easter_of(day.year)
    closed = {easter - 2 * _DAY, easter + _DAY}
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED and day not in closed


def require_banking_day(day: date) -> None:
    """Refuse a day on which nothing is settled, and say which one follows. Raises NotBankingDay."""
    if not is_banking_day(day):
        following = next_banking_day(day)
        raise NotBankingDay(
            f"Les banques ne prélèvent pas le {write_day(day)} ; le jour ouvré suivant est le {write_day(following)}.",
            extra={"next_banking_day": str(following)},
        )


def next_banking_day(day: date) -> date:
    """Return a day, or the first after it on which banks settle."""
    while not is_banking_day(day):
        day += _DAY
    return day


def banking_days_before(day: date, count: int) -> date:
    """Return the day that is so many banking days before another."""
    while count:
        day -= _DAY
        count -= is_banking_day(day)
    return day


def easter_of(year: int) -> date:
    """Return Easter Sunday of a year (Gregorian computus, after Meeus, Jones and Butcher).

    >>> easter_of(2026)
    datetime.date(2026, 4, 5)
    """
    golden = year % 19
    century, in_century = divmod(year, 100)
    leaps, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    sunday = (32 + 2 * century_rest + 2 * (in_century // 4) - epact - in_century % 4) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
