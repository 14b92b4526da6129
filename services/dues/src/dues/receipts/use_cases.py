"""What finance does with money that comes in: enter it, put it on calls, take it back, give it back, see it bounce.

An act holds the receipt first, then the calls: two at once on the same money, or on the same call, wait for each other.
Who acts on what they read holds the version they read (``hold_seen``); another capability holds what is (``hold``).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID

from common.accounting.posting import record
from common.etags import check_version
from common.identifiers import new_id
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from dues.apportionment.domain import CashMovement
from dues.invoices.queries import open_calls
from dues.invoices.use_cases import put_money, share_out
from dues.members.queries import require_member
from dues.receipts import domain, entries, queries, repository
from dues.receipts.domain import (
    JOURNAL,
    ActKind,
    Entered,
    Receipt,
    ReceiptAct,
    Wanted,
    propose,
    reason_of,
    require_enterable,
    require_rest_said,
    require_something,
)
from dues.receipts.repository import Movement

PROPOSED = Wanted()


async def receive(tx: Tx, grant: Grant, entity: str, entered: Entered, wanted: Wanted = PROPOSED) -> UUID:
    """Enter money under the next number of the entity's series of the year, and put it on calls; return its id.

    Money of which nobody knows whose it is waits whole. Of a member's, what no call takes is its advance where that is
    said, and the whole is refused otherwise.

    Raises ReceivedInFuture, ChequeDetailsWrong, ReceiptDayWrong, MemberUnknown, MemberMerged, BankReferenceTaken,
    ReceiptUnattributed, AllocationTooLarge, PaymentTooLarge, InvoiceNotFound.
    """
    require_enterable(entered, tx.today)
    member = await require_member(tx, grant, entered.member_id) if entered.member_id else None
    [number] = await take_numbers(tx, Series(entity, JOURNAL, tx.today.year), 1)
    receipt = Receipt(
        id=new_id(),
        number=number,
        entity=entity,
        method=entered.method,
        amount=entered.amount,
        received_on=entered.received_on,
        member_id=entered.member_id,
        member_name=member.name if member else None,
        deposited_on=entered.deposited_on,
    )
    await repository.add(tx, receipt, entered, member)
    record(tx, entries.received(receipt))
    if member is not None or wanted.amounts:
        await _spend(tx, receipt, wanted)
    return receipt.id


async def hold(tx: Tx, receipt_id: UUID) -> Receipt:
    """Hold a receipt as it is. Raises ReceiptNotFound."""
    return await repository.hold(tx, receipt_id)


async def hold_seen(tx: Tx, grant: Grant, receipt_id: UUID, if_match: str | None) -> Receipt:
    """Hold a receipt as it was read. Raises ReceiptNotFound, PreconditionMissing, PreconditionFailed."""
    receipt = await repository.hold(tx, receipt_id)
    await check_version(if_match, receipt.version, partial(queries.find_receipt, tx, grant, receipt_id))
    return receipt


async def allocate(tx: Tx, receipt: Receipt, amounts: Mapping[UUID, Decimal] | None = None) -> None:
    """Put what is left of held money on calls: on those named, or on those that are proposed.

    Raises ReceiptEnded, ReceiptUnattributed, ReceiptSpent, AllocationTooLarge, NothingToAllocate, PaymentTooLarge,
    InvoiceNotFound.
    """
    domain.require_usable(receipt)
    found = await _amounts(tx, receipt, amounts)
    require_something(found)
    await _move(tx, domain.allocate(receipt, found), found, receipt.received_on)


async def take_back(tx: Tx, receipt: Receipt, invoice_id: UUID, amount: Decimal | None, reason: str) -> None:
    """Take back from a call what held money put on it, whole where no amount is said; it is left to use again.

    Raises ReceiptFromFund, AllocationNotThere.
    """
    placed = (await repository.placed(tx, receipt.id)).get(invoice_id, Decimal("0.00"))
    taken = placed if amount is None else amount
    await _move(tx, domain.take_back(receipt, placed, taken), {invoice_id: -taken}, tx.today, reason)


async def make_room(tx: Tx, invoice_id: UUID, amount: Decimal, reason: str) -> None:
    """Take back from a call up to an amount of the money that was put on it last; it is left to use again.

    What the fund paid stays: only the act that granted it is undone. Raises ReceiptNotFound.
    """
    for receipt_id, placed in await repository.placed_on(tx, invoice_id):
        taken = min(placed, amount)
        if taken:
            await take_back(tx, await hold(tx, receipt_id), invoice_id, taken, reason)
            amount -= taken


async def attribute(tx: Tx, grant: Grant, receipt: Receipt, member_id: UUID, wanted: Wanted = PROPOSED) -> None:
    """Say whose held money is, and put it on calls as when it is received.

    Raises MemberUnknown, MemberMerged, ReceiptEnded, ReceiptFromFund, ReceiptRefunded, ReceiptAllocated,
    AllocationTooLarge, PaymentTooLarge, InvoiceNotFound.
    """
    member = await require_member(tx, grant, member_id)
    attributed = await repository.save_member(tx, domain.attribute(receipt, member_id, member.name), member)
    act = ReceiptAct(kind=ActKind.ATTRIBUTED, day=tx.today, member_id=member_id)
    act_id = await repository.add_act(tx, receipt.id, act)
    record(tx, [entries.attributed(receipt, attributed, act_id)])
    await _spend(tx, attributed, wanted)


async def deposit(tx: Tx, receipt: Receipt, on: date) -> None:
    """Note the day on which a held cheque, or cash, was taken to the bank.

    Raises ReceiptEnded, ReceiptDeposited, ReceiptDayWrong.
    """
    await repository.save(tx, domain.deposit(receipt, on, tx.today))
    await repository.add_act(tx, receipt.id, ReceiptAct(kind=ActKind.DEPOSITED, day=on))
    record(tx, [entries.deposited(receipt, on)])


async def refund(tx: Tx, receipt: Receipt, amount: Decimal, on: date, reference: str) -> None:
    """Give back what is left of held money, or part of it.

    Raises ReceiptEnded, ReceiptSpent, RefundTooLarge, ReceiptDayWrong.
    """
    await repository.save(tx, domain.refund(receipt, amount, on, tx.today))
    act = ReceiptAct(kind=ActKind.REFUNDED, day=on, amount=amount, reference=reference)
    record(tx, [entries.refunded(receipt, amount, on, await repository.add_act(tx, receipt.id, act))])


async def note_return(tx: Tx, receipt: Receipt, code: str, on: date) -> None:
    """Note that a held cheque or debit came back unpaid: the calls that it paid are owed again.

    Raises ReceiptEnded, ReceiptNotReturnable, ReturnReasonUnknown, ReceiptDayWrong.
    """
    returned = domain.come_back(receipt, code, on, tx.today)
    reason = reason_of(queries.return_reasons(), code, receipt.method)
    await _take_all_back(tx, returned, on, reason.label.value)
    act_id = await repository.add_act(tx, receipt.id, ReceiptAct(kind=ActKind.RETURNED, day=on, reason=code))
    record(tx, [entries.undone(receipt, on, act_id, "Impayé")])


async def cancel(tx: Tx, receipt: Receipt, reason: str) -> None:
    """Undo held money that should not have been entered. Raises ReceiptEnded, ReceiptFromFund, ReceiptRefunded."""
    await _cancel(tx, receipt, domain.cancel(receipt, tx.today), reason)


async def revoke(tx: Tx, receipt: Receipt, reason: str) -> None:
    """Undo what the fund paid: who granted it gives it back to the fund as well. Raises ReceiptEnded."""
    await _cancel(tx, receipt, domain.revoke(receipt, tx.today), reason)


async def _cancel(tx: Tx, receipt: Receipt, cancelled: Receipt, reason: str) -> None:
    await _take_all_back(tx, cancelled, tx.today, reason)
    act_id = await repository.add_act(tx, receipt.id, ReceiptAct(kind=ActKind.CANCELLED, day=tx.today, reason=reason))
    record(tx, [entries.undone(receipt, tx.today, act_id, "Annulation")])


async def _spend(tx: Tx, receipt: Receipt, wanted: Wanted) -> None:
    """Put money that is a member's on calls; what they leave is said to be kept, or nothing is done."""
    amounts = await _amounts(tx, receipt, wanted.amounts)
    after = domain.allocate(receipt, amounts)
    require_rest_said(receipt.rest, amounts, keep_rest=wanted.keep_rest)
    if amounts:
        await _move(tx, after, amounts, receipt.received_on)


async def _amounts(tx: Tx, receipt: Receipt, named: Mapping[UUID, Decimal] | None) -> Mapping[UUID, Decimal]:
    if named is not None or receipt.member_id is None:
        return named or {}
    return propose(receipt.rest, await open_calls(tx, receipt.member_id))


async def _take_all_back(tx: Tx, after: Receipt, on: date, reason: str) -> None:
    placed = await repository.placed(tx, after.id)
    if placed:
        await _move(tx, after, {invoice_id: -amount for invoice_id, amount in placed.items()}, on, reason)
    else:
        await repository.save(tx, after)


async def _move(tx: Tx, after: Receipt, amounts: Mapping[UUID, Decimal], on: date, reason: str | None = None) -> None:
    """Move money between a held receipt and calls, line by line; ``after`` is the receipt that this leaves."""
    calls = await put_money(tx, amounts, on, reason=after.number)
    movements = [
        Movement(
            id=new_id(),
            receipt_id=after.id,
            invoice_id=invoice_id,
            amount=amounts[invoice_id],
            paid_after=call.balance.paid,
            day=on,
            reason=reason,
        )
        for invoice_id, call in calls.items()
    ]
    await repository.add_movements(tx, movements)
    await repository.save(tx, after)
    record(tx, (entries.moved(after, one, calls[one.invoice_id]) for one in movements))
    await share_out(tx, after.entity, calls, [_cash(one, after.number) for one in movements], reason=after.number)


def _cash(movement: Movement, piece: str) -> CashMovement:
    return CashMovement(
        id=movement.id,
        invoice_id=movement.invoice_id,
        piece=piece,
        paid_before=movement.paid_after - movement.amount,
        paid_after=movement.paid_after,
    )
