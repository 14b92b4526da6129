"""One sum of money that came in: where it went, what is left of it, and what may still be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from common.money import format_euros

JOURNAL = "REC"


class ReceiptMethod(Labelled):
    """How money came in."""

    TRANSFER = "transfer", "virement"
    CHEQUE = "cheque", "chèque"
    DEBIT = "debit", "prélèvement"
    CASH = "cash", "espèces"
    OTHER = "other", "autre"
    FUND = "fund", "prise en charge par le fonds mutualisé"


TAKEN_TO_THE_BANK = (ReceiptMethod.CHEQUE, ReceiptMethod.CASH)


class ReceiptStatus(Labelled):
    """What became of the money."""

    OPEN = "open", "à affecter"
    ALLOCATED = "allocated", "affecté"
    REFUNDED = "refunded", "remboursé"
    RETURNED = "returned", "revenu impayé"
    CANCELLED = "cancelled", "annulé"


class ActKind(Labelled):
    """What else is done with money than putting it on calls."""

    ATTRIBUTED = "attributed", "attribué"
    DEPOSITED = "deposited", "déposé en banque"
    REFUNDED = "refunded", "remboursé"
    RETURNED = "returned", "revenu impayé"
    CANCELLED = "cancelled", "annulé"


class ReceiptNotFound(NotFound):
    """No such receipt within reach."""

    code = "receipt_not_found"


class BankReferenceTaken(Conflict):
    """This line of the bank was entered already."""

    code = "bank_reference_taken"


class ReceivedInFuture(Invalid):
    """Money that has not come in yet."""

    code = "received_in_future"


class ChequeDetailsWrong(Invalid):
    """A cheque has a number and a bank; what is no cheque has neither."""

    code = "cheque_details_wrong"


class ReceiptDayWrong(Invalid):
    """The act is dated before the money came in, or after today."""

    code = "receipt_day_wrong"


class ReceiptEnded(Conflict):
    """The money came back unpaid, or should never have been entered: nothing more is done with it."""

    code = "receipt_ended"


class ReceiptUnattributed(Conflict):
    """Nobody knows yet whose money it is."""

    code = "receipt_unattributed"


class ReceiptSpent(Conflict):
    """Nothing is left of the money."""

    code = "receipt_spent"


class AllocationTooLarge(Conflict):
    """More is put on calls than is left of the money."""

    code = "allocation_too_large"


class AllocationNotThere(Conflict):
    """More is taken back from a call than this money put on it."""

    code = "allocation_not_there"


class RefundTooLarge(Conflict):
    """More is given back than is left of the money."""

    code = "refund_too_large"


class ReceiptNotReturnable(Conflict):
    """Only a cheque or a debit comes back unpaid."""

    code = "receipt_not_returnable"


class ReceiptAllocated(Conflict):
    """Some of the money stands on calls: it is taken back first."""

    code = "receipt_allocated"


class ReceiptRefunded(Conflict):
    """Some of the money was given back: it did come in."""

    code = "receipt_refunded"


class ReceiptFromFund(Conflict):
    """The mutual fund paid it: only the act that granted it is undone, and both with it."""

    code = "receipt_from_fund"


class ReceiptMethodReserved(Invalid):
    """What the mutual fund pays is granted, not entered."""

    code = "receipt_method_reserved"


class ReceiptDeposited(Conflict):
    """It was taken to the bank already, or is nothing that one takes there."""

    code = "receipt_deposited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What is known of money the day it is entered. Never changed: an error is cancelled and entered again."""

    method: ReceiptMethod
    amount: Decimal
    received_on: date
    member_id: UUID | None = None
    payer_reference: str | None = None
    bank_reference: str | None = None
    cheque_number: str | None = None
    cheque_bank: str | None = None
    deposited_on: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a sum of money, in euros. ``number`` is what people call it by."""

    id: UUID
    number: str
    entity: str
    method: ReceiptMethod
    amount: Decimal
    received_on: date
    member_id: UUID | None = None
    member_name: str | None = None
    deposited_on: date | None = None
    allocated: Decimal = Decimal("0.00")
    refunded: Decimal = Decimal("0.00")
    returned_on: date | None = None
    return_reason: str | None = None
    cancelled_on: date | None = None
    version: int = 1

    @property
    def rest(self) -> Decimal:
        """What is left to use, or to give back."""
        if self.returned_on or self.cancelled_on:
            return Decimal("0.00")
        return self.amount - self.allocated - self.refunded

    @property
    def in_till(self) -> bool:
        """Whether it is a cheque or cash that nobody took to the bank yet."""
        return self.method in TAKEN_TO_THE_BANK and self.deposited_on is None

    @property
    def to_recover(self) -> Decimal:
        """What was given back of money that then came back unpaid."""
        return self.refunded if self.returned_on else Decimal("0.00")

    @property
    def status(self) -> ReceiptStatus:
        """What became of the money, as a whole."""
        if self.returned_on:
            return ReceiptStatus.RETURNED
        if self.cancelled_on:
            return ReceiptStatus.CANCELLED
        if self.rest:
            return ReceiptStatus.OPEN
        return ReceiptStatus.ALLOCATED if self.allocated else ReceiptStatus.REFUNDED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptAct:
    """One thing done with money, on a day. ``reason`` is a code for money that came back, a sentence otherwise."""

    kind: ActKind
    day: date
    amount: Decimal | None = None
    member_id: UUID | None = None
    reference: str | None = None
    reason: str | None = None


def require_enterable(entered: Entered, today: date) -> None:
    """Let money be entered as it came. Raises ReceivedInFuture, ChequeDetailsWrong, ReceiptDayWrong."""
    if entered.received_on > today:
        raise ReceivedInFuture(f"Le {entered.received_on:%d/%m/%Y} n'est pas encore venu.")
    is_cheque = entered.method is ReceiptMethod.CHEQUE
    if {bool(entered.cheque_number), bool(entered.cheque_bank)} != {is_cheque}:
        raise ChequeDetailsWrong("Un chèque se dit avec son numéro et sa banque ; un autre règlement n'en a pas.")
    if entered.deposited_on is not None:
        _require_day(entered.deposited_on, entered.received_on, today)


def require_by_hand(method: ReceiptMethod) -> None:
    """Let what came in be entered by hand, not what the fund pays. Raises ReceiptMethodReserved."""
    if method is ReceiptMethod.FUND:
        raise ReceiptMethodReserved("Une prise en charge par le fonds vient d'une demande de solidarité accordée.")


def require_usable(receipt: Receipt) -> None:
    """Let what is left of money be put on calls. Raises ReceiptEnded, ReceiptUnattributed, ReceiptSpent."""
    _require_standing(receipt)
    if receipt.member_id is None:
        raise ReceiptUnattributed(f"Dites d'abord de qui vient {receipt.number}.")
    _require_rest(receipt)


def allocate(receipt: Receipt, amounts: Mapping[UUID, Decimal]) -> Receipt:
    """Put what is left of money on calls.

    Raises ReceiptEnded, ReceiptUnattributed, ReceiptSpent, AllocationTooLarge.
    """
    require_usable(receipt)
    total = sum(amounts.values(), Decimal(0))
    if total > receipt.rest:
        raise AllocationTooLarge(
            f"{format_euros(total)} ne s'affectent pas : il reste {format_euros(receipt.rest)} de {receipt.number}.",
            extra={"rest": str(receipt.rest), "asked": str(total)},
        )
    return replace(receipt, allocated=receipt.allocated + total)


def require_allocated(receipt: Receipt) -> None:
    """Let something be taken back. Raises ReceiptFromFund, AllocationNotThere."""
    _require_not_from_fund(receipt)
    if not receipt.allocated:
        raise AllocationNotThere(f"Rien de {receipt.number} n'est affecté.", extra={"placed": "0.00"})


def take_back(receipt: Receipt, placed: Decimal, amount: Decimal) -> Receipt:
    """Take back from a call what this money put on it. Raises ReceiptFromFund, AllocationNotThere."""
    _require_not_from_fund(receipt)
    if not placed or amount > placed:
        raise AllocationNotThere(
            f"{format_euros(amount)} ne se reprennent pas : {receipt.number} y a mis {format_euros(placed)}.",
            extra={"placed": str(placed)},
        )
    return replace(receipt, allocated=receipt.allocated - amount)


def require_refundable(receipt: Receipt) -> None:
    """Let something be given back. Raises ReceiptEnded, ReceiptSpent."""
    _require_standing(receipt)
    _require_rest(receipt)


def refund(receipt: Receipt, amount: Decimal, on: date, today: date) -> Receipt:
    """Give back what is left of money, or part of it.

    Raises ReceiptEnded, ReceiptSpent, RefundTooLarge, ReceiptDayWrong.
    """
    require_refundable(receipt)
    if amount > receipt.rest:
        raise RefundTooLarge(
            f"{format_euros(amount)} ne se remboursent pas : il reste {format_euros(receipt.rest)} de "
            f"{receipt.number}.",
            extra={"rest": str(receipt.rest)},
        )
    _require_day(on, receipt.received_on, today)
    return replace(receipt, refunded=receipt.refunded + amount)


def require_returnable(receipt: Receipt) -> None:
    """Let a cheque or a debit come back. Raises ReceiptEnded, ReceiptNotReturnable."""
    _require_standing(receipt)
    if receipt.method not in (ReceiptMethod.CHEQUE, ReceiptMethod.DEBIT):
        raise ReceiptNotReturnable(f"{receipt.number} est un règlement par {receipt.method.label} : rien n'en revient.")


def come_back(receipt: Receipt, reason: str, on: date, today: date) -> Receipt:
    """Note that a cheque or a debit came back unpaid, by the code of a reason: none of it stands on a call any more.

    What was given back of it meanwhile is to be recovered. Raises ReceiptEnded, ReceiptNotReturnable, ReceiptDayWrong.
    """
    require_returnable(receipt)
    _require_day(on, receipt.received_on, today)
    return replace(receipt, allocated=Decimal("0.00"), returned_on=on, return_reason=reason)


def require_cancellable(receipt: Receipt) -> None:
    """Let what should not have been entered be undone. Raises ReceiptEnded, ReceiptFromFund, ReceiptRefunded."""
    _require_standing(receipt)
    _require_not_from_fund(receipt)
    if receipt.refunded:
        raise ReceiptRefunded(
            f"{format_euros(receipt.refunded)} de {receipt.number} sont remboursés : cet argent est bien venu."
        )


def cancel(receipt: Receipt, today: date) -> Receipt:
    """Undo what should not have been entered. Raises ReceiptEnded, ReceiptFromFund, ReceiptRefunded."""
    require_cancellable(receipt)
    return revoke(receipt, today)


def revoke(receipt: Receipt, today: date) -> Receipt:
    """Undo what the fund paid, as its grant is undone. Raises ReceiptEnded."""
    _require_standing(receipt)
    return replace(receipt, allocated=Decimal("0.00"), cancelled_on=today)


def require_attributable(receipt: Receipt) -> None:
    """Let it be said whose money it is, or be said otherwise.

    Raises ReceiptEnded, ReceiptFromFund, ReceiptRefunded, ReceiptAllocated.
    """
    require_cancellable(receipt)
    if receipt.allocated:
        raise ReceiptAllocated(
            f"{format_euros(receipt.allocated)} de {receipt.number} sont affectés : reprenez-les d'abord."
        )


def attribute(receipt: Receipt, member_id: UUID, member_name: str) -> Receipt:
    """Say whose money it is. Raises ReceiptEnded, ReceiptFromFund, ReceiptRefunded, ReceiptAllocated."""
    require_attributable(receipt)
    return replace(receipt, member_id=member_id, member_name=member_name)


def require_depositable(receipt: Receipt) -> None:
    """Let a cheque or cash be taken to the bank. Raises ReceiptEnded, ReceiptDeposited."""
    _require_standing(receipt)
    if not receipt.in_till:
        raise ReceiptDeposited(f"{receipt.number} n'est pas, ou n'est plus, à déposer en banque.")


def deposit(receipt: Receipt, on: date, today: date) -> Receipt:
    """Note the day of its deposit. Raises ReceiptEnded, ReceiptDeposited, ReceiptDayWrong."""
    require_depositable(receipt)
    _require_day(on, receipt.received_on, today)
    return replace(receipt, deposited_on=on)


def _require_not_from_fund(receipt: Receipt) -> None:
    if receipt.method is ReceiptMethod.FUND:
        raise ReceiptFromFund(f"{receipt.number} est payé par le fonds mutualisé : retirez la remise qui l'a accordé.")


def _require_standing(receipt: Receipt) -> None:
    if receipt.status in (ReceiptStatus.RETURNED, ReceiptStatus.CANCELLED):
        raise ReceiptEnded(f"{receipt.number} est {receipt.status.label}.")


def _require_rest(receipt: Receipt) -> None:
    if not receipt.rest:
        raise ReceiptSpent(f"Il ne reste rien de {receipt.number}.")


def _require_day(on: date, earliest: date, today: date) -> None:
    if not earliest <= on <= today:
        raise ReceiptDayWrong(f"Le jour se situe du {earliest:%d/%m/%Y} (réception) à aujourd'hui.")
