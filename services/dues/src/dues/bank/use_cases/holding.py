"""How a line is held while something is said of it, and what a return notes of it, whatever comes back."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from uuid import UUID

from common.accounting.posting import record
from common.etags import check_version
from common.transaction import Tx
from dues.bank import entries, repository
from dues.bank.domain import LineState
from dues.bank.queries import find_line
from dues.bank.tables import LineRow


async def held_line(tx: Tx, line_id: UUID, if_match: str | None, beside: Sequence[UUID] = ()) -> LineRow:
    """Load a line in the version that was read and hold it, with those that one act settles with it.

    Raises BankLineNotFound, PreconditionMissing, PreconditionFailed.
    """
    row = (await repository.hold_lines(tx, [line_id, *beside]))[line_id]
    await check_version(if_match, row.version, partial(find_line, tx, line_id))
    return row


async def note_returned(tx: Tx, entity: str, row: LineRow, receipt_id: UUID | None, charge: Decimal) -> None:
    """Write that a line takes, or brings, something back; what the bank took besides goes to the books."""
    if receipt_id is not None:
        await repository.add_receipts(tx, row, [receipt_id])
    await repository.settle(tx, row, LineState.MATCHED, "return")
    if charge:
        record(tx, [entries.taken_besides(entity, row, charge)])
