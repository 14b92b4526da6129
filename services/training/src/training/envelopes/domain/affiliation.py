"""How a structure joins the group account of a year, step by step, and what it pays into it.

Steps: convention, account data, payment with the code Cora, confirmation letter. Open to structures of the operator
that holds the account. Source: Coorace, « Compte Groupe Coorace-Uniformation », February 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from common.labels import Labelled
from common.money import format_euros, round_to_cents
from common.wording import write_day
from training.envelopes.domain.envelope import EnvelopeKind, EnvelopeText, MemberType
from training.envelopes.domain.refusals import (
    AffiliationAmountUnexplained,
    AffiliationDayWrong,
    AffiliationNotOfGroupAccount,
    AffiliationOperatorWrong,
    AffiliationStepWrong,
)

_HUNDRED = Decimal(100)


class AffiliationStep(Labelled):
    """How far an affiliation has come."""

    CONVENTION = "convention", "convention signée"
    ACCOUNT = "account", "données du compte reçues"
    PAID = "paid", "versement reçu"
    CONFIRMED = "confirmed", "confirmée"
    WITHDRAWN = "withdrawn", "abandonnée"


JOINED = (AffiliationStep.PAID, AffiliationStep.CONFIRMED)
"""Steps from which a structure has paid its part: the account pays for it."""


@dataclass(frozen=True, slots=True)
class OperatorRule:
    """Which operator holds the group account from a day on."""

    since: date
    name: str
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class RateRule:
    """What each type of structure pays from a day on, in percent of its gross payroll of the year before."""

    since: date
    percents: Mapping[str, Any]
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Due:
    """What a structure owes to the group account, and why."""

    amount: Decimal
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation:
    """One structure's affiliation to the group account of a year. ``payroll``: gross, of the year before, in euros."""

    id: UUID
    envelope_id: UUID
    member_id: UUID
    member_type: MemberType
    operator: str
    step: AffiliationStep
    convention_on: date
    account_on: date | None = None
    payroll: Decimal | None = None
    due: Decimal | None = None
    explanation: str | None = None
    paid_on: date | None = None
    paid: Decimal | None = None
    cora_code: str | None = None
    difference_reason: str | None = None
    confirmed_on: date | None = None
    version: int = 1


def contribution(payroll: Decimal, member_type: MemberType, rule: RateRule) -> Due:
    """Return what a payroll makes due, to the cent, half up.

    >>> rule = RateRule(date(2026, 1, 1), {"etti": Decimal("0.8")}, "published", "")
    >>> contribution(Decimal("998493.00"), MemberType.ETTI, rule).amount
    Decimal('7987.94')
    """
    percent = Decimal(rule.percents[member_type.value])
    amount = round_to_cents(payroll * percent / _HUNDRED)
    written = f"{percent:f}".replace(".", ",")
    return Due(
        amount,
        f"{written} % ({member_type.label}) de la masse salariale brute de l'année précédente, "
        f"{format_euros(payroll)} : {format_euros(amount)}.",
    )


def require_joinable(said: EnvelopeText, operator: str) -> None:
    """Let a structure join the group account held by its own operator.

    Raises AffiliationNotOfGroupAccount, AffiliationOperatorWrong.
    """
    if said.kind is not EnvelopeKind.GROUP_ACCOUNT:
        raise AffiliationNotOfGroupAccount("Les structures s'affilient à un compte groupe, pas à une autre enveloppe.")
    if operator != said.funder:
        raise AffiliationOperatorWrong(f"Ce compte groupe est ouvert aux structures qui relèvent de {said.funder}.")


def require_signed(convention_on: date, today: date) -> None:
    """Let a convention have been signed today at the latest. Raises AffiliationDayWrong."""
    if convention_on > today:
        raise AffiliationDayWrong("La convention est signée aujourd'hui au plus tard.")


def take_account(affiliation: Affiliation, day: date, today: date, payroll: Decimal, due: Due) -> Affiliation:
    """Note the account data, from which what is due follows. Raises AffiliationStepWrong, AffiliationDayWrong."""
    require_step(affiliation, AffiliationStep.CONVENTION)
    _require_day(affiliation.convention_on, day, today)
    return replace(
        affiliation,
        step=AffiliationStep.ACCOUNT,
        account_on=day,
        payroll=payroll,
        due=due.amount,
        explanation=due.explanation,
    )


def pay(
    affiliation: Affiliation, day: date, today: date, *, amount: Decimal, cora_code: str, reason: str | None
) -> Affiliation:
    """Note what was paid, under its code Cora; another amount than what is due needs its reason.

    Raises AffiliationStepWrong, AffiliationDayWrong, AffiliationAmountUnexplained.
    """
    require_step(affiliation, AffiliationStep.ACCOUNT)
    _require_day(affiliation.account_on, day, today)
    if amount != affiliation.due and not reason:
        raise AffiliationAmountUnexplained("Le versement n'est pas ce qui est dû : dites pourquoi.")
    return replace(
        affiliation,
        step=AffiliationStep.PAID,
        paid_on=day,
        paid=amount,
        cora_code=cora_code,
        difference_reason=reason if amount != affiliation.due else None,
    )


def confirm(affiliation: Affiliation, day: date, today: date) -> Affiliation:
    """Note that the confirmation letter has gone. Raises AffiliationStepWrong, AffiliationDayWrong."""
    require_step(affiliation, AffiliationStep.PAID)
    _require_day(affiliation.paid_on, day, today)
    return replace(affiliation, step=AffiliationStep.CONFIRMED, confirmed_on=day)


def withdraw(affiliation: Affiliation) -> Affiliation:
    """Give an affiliation up before anything is paid. Raises AffiliationStepWrong."""
    require_step(affiliation, AffiliationStep.CONVENTION, AffiliationStep.ACCOUNT)
    return replace(affiliation, step=AffiliationStep.WITHDRAWN)


def require_step(affiliation: Affiliation, *steps: AffiliationStep) -> None:
    """Let a step follow the right one. Raises AffiliationStepWrong."""
    if affiliation.step not in steps:
        expected = " ou ".join(f"« {step.label} »" for step in steps)
        raise AffiliationStepWrong(f"L'affiliation est à l'étape « {affiliation.step.label} », et non {expected}.")


def _require_day(before: date | None, day: date, today: date) -> None:
    first = before or day
    if not first <= day <= today:
        raise AffiliationDayWrong(f"Donnez un jour entre l'étape d'avant, le {write_day(first)}, et aujourd'hui.")
