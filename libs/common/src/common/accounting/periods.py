"""Closed months: in order, once they are over; what is closed refuses every entry."""

from calendar import monthrange
from datetime import date, timedelta

from common.errors import Conflict
from common.labels import Labelled
from common.wording import write_day


class PeriodAct(Labelled):
    """What was done to a month."""

    CLOSED = "closed", "clos"
    REOPENED = "reopened", "rouvert"


class PeriodClosed(Conflict):
    """The month of the entry is closed."""

    code = "period_closed"
    title = "Période close"


class PeriodNotOver(Conflict):
    """A month is closed once it is over."""

    code = "period_not_over"


class PeriodOutOfOrder(Conflict):
    """Months are closed one after the other."""

    code = "period_out_of_order"


class PeriodNotLastClosed(Conflict):
    """Only the last month that was closed is opened again."""

    code = "period_not_last_closed"


def last_day(month: date) -> date:
    """Return the last day of the month of a day."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def day_before(month: date) -> date:
    """Return the day before a month begins."""
    return month.replace(day=1) - timedelta(days=1)


def write_month(month: date) -> str:
    """Write a month as its path names it.

    >>> write_month(date(2026, 3, 31))
    '2026-03'
    """
    return f"{month:%Y-%m}"


def is_closed(closed_through: date | None, day: date) -> bool:
    """Tell whether a day is of a closed month."""
    return closed_through is not None and day <= closed_through


def require_open(closed_through: date | None, day: date) -> None:
    """Let through a day of an open month. Raises PeriodClosed."""
    if closed_through is not None and is_closed(closed_through, day):
        raise PeriodClosed(
            f"Les comptes sont clos jusqu'au {write_day(closed_through)} : rien ne s'écrit au {write_day(day)}.",
            extra={"closed_through": closed_through.isoformat()},
        )


def close(closed_through: date | None, month: date, today: date) -> date:
    """Return until when the books are closed once a month is. The first one to be closed closes those before it.

    Raises PeriodNotOver, PeriodOutOfOrder.
    """
    end = last_day(month)
    if closed_through is not None and day_before(month) != closed_through:
        following = write_month(closed_through + timedelta(days=1))
        raise PeriodOutOfOrder(f"Le prochain mois à clore est {following}.", extra={"next": following})
    if end >= today:
        raise PeriodNotOver(f"{write_month(month)} se clôt à partir du {write_day(end + timedelta(days=1))}.")
    return end


def reopen(closed_through: date | None, month: date) -> date:
    """Return until when the books stay closed once a month is opened again. Raises PeriodNotLastClosed."""
    if closed_through != last_day(month):
        last = "aucun mois n'est clos" if closed_through is None else f"le dernier est {write_month(closed_through)}"
        raise PeriodNotLastClosed(f"Seul le dernier mois clos se rouvre : {last}.")
    return day_before(month)
