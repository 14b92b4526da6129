"""What a person says of a line: the calls that it pays, a return, a charge, other money; and what is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from common.accounting.posting import record
from common.rights import Grant
from common.transaction import Tx
from dues.bank import entries, repository
from dues.bank.domain import (
    BankLine,
    LineState,
    OtherMoney,
    Part,
    require_chargeable,
    require_explained,
    require_matchable,
    require_no_run,
    require_no_transfer,
    require_reopenable,
    require_returnable,
    require_unsettled,
    runs_in,
    share,
    transfers_back_in,
)
from dues.bank.tables import LineRow
from dues.bank.use_cases.holding import held_line
from dues.bank.use_cases.recognising import bounce, take_back
from dues.collections.queries import banked_lines, banked_runs
from dues.invoices.queries import owed_calls
from dues.receipts.domain import Entered, ReceiptMethod, Wanted
from dues.receipts.use_cases import cancel, receive
from dues.receipts.use_cases import hold as hold_receipt
from dues.transfers.queries import banked_transfers

_LONGEST_REFERENCE = 200


@dataclass(frozen=True, slots=True)
class NamedCalls:
    """The calls that a line pays, in the order in which its money is put on them; what they leave may be kept."""

    invoices: Sequence[UUID]
    keep_rest: bool = False


async def match_line(tx: Tx, grant: Grant, entity: str, line_id: UUID, if_match: str | None, named: NamedCalls) -> None:
    """Say which calls a line pays: its money is received, and put on them.

    Raises BankLineNotFound, BankLineSettled, NotReceived, LineOfCollections, LineOfTransfers, InvoiceNotFound,
    BankLineTooSmall, PaymentTooLarge.
    """
    row = await held_line(tx, line_id, if_match)
    line = repository.line_of(row)
    require_matchable(LineState(row.state), line)
    require_no_run(await banked_runs(tx, references=runs_in(line)))
    require_no_transfer(await banked_transfers(tx, references=transfers_back_in(line)))
    await settle_on(tx, grant, entity, row, named)


async def settle_on(tx: Tx, grant: Grant, entity: str, row: LineRow, named: NamedCalls) -> None:
    """Receive the money of a held line that waits and names neither a run nor a transfer, and put it on calls.

    Raises InvoiceNotFound, BankLineTooSmall, PaymentTooLarge.
    """
    line = repository.line_of(row)
    parts = share(line, await owed_calls(tx, named.invoices))
    received = [
        await receive(tx, grant, entity, _entered(row, line, part), Wanted(part.amounts, keep_rest=named.keep_rest))
        for part in parts
    ]
    await repository.add_receipts(tx, row, received)
    await repository.learn_payer(tx, row, [part.member_id for part in parts])
    await repository.settle(tx, row, LineState.MATCHED, "match")


async def note_line_return(
    tx: Tx, entity: str, line_id: UUID, if_match: str | None, receipt_id: UUID, code: str | None
) -> None:
    """Say which receipt a line takes back: its calls are owed again. Of a collection, what follows is the same.

    Raises BankLineNotFound, BankLineSettled, ReceiptNotFound, NotReturned, ReturnAmountDiffers, ReturnCodeMissing,
    ReceiptEnded, ReceiptNotReturnable, ReturnReasonUnknown, ReceiptDayWrong.
    """
    row = await held_line(tx, line_id, if_match)
    require_returnable(LineState(row.state), repository.line_of(row))
    if collected := await banked_lines(tx, receipt_ids=[receipt_id]):
        await take_back(tx, entity, row, collected[0], code)
        return
    await bounce(tx, entity, row, await hold_receipt(tx, receipt_id), code)


async def set_aside(tx: Tx, line_id: UUID, if_match: str | None, kind: OtherMoney, note: str | None) -> None:
    """Say that a line pays no dues, and what it is. Raises BankLineNotFound, BankLineSettled, SetAsideUnexplained."""
    require_explained(kind, note)
    row = await held_line(tx, line_id, if_match)
    require_unsettled(LineState(row.state))
    await repository.settle(tx, row, LineState.SET_ASIDE, "set_aside", other=kind, note=note)


async def charge(tx: Tx, entity: str, line_id: UUID, if_match: str | None, label: str) -> None:
    """Say that a line is what the bank took for itself, and what for: it goes to the books.

    Raises BankLineNotFound, BankLineSettled, NotACharge.
    """
    row = await held_line(tx, line_id, if_match)
    require_chargeable(LineState(row.state), repository.line_of(row))
    await repository.settle(tx, row, LineState.CHARGED, "charge", note=label)
    record(tx, [entries.charged(entity, row, label)])


async def reopen(tx: Tx, entity: str, line_id: UUID, if_match: str | None) -> None:
    """Take back what was said of a line: the receipts that it brought are cancelled, their calls owed again.

    A charge leaves the books by its mirror. A run that the line credits stays settled, a batch that it pays executed,
    what it deposited is deposited, and a receipt that was typed before it stands.
    Raises BankLineNotFound, BankLineOpen, ReturnStands, ReceiptEnded, ReceiptRefunded.
    """
    row = await held_line(tx, line_id, if_match)
    charged_as = row.note if row.state == LineState.CHARGED else None
    require_reopenable(LineState(row.state), came_back=bool(row.collection_id or row.transfer_id))
    row.run_id = row.transfer_batch_id = None
    for receipt_id in await repository.take_receipts(tx, row):
        receipt = await hold_receipt(tx, receipt_id)
        if receipt.cancelled_on is None:
            await cancel(tx, receipt, "Ligne de relevé rouverte")
    await repository.forget_payer(tx, row)
    await repository.settle(tx, row, repository.line_of(row).first_state, "reopen")
    if charged_as is not None:
        record(tx, [entries.uncharged(entity, row, charged_as)])


def _entered(row: LineRow, line: BankLine, part: Part) -> Entered:
    """Return money as the bank tells of it. Its reference is the line's own: the bank's may be of a whole batch."""
    return Entered(
        method=ReceiptMethod.TRANSFER,
        amount=part.amount,
        received_on=line.booked_on,
        member_id=part.member_id,
        payer_reference=(line.end_to_end or line.text)[:_LONGEST_REFERENCE] or None,
        bank_reference=f"{row.id}/{part.member_id}",
    )
