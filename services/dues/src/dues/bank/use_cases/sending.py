"""A file of the bank is kept whole, and each of its lines once."""

from collections.abc import Sequence
from uuid import UUID

from common.db import computed
from common.files import Files
from common.identifiers import new_id
from common.jobs import enqueue
from common.money import format_euros
from common.transaction import Tx
from dues.bank import repository
from dues.bank.documents import open_document
from dues.bank.domain import RowOutcome, Statement, StatementChanged, read_statements
from dues.bank.tables import BankFileRow, StatementRow

MATCH = "bank.match"


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


async def ask_to_match(tx: Tx, entity: str) -> UUID:
    """Ask for the calls that lines pay for sure to be paid; return the job that does it."""
    return await enqueue(tx, MATCH, entity=entity)


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
