"""What the treasurer does with the bank: send a file, say what each line is, take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from common.db import computed
from common.etags import check_version
from common.files import Files
from common.identifiers import new_id
from common.jobs import enqueue
from common.money import format_euros
from common.rights import Grant
from common.transaction import Tx
from dues.bank import repository
from dues.bank.documents import open_document
from dues.bank.domain import (
    BankLine,
    LineState,
    OtherMoney,
    Part,
    ReturnCodeMissing,
    RowOutcome,
    Statement,
    StatementChanged,
    read_statements,
    require_explained,
    require_matchable,
    require_return_of,
    require_returnable,
    require_settled,
    require_unsettled,
    share,
)
from dues.bank.tables import BankFileRow, LineRow, StatementRow
from dues.invoices.queries import owed_calls
from dues.receipts import domain as receipts
from dues.receipts.domain import Entered, ReceiptMethod
from dues.receipts.use_cases import cancel, note_return, receive
from dues.receipts.use_cases import hold as hold_receipt

MATCH = "bank.match"
_LONGEST_REFERENCE = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """The calls that a line pays, in the order in which its money is put on them; what they leave may be kept."""

    invoices: Sequence[UUID]
    keep_rest: bool = False


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


async def settle_on(tx: Tx, grant: Grant, entity: str, row: LineRow, wanted: Wanted) -> None:
    """Receive the money of a held line that waits, and put it on calls.

    Raises InvoiceNotFound, BankLineTooSmall, PaymentTooLarge.
    """
    line = repository.line_of(row)
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


async def note_line_return(tx: Tx, line_id: UUID, if_match: str | None, receipt_id: UUID, code: str | None) -> None:
    """Say which receipt a line takes back: its calls are owed again.

    Raises BankLineNotFound, BankLineSettled, ReceiptNotFound, NotReturned, ReturnAmountDiffers, ReturnCodeMissing,
    ReceiptEnded, ReceiptNotReturnable, ReturnReasonUnknown, ReceiptDayWrong.
    """
    row = await _held(tx, line_id, if_match)
    line = repository.line_of(row)
    require_returnable(LineState(row.state), line)
    receipt = await hold_receipt(tx, receipt_id)
    require_return_of(line, receipt.amount)
    reason = code or row.return_code
    if reason is None:
        raise ReturnCodeMissing("La banque ne donne pas le motif de ce rejet : dites-le dans code.")
    await note_return(tx, receipt, reason, row.booked_on)
    await repository.add_receipts(tx, row, [receipt_id])
    await repository.settle(tx, row, LineState.MATCHED, "return")


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

    Raises BankLineNotFound, BankLineOpen, ReceiptEnded, ReceiptRefunded.
    """
    row = await _held(tx, line_id, if_match)
    require_settled(LineState(row.state))
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
