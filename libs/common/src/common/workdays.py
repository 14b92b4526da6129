"""Days on which people work or banks settle: the week without its end, nor what a country or a system closes. Pure."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta

from holidays import country_holidays, financial_holidays

_SATURDAY = 5
_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Workdays:
    """Monday to Friday, without the days that ``closed`` holds.

    >>> [FRANCE.holds(day) for day in (date(2026, 7, 13), date(2026, 7, 14), date(2026, 7, 18))]
    [True, False, False]
    >>> FRANCE.after(date(2026, 7, 13), 1), TARGET.after(date(2026, 7, 13), 1)
    (datetime.date(2026, 7, 15), datetime.date(2026, 7, 14))
    """

    closed: Container[date]

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        return day.weekday() < _SATURDAY and day not in self.closed

    def first_from(self, day: date) -> date:
        """Return a day, or the first of them after it."""
        return day if self.holds(day) else self.after(day, 1)

    def after(self, day: date, count: int) -> date:
        """Return the day that is so many of them after another."""
        return self._counted(day, count, _DAY)

    def before(self, day: date, count: int) -> date:
        """Return the day that is so many of them before another."""
        return self._counted(day, count, -_DAY)

    def _counted(self, day: date, count: int, step: timedelta) -> date:
        while count:
            day += step
            count -= self.holds(day)
        return day


FRANCE = Workdays(country_holidays("FR"))
"""Without the public holidays of metropolitan France (Code du travail, art. L3133-1), Whit Monday among them: which day
is worked in solidarity is each employer's choice."""
TARGET = Workdays(financial_holidays("ECB"))
"""The days on which banks settle in euros (ECB, 14 December 2000)."""
