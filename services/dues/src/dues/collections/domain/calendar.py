"""The days on which banks settle in euros (TARGET), and those counted back from a collection."""

from datetime import date

from common.wording import write_day
from common.workdays import TARGET
from dues.collections.domain.refusals import NotBankingDay


def is_banking_day(day: date) -> bool:
    """Tell whether banks settle on a day.

    >>> is_banking_day(date(2026, 12, 24)), is_banking_day(date(2026, 12, 25))
    (True, False)
    """
    return TARGET.holds(day)


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
    return TARGET.first_from(day)


def banking_days_before(day: date, count: int) -> date:
    """Return the day that is so many banking days before another."""
    return TARGET.before(day, count)
