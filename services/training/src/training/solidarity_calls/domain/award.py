"""An award: what was given to an application, and what it was spent on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.money import format_euros
from common.wording import write_day
from training.solidarity_calls.domain.refusals import (
    SolidarityAwardClosed,
    SolidarityAwardMissing,
    SolidarityAwardShort,
    SolidarityDayWrong,
)

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What was given: euros and seats. ``closed_on``: when what was left went back to the envelope."""

    amount: Decimal
    trainees: int
    decided_on: date
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What an award was spent on: who was trained (how many), for how many hours, for how much."""

    label: str
    spent_on: date
    trainees: int
    hours: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent so far."""

    trainees: int = 0
    hours: Decimal = NOTHING
    amount: Decimal = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided of an application. No ``amount``: refused. No ``trainees``: as many as it planned."""

    application_id: UUID
    amount: Decimal | None
    trainees: int | None
    reason: str


def require_standing(award: Award) -> None:
    """Let an award be spent until it is closed. Raises SolidarityAwardClosed."""
    if award.closed_on is not None:
        raise SolidarityAwardClosed(f"Cette aide est close depuis le {write_day(award.closed_on)}.")


def require_spendable(award: Award, spent: Spent, wanted: Spending, today: date) -> None:
    """Let what is left of an award be spent, since it was decided.

    Raises SolidarityAwardClosed, SolidarityAwardShort, SolidarityDayWrong.
    """
    require_standing(award)
    if not award.decided_on <= wanted.spent_on <= today:
        raise SolidarityDayWrong(f"Donnez un jour entre la décision, le {write_day(award.decided_on)}, et aujourd'hui.")
    left = award.amount - spent.amount
    if wanted.amount > left:
        raise SolidarityAwardShort(f"{format_euros(left)} restent de cette aide.", extra={"left": str(left)})


def require_award(award: Award | None) -> Award:
    """Return what was awarded. Raises SolidarityAwardMissing."""
    if award is None:
        raise SolidarityAwardMissing("Aucune aide n'a été accordée à cette demande.")
    return award
