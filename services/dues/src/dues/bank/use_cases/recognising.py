"""What a line is the echo of: a run, a collection, a cheque, a receipt typed before it, a batch, a transfer."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.transaction import Tx
from dues.bank import repository
from dues.bank.domain import (
    CollectionTakenBack,
    EchoKind,
    LineState,
    ReceiptOnStatement,
    ReturnCodeMissing,
    TransferBroughtBack,
    charge_of,
    require_batch_told,
    require_bounced,
    require_cheque,
    require_matchable,
    require_paid_out,
    require_receipt_told,
    require_returnable,
    require_run_told,
)
from dues.bank.queries import lines_naming, lines_paying
from dues.bank.tables import LineRow
from dues.bank.use_cases.holding import held_line, note_returned
from dues.collections import use_cases as collections
from dues.collections.domain import BankedLine, CollectionLineNotFound, CollectionLineState
from dues.collections.queries import banked_lines, banked_runs
from dues.receipts.domain import Receipt
from dues.receipts.use_cases import hold as hold_receipt
from dues.receipts.use_cases import note_return
from dues.transfers import use_cases as transfers
from dues.transfers.domain import BankedBatch, BatchNotFound, TransferNotFound
from dues.transfers.queries import banked_batches, banked_transfers

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a line is the echo of; of a return, its reason where the bank gives none."""

    kind: EchoKind
    id: UUID
    code: str | None = None


async def recognise_line(tx: Tx, entity: str, line_id: UUID, if_match: str | None, echo: Recognised) -> None:
    """Say what a line is the echo of: nothing is received twice.

    Raises BankLineNotFound, and what ``recognise`` raises.
    """
    row = await held_line(tx, line_id, if_match, await _beside(tx, echo))
    await recognise(tx, entity, row, echo)


async def recognise(tx: Tx, entity: str, row: LineRow, echo: Recognised) -> None:
    """Say what a held line is the echo of.

    Raises BankLineSettled, NotReceived, NotReturned, NotPaidOut, CollectionNotFound, CollectionStateWrong,
    SettlementDayWrong, LineAmountDiffers, CollectionLineNotFound, CollectionLineStateWrong, CollectionReturnDayWrong,
    ReturnReasonUnknown, ReturnCodeMissing, ReturnAmountDiffers, CollectionTakenBack, ReceiptNotFound, ReceiptEnded,
    ReceiptDayWrong, ReceiptNotReturnable, ReceiptNotTransfer, ReceiptOnStatement, BatchNotFound, BatchNotApproved,
    BatchNotExecuted, TransferNotFound, TransferDayWrong, TransferRejected, TransferBroughtBack, RuleMissing.
    """
    state, line = LineState(row.state), repository.line_of(row)
    match echo.kind:
        case EchoKind.COLLECTION:
            require_returnable(state, line)
            known = await banked_lines(tx, line_ids=[echo.id])
            await take_back(tx, entity, row, known[0] if known else None, echo.code)
        case EchoKind.BATCH:
            require_paid_out(state, line)
            await _pay(tx, entity, row, echo.id)
        case EchoKind.TRANSFER:
            require_matchable(state, line)
            await _bring_back(tx, entity, row, echo.id, echo.code)
        case EchoKind.RUN:
            require_matchable(state, line)
            await _credit(tx, row, echo.id)
        case EchoKind.RECEIPT:
            require_matchable(state, line)
            await _meet(tx, row, echo.id)
        case EchoKind.CHEQUE:
            require_bounced(state, line)
            receipt = await hold_receipt(tx, echo.id)
            require_cheque(receipt)
            await bounce(tx, entity, row, receipt, echo.code)


async def _beside(tx: Tx, echo: Recognised) -> list[UUID]:
    """Return the other lines that an act on one settles: all those of a run or of a batch, held in one order."""
    if echo.kind is EchoKind.RUN:
        return [one for run in await banked_runs(tx, run_ids=[echo.id]) for one in await lines_naming(tx, run)]
    if echo.kind is EchoKind.BATCH:
        return [one for batch in await banked_batches(tx, batch_ids=[echo.id]) for one in await lines_paying(tx, batch)]
    return []


async def _credit(tx: Tx, row: LineRow, run_id: UUID) -> None:
    """Say that a line, and all those that name the same run, credit it: the run is settled if it is not."""
    await collections.settle_by_bank(tx, run_id, row.booked_on)
    [run] = await banked_runs(tx, run_ids=[run_id])
    held = await repository.hold_lines(tx, [row.id, *await lines_naming(tx, run)])
    told = (await repository.told_of_runs(tx, [run_id])).get(run_id, _NOTHING)
    require_run_told(run, told + sum((one.amount for one in held.values()), _NOTHING))
    for one in held.values():
        one.run_id = run_id
        await repository.settle(tx, one, LineState.MATCHED, "recognise")


async def take_back(tx: Tx, entity: str, row: LineRow, known: BankedLine | None, code: str | None) -> None:
    """Say that a line takes a collection back: its calls are owed again, and its mandate rests if the reason says so.

    What the bank took besides goes to the books.
    """
    if known is None:
        raise CollectionLineNotFound("Ce prélèvement n'existe pas, ou n'a pas été présenté.")
    charge = charge_of(repository.line_of(row), known.amount)
    reason = _reason(row, code, known=known.state is CollectionLineState.RETURNED)
    receipt_id = await collections.return_by_bank(tx, known.id, reason, row.booked_on)
    if await repository.is_taken_back(tx, known.id):
        raise CollectionTakenBack(f"Une autre ligne a déjà repris {known.end_to_end} : demandez à la banque.")
    row.collection_id = known.id
    await note_returned(tx, entity, row, receipt_id, charge)


async def bounce(tx: Tx, entity: str, row: LineRow, receipt: Receipt, code: str | None) -> None:
    """Say that a line takes a held receipt back: its calls are owed again; what was taken besides goes to the books.

    Raises ReturnAmountDiffers, ReturnCodeMissing, ReceiptEnded, ReceiptNotReturnable, ReturnReasonUnknown,
    ReceiptDayWrong.
    """
    charge = charge_of(repository.line_of(row), receipt.amount)
    await note_return(tx, receipt, _reason(row, code, known=False), row.booked_on)
    await note_returned(tx, entity, row, receipt.id, charge)


async def _pay(tx: Tx, entity: str, row: LineRow, batch_id: UUID) -> None:
    """Say that a line, and all those that name the same batch, pay it: the bank executed it, if that is not known."""
    batch = await _batch(tx, batch_id)
    held = await repository.hold_lines(tx, [row.id, *await lines_paying(tx, batch)])
    last = max(one.booked_on for one in held.values())
    await transfers.execute_by_bank(tx, entity, batch_id, last, row.reference or str(row.id))
    told = (await repository.told_of_batches(tx, [batch_id])).get(batch_id, _NOTHING)
    require_batch_told(await _batch(tx, batch_id), told - sum((one.amount for one in held.values()), _NOTHING))
    for one in held.values():
        one.transfer_batch_id = batch_id
        await repository.settle(tx, one, LineState.MATCHED, "recognise")


async def _batch(tx: Tx, batch_id: UUID) -> BankedBatch:
    """Return a batch as it is now. Raises BatchNotFound."""
    for batch in await banked_batches(tx, batch_ids=[batch_id]):
        return batch
    raise BatchNotFound("Ce lot de virements n'existe pas, ou n'est pas approuvé.")


async def _bring_back(tx: Tx, entity: str, row: LineRow, transfer_id: UUID, code: str | None) -> None:
    """Say that a line brings a transfer back: its amount is due again. What the bank took of it goes to the books."""
    known = await banked_transfers(tx, transfer_ids=[transfer_id])
    if not known:
        raise TransferNotFound("Ce virement n'existe pas, ou n'a pas été demandé à la banque.")
    charge = charge_of(repository.line_of(row), known[0].amount)
    reason = _reason(row, code, known=known[0].rejected_on is not None)
    await transfers.reject_by_bank(tx, entity, transfer_id, row.booked_on, reason)
    if await repository.is_brought_back(tx, transfer_id):
        raise TransferBroughtBack(f"Une autre ligne a déjà rendu {known[0].reference} : demandez à la banque.")
    row.transfer_id = transfer_id
    await note_returned(tx, entity, row, None, charge)


def _reason(row: LineRow, code: str | None, *, known: bool) -> str:
    """Return why something comes back, as a person or the bank says; nothing if known. Raises ReturnCodeMissing."""
    reason = code or row.return_code
    if reason is None and not known:
        raise ReturnCodeMissing("La banque ne donne pas le motif de ce rejet : dites-le dans code.")
    return reason or ""


async def _meet(tx: Tx, row: LineRow, receipt_id: UUID) -> None:
    """Say that a line is a transfer that somebody entered before."""
    receipt = await hold_receipt(tx, receipt_id)
    require_receipt_told(repository.line_of(row), receipt)
    if await repository.is_on_statement(tx, receipt_id):
        raise ReceiptOnStatement(f"Une autre ligne est déjà {receipt.number}.")
    await repository.add_receipts(tx, row, [receipt_id], typed=True)
    await repository.learn_payer(tx, row, [receipt.member_id] if receipt.member_id else [])
    await repository.settle(tx, row, LineState.MATCHED, "recognise")
