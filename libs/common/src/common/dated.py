"""Rules that hold from a day on, as a law or an assembly sets them, and delays counted in months. Pure."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar

from common.errors import Unavailable


class RuleMissing(Unavailable):
    """No rule is held for this day: nobody may guess one."""

    code = "rule_missing"


class Dated(Protocol):
    """A rule with its first day, and where it comes from."""

    @property
    def since(self) -> date:
        """The first day on which it holds, until the next one's."""


Rule = TypeVar("Rule", bound=Dated)


def rule_on(rules: Iterable[Rule], day: date) -> Rule:
    """Return the rule that holds on a day. Raises RuleMissing.

    >>> from typing import NamedTuple
    >>> class Rate(NamedTuple):
    ...     since: date
    ...     percent: int
    >>> rule_on([Rate(date(2025, 1, 1), 2), Rate(date(2026, 1, 1), 3)], date(2025, 12, 31)).percent
    2
    """
    latest = max((rule for rule in rules if rule.since <= day), key=lambda rule: rule.since, default=None)
    if latest is None:
        raise RuleMissing(f"Aucune règle n'est renseignée pour le {day:%d/%m/%Y}.")
    return latest


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or earlier; where that month is too short, its last day.

    >>> months_after(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    >>> months_after(date(2026, 12, 31), -1)
    datetime.date(2026, 11, 30)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
