"""What is still owed of a call for dues: its total, less what was paid and what was credited. Never less than zero."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.accounting.entries import Auxiliary
from common.errors import Conflict, Invalid
from common.labels import Labelled
from common.money import format_euros

NOTHING = Decimal("0.00")


class InvoiceStatus(Labelled):
    """Where a call for dues stands. Another service shows one it does not know as it came."""

    ISSUED = "issued", "émis"
    PARTLY_PAID = "partly_paid", "payé en partie"
    PAID = "paid", "payé"
    CREDITED = "credited", "annulé par un avoir"
    VOIDED = "voided", "annulé, à appeler de nouveau"


class PaymentTooLarge(Conflict):
    """More is paid of a call than is still owed of it: the rest is the member's own money, to keep or give back."""

    code = "payment_too_large"


class PaymentNotThere(Conflict):
    """More is taken back from a call than was paid of it."""

    code = "payment_not_there"


class CreditEmpty(Invalid):
    """A credit note takes something off."""

    code = "credit_empty"


class CreditTooLarge(Conflict):
    """More is credited than is still owed: what was paid is taken off the call first."""

    code = "credit_too_large"


@dataclass(frozen=True, slots=True)
class Parts:
    """The two parts of dues, in euros."""

    fixed: Decimal
    variable: Decimal

    @property
    def total(self) -> Decimal:
        """What they make."""
        return self.fixed + self.variable

    def less(self, other: "Parts") -> "Parts":
        """Return what is left of each part."""
        return Parts(self.fixed - other.fixed, self.variable - other.variable)


NO_PARTS = Parts(NOTHING, NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call as it was issued, for who takes a part of it back or pays it."""

    id: UUID
    number: str
    rank: int
    member_id: UUID
    member_name: str
    delegation: str
    activity: str
    year: int
    parts: Parts
    issued_on: date
    due_on: date
    balance: "Balance"
    voided: bool

    @property
    def status(self) -> InvoiceStatus:
        """Where it stands: one that was voided stays so."""
        return InvoiceStatus.VOIDED if self.voided else self.balance.status

    @property
    def debtor(self) -> Auxiliary:
        """Whose account it is on: the record that it was issued to."""
        return Auxiliary(str(self.member_id), self.member_name)


@dataclass(frozen=True, slots=True)
class Credited:
    """What a credit note takes off a call, in euros."""

    number: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of a call, in euros. ``number`` is what people call it by."""

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
        """Where the call stands: nothing left to pay of one on which nothing was paid means that it was credited."""
        if self.owed:
            return InvoiceStatus.PARTLY_PAID if self.paid else InvoiceStatus.ISSUED
        return InvoiceStatus.PAID if self.paid or not self.total else InvoiceStatus.CREDITED


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call that stands, and what is owed of it, in euros. ``member_id`` is whom it is of now."""

    id: UUID
    member_id: UUID
    year: int
    owed: Decimal
    due_on: date


def pay(balance: Balance, amount: Decimal) -> Balance:
    """Count money received for a call, or taken back from it where negative.

    Raises PaymentTooLarge, PaymentNotThere.
    """
    if amount > balance.owed:
        raise PaymentTooLarge(
            f"{format_euros(amount)} ne se règlent pas sur {balance.number}, où il reste {format_euros(balance.owed)}.",
            extra={"owed": str(balance.owed)},
        )
    if balance.paid + amount < 0:
        raise PaymentNotThere(
            f"{format_euros(-amount)} ne se reprennent pas sur {balance.number}, où {format_euros(balance.paid)} sont "
            "réglés.",
            extra={"paid": str(balance.paid)},
        )
    return replace(balance, paid=balance.paid + amount)


def credit(balance: Balance, amount: Decimal) -> Balance:
    """Count a credit note against a call. Raises CreditTooLarge."""
    if amount > balance.owed:
        raise CreditTooLarge(
            f"{format_euros(amount)} ne se créditent pas sur {balance.number}, où il reste "
            f"{format_euros(balance.owed)} : reprenez d'abord ce qui y est réglé.",
            extra={"owed": str(balance.owed)},
        )
    return replace(balance, credited=balance.credited + amount)


def require_voidable(balance: Balance) -> None:
    """Let a call be voided of which something is left and nothing is paid. Raises CreditEmpty, CreditTooLarge."""
    left = balance.total - balance.credited
    if not left:
        raise CreditEmpty(f"Il ne reste rien à annuler de {balance.number}.")
    credit(balance, left)
