"""What is due when a seat is given back: the Code du travail first, and nothing that no text or known contract says.

Sources: Code du travail, art. L6353-5 (ten days to withdraw from the signature), L6353-7 (force majeure: pro rata),
L6354-1 (what was not carried out is refunded); at a distance fourteen days (code de la consommation, art. L221-18).
The delays are dated data: ``data/withdrawal.toml``. What may be paid before (art. L6353-6) is for who invoices.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from common.labels import Labelled
from common.money import round_to_cents
from common.wording import counted
from training.enrolments.domain.enrolment import WithdrawalReason


class Buyer(Labelled):
    """Who buys: what is due depends on it."""

    STRUCTURE = "structure", "une structure, par convention"
    INDIVIDUAL = "individual", "une personne, par contrat à ses frais"


class Basis(Labelled):
    """By which rule an amount is due."""

    NOTHING_BOUGHT = "nothing_bought", "aucune place n'était prise"
    ORGANISER = "organiser", "du fait de l'organisme"
    COOLING_OFF = "cooling_off", "dans le délai de rétractation"
    FORCE_MAJEURE = "force_majeure", "force majeure"
    BEFORE_START = "before_start", "avant le début"
    CARRIED_OUT = "carried_out", "après le début"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRule:
    """The delays of a day, in days from the contract. ``status``: published, or assumed."""

    since: date
    cooling_off_days: int
    cooling_off_days_remote: int
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A seat given back, as the rule sees it. ``halves`` and ``halves_over``: half-days of the session, and those past.

    ``agreed_on``: the day the contract counts from, that on which the seats were asked for as long as no contract says.
    """

    buyer: Buyer
    reason: WithdrawalReason
    had_a_seat: bool
    remote: bool
    agreed_on: date
    day: date
    price: Decimal
    halves: int
    halves_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is due, in euros. ``contract_unknown``: a contract could ask for more; none is known, nothing is asked."""

    amount: Decimal
    basis: Basis
    explanation: str
    source: str
    status: str
    contract_unknown: bool


_NO_TERMS = "Aucune indemnité prévue : conditions générales non renseignées."


def cooling_off_until(agreed_on: date, rule: WithdrawalRule, *, remote: bool) -> date:
    """Return the last day on which a person may withdraw from what was agreed at their own expense."""
    return agreed_on + timedelta(rule.cooling_off_days_remote if remote else rule.cooling_off_days)


def due(seat: Withdrawn, rule: WithdrawalRule) -> Due:
    """Return what a seat given back leaves due."""
    if not seat.had_a_seat:
        return _due(Decimal(0), Basis.NOTHING_BOUGHT, "Aucune place n'était prise : rien n'est dû.", rule, "–")
    if seat.reason in (WithdrawalReason.ORGANISER, WithdrawalReason.DATE_MOVED) and not seat.halves_over:
        return _due(Decimal(0), Basis.ORGANISER, "Du fait de l'organisme : rien n'est dû.", rule, "art. L6354-1")
    until = cooling_off_until(seat.agreed_on, rule, remote=seat.remote)
    if seat.buyer is Buyer.INDIVIDUAL and seat.day <= until:
        text = f"Rétractation possible jusqu'au {until:%d/%m/%Y} compris : rien n'est dû."
        return _due(Decimal(0), Basis.COOLING_OFF, text, rule, rule.source)
    if seat.reason is WithdrawalReason.FORCE_MAJEURE:
        text = f"Force majeure : seule la part suivie est due, {_part(seat)}."
        return _due(_carried_out(seat), Basis.FORCE_MAJEURE, text, rule, "art. L6353-7")
    if not seat.halves_over:
        return _due(
            Decimal(0), Basis.BEFORE_START, f"Rien n'est encore exécuté. {_NO_TERMS}", rule, "art. L6354-1", True
        )
    text = f"Seule la part exécutée est due, {_part(seat)}. {_NO_TERMS}"
    return _due(_carried_out(seat), Basis.CARRIED_OUT, text, rule, "art. L6354-1", True)


def _part(seat: Withdrawn) -> str:
    return f"{counted(seat.halves_over, 'demi-journée')} sur {seat.halves}"


def _carried_out(seat: Withdrawn) -> Decimal:
    return round_to_cents(seat.price * seat.halves_over / seat.halves)


def _due(amount: Decimal, basis: Basis, text: str, rule: WithdrawalRule, source: str, unknown: bool = False) -> Due:
    return Due(
        amount=amount,
        basis=basis,
        explanation=text,
        source=source,
        status=rule.status,
        contract_unknown=unknown,
    )
