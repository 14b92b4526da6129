"""What the treasurer does with the bank: send a file, say what each line is, take it back."""

from collections.abc import Sequence
from uuid import UUID

from common.db import computed
from common.etags import check_version
from common.files import Files
from common.identifiers import new_id
from common.money import format_euros
from common.transaction import Tx
from dues.bank import repository
from dues.bank.documents import open_document
from dues.bank.domain import (
    LineState,
    OtherMoney,
    RowOutcome,
    Statement,
    StatementChanged,
    read_statements,
    require_explained,
    require_settled,
    require_unsettled,
)
from dues.bank.tables import BankFileRow, LineRow, StatementRow


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


async def set_aside(tx: Tx, line_id: UUID, if_match: str | None, kind: OtherMoney, note: str | None) -> None:
    """Say that a line pays no dues, and what it is. Raises BankLineNotFound, BankLineSettled, SetAsideUnexplained."""
    require_explained(kind, note)
    row = await _held(tx, line_id, if_match)
    require_unsettled(LineState(row.state))
    await repository.settle(tx, row, LineState.SET_ASIDE, "set_aside", other=kind, note=note)


async def reopen(tx: Tx, line_id: UUID, if_match: str | None) -> None:
    """Take back what was said of a line. Raises BankLineNotFound, BankLineOpen."""
    row = await _held(tx, line_id, if_match)
    require_settled(LineState(row.state))
    await repository.settle(tx, row, LineState.UNMATCHED, "reopen")


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
