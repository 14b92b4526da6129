"""An award: what the board gave of the fund to a project, in which instalments, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.money import format_euros, split
from common.wording import write_day
from dues.fund.domain.refusals import (
    FundAwardClosed,
    FundDayWrong,
    FundInstalmentNotFound,
    FundInstalmentPaid,
    FundInstalmentTooLarge,
    FundReportMissing,
    FundReportReceived,
    FundScheduleWrong,
)


@dataclass(frozen=True, slots=True)
class SchedulePart:
    """A part of an award, in percent, paid at once or once the report has come."""

    label: str
    percent: Decimal
    needs_report: bool


@dataclass(frozen=True, slots=True)
class ScheduleRule:
    """How an award is paid from a day on, where the board does not say otherwise."""

    since: date
    parts: tuple[SchedulePart, ...]
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of an award. What was paid of it may be less: the rest stays committed until it is released."""

    number: int
    label: str
    amount: Decimal
    needs_report: bool
    paid: Decimal | None = None
    paid_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the board decided of an application. No ``amount``: refused. No ``schedule``: the usual one."""

    application_id: UUID
    amount: Decimal | None
    conditions: str
    reason: str
    schedule: tuple[Instalment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What was awarded; ``closed_on`` is the day from which nothing of it is committed any more."""

    amount: Decimal
    sitting_on: date
    instalments: tuple[Instalment, ...]
    report_received_on: date | None = None
    closed_on: date | None = None


def scheduled(amount: Decimal, given: Sequence[Instalment], rule: ScheduleRule) -> tuple[Instalment, ...]:
    """Return the instalments of an award: as the board said, else as is usual. Raises FundScheduleWrong."""
    if not given:
        amounts = split(amount, [part.percent for part in rule.parts])
        usual = [(part, share) for part, share in zip(rule.parts, amounts, strict=True) if share]
        return tuple(
            Instalment(number, part.label, share, part.needs_report)
            for number, (part, share) in enumerate(usual, start=1)
        )
    total = sum((one.amount for one in given), Decimal(0))
    if total != amount:
        raise FundScheduleWrong(f"Les versements font {format_euros(total)}, et l'aide {format_euros(amount)}.")
    return tuple(given)


def require_standing(award: Award) -> None:
    """Let only an award be paid or released of which something is committed. Raises FundAwardClosed."""
    if award.closed_on is not None:
        raise FundAwardClosed(f"Plus rien de cette aide n'est engagé depuis le {write_day(award.closed_on)}.")


def require_payable(award: Award, number: int) -> Instalment:
    """Return an instalment that can be paid now.

    Raises FundAwardClosed, FundInstalmentNotFound, FundInstalmentPaid, FundReportMissing.
    """
    require_standing(award)
    found = next((one for one in award.instalments if one.number == number), None)
    if found is None:
        raise FundInstalmentNotFound(f"Cette aide n'a pas de versement n° {number}.")
    if found.paid_on is not None:
        raise FundInstalmentPaid(f"Ce versement est noté, du {write_day(found.paid_on)}.")
    if found.needs_report and award.report_received_on is None:
        raise FundReportMissing("Ce versement attend le bilan du projet.")
    return found


def require_next_payable(award: Award) -> None:
    """Let something be paid of an award. Raises FundAwardClosed, FundInstalmentPaid, FundReportMissing."""
    require_standing(award)
    unpaid = [one.number for one in award.instalments if one.paid_on is None]
    if not unpaid:
        raise FundInstalmentPaid("Tous les versements de cette aide sont notés.")
    require_payable(award, unpaid[0])


def require_amount(instalment: Instalment, amount: Decimal) -> None:
    """Let no more be paid than the instalment. Raises FundInstalmentTooLarge."""
    if amount > instalment.amount:
        raise FundInstalmentTooLarge(f"Ce versement est de {format_euros(instalment.amount)}.")


def require_unreported(award: Award) -> None:
    """Let the report be received once. Raises FundReportReceived."""
    if award.report_received_on is not None:
        raise FundReportReceived(f"Le bilan a été reçu le {write_day(award.report_received_on)}.")


def require_since_decision(award: Award, day: date, today: date) -> None:
    """Let what is noted have happened between the decision and today. Raises FundDayWrong."""
    if not award.sitting_on <= day <= today:
        raise FundDayWrong(f"Donnez un jour entre la décision, le {write_day(award.sitting_on)}, et aujourd'hui.")
