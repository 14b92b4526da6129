"""What the treasurer does with the bank: send a file, say what each line is, take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.db import computed
from common.etags import check_version
from common.files import Files
from common.identifiers import new_id
from common.jobs import enqueue
from common.money import format_euros
from common.rights import Grant
from common.transaction import Tx
from dues.bank import entries, repository
from dues.bank.documents import open_document
from dues.bank.domain import (
    BankLine,
    CollectionTakenBack,
    EchoKind,
    LineState,
    OtherMoney,
    Part,
    ReceiptOnStatement,
    ReturnCodeMissing,
    RowOutcome,
    Statement,
    StatementChanged,
    charge_of,
    read_statements,
    require_explained,
    require_matchable,
    require_no_run,
    require_receipt_told,
    require_reopenable,
    require_returnable,
    require_run_told,
    require_unsettled,
    runs_in,
    share,
)
from dues.bank.queries import lines_naming
from dues.bank.tables import BankFileRow, LineRow, StatementRow
from dues.collections import use_cases as collections
from dues.collections.domain import BankedLine, CollectionLineNotFound, CollectionLineState
from dues.collections.queries import banked_lines, banked_runs
from dues.invoices.queries import owed_calls
from dues.ledger.use_cases import record
from dues.receipts import domain as receipts
from dues.receipts.domain import Entered, ReceiptMethod
from dues.receipts.use_cases import cancel, note_return, receive
from dues.receipts.use_cases import hold as hold_receipt

MATCH = "bank.match"
_LONGEST_REFERENCE = 200
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The calls that a line pays, in the order in which its money is put on them; what they leave may be kept."""

    invoices: Sequence[UUID]
    keep_rest: bool = False


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a line is the echo of; of a return, its reason where the bank gives none."""

    kind: EchoKind
    id: UUID
    code: str | None = None


async def send_file(tx: Tx, files: Files, account: str, filename: str, content: bytes) -> BankFileRow:
    """Keep a file whole and store each of its lines once. Raises a StatementUnreadable, and then keeps nothing.

    Nothing is matched here: what the bank delivers once must not depend on what anybody makes of it.
    """
    statements = await computed(tx.session, _read, content, account)
    file_id = new_id()
    # Stored before the commit. Rolled back, it is a file that no row names: harmless.
    stored = await files.put(f"bank/{file_id}.xml", content, dry_run=tx.dry_run)
    row = BankFileRow(
        id=file_id,
        filename=filename,
        path=stored.path,
        size=stored.size,
        sha256=stored.sha256,
        received_at=tx.now,
        received_by=tx.actor.subject,
        added=0,
        known=0,
        not_booked=sum(one.not_booked for one in statements),
    )
    await repository.add_file(tx, row)
    await _store(tx, row, statements)
    return row


async def match_line(tx: Tx, grant: Grant, entity: str, line_id: UUID, if_match: str | None, wanted: Wanted) -> None:
    """Say which calls a line pays: its money is received, and put on them.

    Raises BankLineNotFound, BankLineSettled, InvoiceNotFound, NotReceived, BankLineTooSmall, PaymentTooLarge.
    """
    row = await _held(tx, line_id, if_match)
    require_matchable(LineState(row.state), repository.line_of(row))
    await settle_on(tx, grant, entity, row, wanted)


async def recognise_line(tx: Tx, entity: str, line_id: UUID, if_match: str | None, echo: Recognised) -> None:
    """Say what a line is the echo of: nothing is received twice.

    Raises BankLineNotFound, and what ``recognise`` raises.
    """
    row = (await repository.hold_lines(tx, [line_id, *await _beside(tx, echo)]))[line_id]
    await check_version(if_match, row.version)
    await recognise(tx, entity, row, echo)


async def recognise(tx: Tx, entity: str, row: LineRow, echo: Recognised) -> None:
    """Say what a held line is the echo of.

    Raises BankLineSettled, NotReceived, NotReturned, CollectionNotFound, CollectionStateWrong, SettlementDayWrong,
    LineAmountDiffers, CollectionLineNotFound, CollectionLineStateWrong, CollectionReturnDayWrong, ReturnReasonUnknown,
    ReturnCodeMissing, ReturnAmountDiffers, CollectionTakenBack, ReceiptNotFound, ReceiptEnded, ReceiptDayWrong,
    ReceiptNotTransfer, ReceiptOnStatement, RuleMissing.
    """
    line = repository.line_of(row)
    if echo.kind is EchoKind.COLLECTION:
        require_returnable(LineState(row.state), line)
        known = await banked_lines(tx, line_ids=[echo.id])
        await _take_back(tx, entity, row, known[0] if known else None, echo.code)
        return
    require_matchable(LineState(row.state), line)
    await (_credit(tx, row, echo.id) if echo.kind is EchoKind.RUN else _meet(tx, row, echo.id))


async def _beside(tx: Tx, echo: Recognised) -> list[UUID]:
    """Return the other lines that an act on one settles: all those of a run, held together, each time in one order."""
    runs = await banked_runs(tx, run_ids=[echo.id]) if echo.kind is EchoKind.RUN else []
    return [line_id for run in runs for line_id in await lines_naming(tx, run)]


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


async def _take_back(tx: Tx, entity: str, row: LineRow, known: BankedLine | None, code: str | None) -> None:
    """Say that a line takes a collection back: its calls are owed again, and its mandate rests if the reason says so.

    What the bank took besides goes to the books.
    """
    if known is None:
        raise CollectionLineNotFound("Ce prélèvement n'existe pas, ou n'a pas été présenté.")
    charge = charge_of(repository.line_of(row), known.amount)
    reason = code or row.return_code
    if reason is None and known.state is not CollectionLineState.RETURNED:
        raise ReturnCodeMissing("La banque ne donne pas le motif de ce rejet : dites-le dans code.")
    receipt_id = await collections.return_by_bank(tx, known.id, reason or "", row.booked_on)
    if await repository.is_taken_back(tx, known.id):
        raise CollectionTakenBack(f"Une autre ligne a déjà repris {known.end_to_end} : demandez à la banque.")
    row.collection_id = known.id
    await _note_returned(tx, entity, row, receipt_id, charge)


async def _note_returned(tx: Tx, entity: str, row: LineRow, receipt_id: UUID | None, charge: Decimal) -> None:
    if receipt_id is not None:
        await repository.add_receipts(tx, row, [receipt_id])
    await repository.settle(tx, row, LineState.MATCHED, "return")
    if charge:
        record(tx, [entries.charged(entity, row, charge)])


async def _meet(tx: Tx, row: LineRow, receipt_id: UUID) -> None:
    """Say that a line is a transfer that somebody entered before."""
    receipt = await hold_receipt(tx, receipt_id)
    require_receipt_told(repository.line_of(row), receipt)
    if await repository.is_on_statement(tx, receipt_id):
        raise ReceiptOnStatement(f"Une autre ligne est déjà {receipt.number}.")
    await repository.add_receipts(tx, row, [receipt_id], typed=True)
    await repository.learn_payer(tx, row, [receipt.member_id] if receipt.member_id else [])
    await repository.settle(tx, row, LineState.MATCHED, "recognise")


async def settle_on(tx: Tx, grant: Grant, entity: str, row: LineRow, wanted: Wanted) -> None:
    """Receive the money of a held line that waits, and put it on calls.

    Raises LineOfCollections, InvoiceNotFound, BankLineTooSmall, PaymentTooLarge.
    """
    line = repository.line_of(row)
    require_no_run(await banked_runs(tx, references=runs_in(line)))
    parts = share(line, await owed_calls(tx, wanted.invoices))
    received = [
        await receive(
            tx, grant, entity, _entered(row, line, part), receipts.Wanted(part.amounts, keep_rest=wanted.keep_rest)
        )
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
    row = await _held(tx, line_id, if_match)
    line = repository.line_of(row)
    require_returnable(LineState(row.state), line)
    if collected := await banked_lines(tx, receipt_ids=[receipt_id]):
        await _take_back(tx, entity, row, collected[0], code)
        return
    receipt = await hold_receipt(tx, receipt_id)
    charge = charge_of(line, receipt.amount)
    reason = code or row.return_code
    if reason is None:
        raise ReturnCodeMissing("La banque ne donne pas le motif de ce rejet : dites-le dans code.")
    await note_return(tx, receipt, reason, row.booked_on)
    await _note_returned(tx, entity, row, receipt_id, charge)


async def ask_to_match(tx: Tx, entity: str) -> UUID:
    """Ask for the calls that lines pay for sure to be paid; return the job that does it."""
    return await enqueue(tx, MATCH, entity=entity)


async def set_aside(tx: Tx, line_id: UUID, if_match: str | None, kind: OtherMoney, note: str | None) -> None:
    """Say that a line pays no dues, and what it is. Raises BankLineNotFound, BankLineSettled, SetAsideUnexplained."""
    require_explained(kind, note)
    row = await _held(tx, line_id, if_match)
    require_unsettled(LineState(row.state))
    await repository.settle(tx, row, LineState.SET_ASIDE, "set_aside", other=kind, note=note)


async def reopen(tx: Tx, line_id: UUID, if_match: str | None) -> None:
    """Take back what was said of a line: the receipts that it brought are cancelled, their calls owed again.

    A run that it credits stays settled, and a receipt that was typed before it stands.
    Raises BankLineNotFound, BankLineOpen, ReturnStands, ReceiptEnded, ReceiptRefunded.
    """
    row = await _held(tx, line_id, if_match)
    require_reopenable(LineState(row.state), collection=row.collection_id is not None)
    row.run_id = None
    for receipt_id in await repository.take_receipts(tx, row):
        receipt = await hold_receipt(tx, receipt_id)
        if receipt.cancelled_on is None:
            await cancel(tx, receipt, "Ligne de relevé rouverte")
    await repository.forget_payer(tx, row)
    await repository.settle(tx, row, LineState.UNMATCHED, "reopen")


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


async def _held(tx: Tx, line_id: UUID, if_match: str | None) -> LineRow:
    row = (await repository.hold_lines(tx, [line_id]))[line_id]
    await check_version(if_match, row.version)
    return row


def _read(content: bytes, account: str) -> tuple[Statement, ...]:
    namespace, root = open_document(content)
    return read_statements(namespace, root, account)


async def _store(tx: Tx, file: BankFileRow, statements: Sequence[Statement]) -> None:
    rows = await repository.add_statements(tx, file.id, statements)
    given: list[dict[str, object]] = []
    for row, statement in zip(rows, statements, strict=True):
        _require_same(row, statement)
        found = await repository.add_lines(tx, row, statement.lines)
        for line in statement.lines:
            line_id, outcome = found[line.key]
            given.append(
                {
                    "file_id": file.id,
                    "row": len(given) + 1,
                    "statement_id": row.id,
                    "line_id": line_id,
                    "outcome": outcome.value,
                }
            )
    await repository.add_file_lines(tx, given)
    file.added = sum(one["outcome"] == RowOutcome.ADDED for one in given)
    file.known = len(given) - file.added


def _require_same(row: StatementRow, statement: Statement) -> None:
    """Let through a statement that is new, or says what the one known by its name does. Raises StatementChanged."""
    if (row.opening, row.closing) != (statement.opening, statement.closing):
        raise StatementChanged(
            f"Le relevé {statement.reference} est déjà connu, de {format_euros(row.opening)} à "
            f"{format_euros(row.closing)} ; celui-ci va de {format_euros(statement.opening)} à "
            f"{format_euros(statement.closing)}.",
            extra={"statement_id": str(row.id)},
        )
