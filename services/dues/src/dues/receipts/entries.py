"""What the acts on money do to the books.

Money comes in as an advance of whom it comes from, or waits where nobody knows; each call that it pays is an entry of
its own. So the account of a member holds what is owed of its calls, to the cent, and its advances what is left to use.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.accounting.entries import Auxiliary, Entry, Journal, Line, Source
from dues.invoices.domain import Called
from dues.ledger.domain import Purpose
from dues.ledger.queries import credit, debit
from dues.receipts.domain import Receipt, ReceiptMethod
from dues.receipts.repository import Movement


def received(receipt: Receipt) -> list[Entry]:
    """Return the entries of money as it comes in, and of its deposit where that was done already."""
    found = replace(receipt, deposited_on=None)
    lines = debit(_where(found), receipt.amount, about=_till(found)), _lent(receipt, receipt.amount)
    entry = _entry(receipt, "receipt", str(receipt.id), receipt.received_on, "Règlement", lines, _journal(receipt))
    return [entry] if receipt.deposited_on is None else [entry, deposited(receipt, receipt.deposited_on)]


def attributed(before: Receipt, after: Receipt, act: UUID) -> Entry:
    """Return the entry of money of which it is said whose it is: as if that had been known when it came in."""
    lines = _used(before, before.amount), _lent(after, after.amount)
    return _entry(after, "receipt_act", str(act), after.received_on, "Attribution", lines)


def moved(receipt: Receipt, movement: Movement, call: Called) -> Entry:
    """Return the entry of money put on a call, or taken back from it; never of a day before the call was issued."""
    amount, whose = abs(movement.amount), call.debtor
    if movement.amount > 0:
        lines = _used(receipt, amount), credit(Purpose.MEMBER, amount, whose, call.number)
    else:
        lines = debit(Purpose.MEMBER, amount, whose, call.number), _lent(receipt, amount)
    day = max(movement.day, call.issued_on)
    what = f"Affectation à {call.number}" if movement.amount > 0 else f"Reprise sur {call.number}"
    return _entry(receipt, "receipt_movement", str(movement.id), day, what, lines)


def deposited(receipt: Receipt, on: date) -> Entry:
    """Return the entry of a cheque or cash taken to the bank."""
    amount = receipt.amount
    lines = debit(Purpose.BANK, amount), credit(Purpose.TO_DEPOSIT, amount, about=receipt.number)
    return _entry(receipt, "receipt_deposit", str(receipt.id), on, "Remise en banque", lines, Journal.BANK)


def refunded(receipt: Receipt, amount: Decimal, on: date, act: UUID) -> Entry:
    """Return the entry of money given back."""
    lines = _used(receipt, amount), credit(Purpose.BANK, amount)
    return _entry(receipt, "receipt_act", str(act), on, "Remboursement", lines, Journal.BANK)


def undone(receipt: Receipt, on: date, act: UUID, what: str) -> Entry:
    """Return the entry of money that came back unpaid, or should never have been entered: all of it goes.

    What was given back of it meanwhile is then owed by whom it was given to.
    """
    lines = _used(receipt, receipt.amount), credit(_where(receipt), receipt.amount, about=_till(receipt))
    return _entry(receipt, "receipt_act", str(act), on, what, lines, _journal(receipt))


def _where(receipt: Receipt) -> Purpose:
    """Say where money is: what the fund pays never leaves the bank, the fund is owed so much less."""
    if receipt.method is ReceiptMethod.FUND:
        return Purpose.FUND
    return Purpose.TO_DEPOSIT if receipt.in_till else Purpose.BANK


def _journal(receipt: Receipt) -> Journal:
    return Journal.MISCELLANEOUS if receipt.method is ReceiptMethod.FUND else Journal.BANK


def _till(receipt: Receipt) -> str | None:
    """Say what a line of the till is about; the lines of the bank settle nothing."""
    return receipt.number if receipt.in_till else None


def _lent(receipt: Receipt, amount: Decimal) -> Line:
    """Credit what is left to use of money."""
    purpose, whose = _kept(receipt)
    return credit(purpose, amount, whose, receipt.number)


def _used(receipt: Receipt, amount: Decimal) -> Line:
    """Debit what is left to use of money."""
    purpose, whose = _kept(receipt)
    return debit(purpose, amount, whose, receipt.number)


def _kept(receipt: Receipt) -> tuple[Purpose, Auxiliary | None]:
    if receipt.member_id is None:
        return Purpose.WAITING, None
    return Purpose.ADVANCE, Auxiliary(str(receipt.member_id), receipt.member_name or "")


def _entry(
    receipt: Receipt,
    kind: str,
    act: str,
    day: date,
    what: str,
    lines: Sequence[Line],
    journal: Journal = Journal.MISCELLANEOUS,
) -> Entry:
    whose = f", {receipt.member_name}" if receipt.member_name else ""
    return Entry(
        entity=receipt.entity,
        journal=journal,
        day=day,
        piece=receipt.number,
        piece_on=receipt.received_on,
        label=f"{what}, {receipt.method.label}{whose}",
        source=Source(kind, act),
        lines=tuple(lines),
    )
