"""What is asked of a schedule, and the instalments that it makes of a balance, within the rule of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from common.dated import months_after
from common.money import format_euros, split
from common.wording import write_day
from dues.plans.domain.refusals import (
    InstalmentTooSmall,
    ScheduleDaysWrong,
    ScheduleTooLong,
    ScheduleTotalWrong,
    TooManyInstalments,
)


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """What a plan may be, and after how many days of lateness it is proposed as broken."""

    since: date
    most_instalments: int
    most_months: int
    least_amount: Decimal
    broken_after_days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Part:
    """An amount to pay by a day."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EqualParts:
    """A number of instalments, the first on a day, one every so many months."""

    count: int
    first_on: date
    every_months: int


Asked = EqualParts | tuple[Part, ...]
"""How instalments are asked for: so many equal ones, or each with its day and its amount."""


def lay_out(asked: Asked, balance: Decimal, limits: PlanLimits, today: date) -> tuple[Part, ...]:
    """Return the instalments that share out a balance.

    Raises ScheduleTotalWrong, ScheduleDaysWrong, TooManyInstalments, ScheduleTooLong, InstalmentTooSmall.
    """
    parts = _in_equal_parts(asked, balance) if isinstance(asked, EqualParts) else asked
    _require_days(parts, today)
    _require_within(parts, limits, today)
    total = sum((part.amount for part in parts), Decimal("0.00"))
    if total != balance:
        raise ScheduleTotalWrong(
            f"Ces échéances font {format_euros(total)}, et {format_euros(balance)} restent dus aujourd'hui.",
            extra={"total": str(total), "balance": str(balance)},
        )
    return parts


def _in_equal_parts(asked: EqualParts, balance: Decimal) -> tuple[Part, ...]:
    """Each day is counted from the first, so that the end of a short month does not shorten those after it."""
    days = (months_after(asked.first_on, rank * asked.every_months) for rank in range(asked.count))
    return tuple(Part(*one) for one in zip(days, split(balance, [Decimal(1)] * asked.count), strict=True))


def _require_days(parts: Sequence[Part], today: date) -> None:
    if parts[0].day < today:
        raise ScheduleDaysWrong(f"Le {write_day(parts[0].day)} est passé : une échéance est à venir.")
    for one, following in pairwise(parts):
        if following.day <= one.day:
            raise ScheduleDaysWrong(f"Après le {write_day(one.day)} vient une échéance plus tardive, une par jour.")


def _require_within(parts: Sequence[Part], limits: PlanLimits, today: date) -> None:
    if len(parts) > limits.most_instalments:
        raise TooManyInstalments(f"Un échéancier a {limits.most_instalments} échéances au plus.")
    last = months_after(today, limits.most_months)
    if parts[-1].day > last:
        raise ScheduleTooLong(f"Convenu aujourd'hui, un échéancier finit le {write_day(last)} au plus tard.")
    least = min(part.amount for part in parts)
    if len(parts) > 1 and least < limits.least_amount:  # a small balance may still be put off whole
        raise InstalmentTooSmall(
            f"Une échéance est de {format_euros(limits.least_amount)} au moins ; l'une serait de {format_euros(least)}."
        )
