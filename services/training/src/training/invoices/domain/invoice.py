"""An invoice: issued once to one payer for its share, never changed but for what became of it.

A number, its issuer, its payer, the action and why there is no VAT: CGI, annexe II, art. 242 nonies A. What is wrong in
it is told by a credit note that names it.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.legal_entities import Address
from common.money import format_euros
from training.billings.domain import PayerKind
from training.invoices.domain.refusals import (
    CreditTooLarge,
    SettlementEmpty,
    SettlementNotThere,
    SettlementTooLarge,
)
from training.invoices.domain.terms import Terms
from training.organisation.domain import Organisation

JOURNAL = "FOR"
CREDIT_JOURNAL = "AVF"


class InvoiceStatus(Labelled):
    """Where an invoice stands, derived from what was paid and credited."""

    ISSUED = "issued", "émise"
    PARTLY_PAID = "partly_paid", "payée en partie"
    PAID = "paid", "payée"
    CREDITED = "credited", "annulée par un avoir"


class CreditReason(Labelled):
    """Why an invoice is taken back."""

    SEAT_GIVEN_BACK = "seat_given_back", "place rendue"
    SESSION_CANCELLED = "session_cancelled", "session annulée"
    FUNDING_CHANGED = "funding_changed", "financement changé"
    MISTAKE = "mistake", "facture erronée"
    GESTURE = "gesture", "remise accordée"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who is to pay, as was known on the day of issue. ``person``: at their own expense."""

    kind: PayerKind
    name: str
    siren: str | None
    address: Address
    file_reference: str | None = None
    person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPart:
    """What somebody else pays of the same action, in euros: two invoices for one action say each other."""

    name: str
    amount: Decimal
    file_reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What was sold. Nobody who is trained is named: the file of a funder and the session say enough."""

    title: str
    programme_code: str
    session: str
    first_day: date
    last_day: date
    seats: int
    price: Decimal
    others: tuple[OtherPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice. ``amount`` in euros; ``registration``: what is printed of the training body's own number."""

    id: UUID
    number: str
    seller: Organisation
    registration: str
    payer: Payer
    action: Action
    amount: Decimal
    terms: Terms
    issued_on: date
    due_on: date

    @property
    def label(self) -> str:
        """What its line says."""
        seats = f"{self.action.seats} stagiaire{'s' if self.action.seats > 1 else ''}"
        file = f", dossier {self.payer.file_reference}" if self.payer.file_reference else ""
        part = "" if self.amount == self.action.price else "Part du prix : "
        return f"{part}{self.action.title}, session {self.action.session}, {seats}{file}"


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of an invoice, in euros."""

    number: str
    total: Decimal
    paid: Decimal
    credited: Decimal

    @property
    def owed(self) -> Decimal:
        """What is still to be paid."""
        return self.total - self.paid - self.credited

    @property
    def status(self) -> InvoiceStatus:
        """Where it stands: nothing left of one on which nothing was paid means that it was credited."""
        if self.owed:
            return InvoiceStatus.PARTLY_PAID if self.paid else InvoiceStatus.ISSUED
        return InvoiceStatus.PAID if self.paid else InvoiceStatus.CREDITED


def credit(balance: Balance, amount: Decimal | None) -> tuple[Balance, Decimal]:
    """Count a credit note, of all that is owed without an amount; return how much. Raises CreditTooLarge."""
    asked = balance.owed if amount is None else amount
    if not asked or asked > balance.owed:
        raise CreditTooLarge(
            f"Il reste {format_euros(balance.owed)} à devoir sur {balance.number} : ce qui y est réglé se reprend "
            "d'abord.",
            extra={"owed": str(balance.owed)},
        )
    return replace(balance, credited=balance.credited + asked), asked


def settle(balance: Balance, amount: Decimal) -> Balance:
    """Count money received for an invoice, or taken back from it where negative.

    Raises SettlementEmpty, SettlementTooLarge, SettlementNotThere.
    """
    if not amount:
        raise SettlementEmpty("Un règlement a un montant : reçu, ou repris s'il est négatif.")
    if amount > balance.owed:
        raise SettlementTooLarge(
            f"Il reste {format_euros(balance.owed)} à régler sur {balance.number}.", extra={"owed": str(balance.owed)}
        )
    if balance.paid + amount < 0:
        raise SettlementNotThere(
            f"{format_euros(balance.paid)} sont réglés sur {balance.number}.", extra={"paid": str(balance.paid)}
        )
    return replace(balance, paid=balance.paid + amount)
