"""A line is the deposit of cheques or cash: they are deposited where that was not said yet, and booked once."""

from collections.abc import Collection
from uuid import UUID

from common.transaction import Tx
from dues.bank import repository
from dues.bank.domain import LineState, ReceiptOnStatement, require_deposit_told, require_matchable
from dues.bank.tables import LineRow
from dues.bank.use_cases.holding import held_line
from dues.receipts.use_cases import deposit as deposit_receipt
from dues.receipts.use_cases import hold as hold_receipt


async def deposit_line(tx: Tx, entity: str, line_id: UUID, if_match: str | None, receipt_ids: Collection[UUID]) -> None:
    """Say which cheques, or which cash, a line is the deposit of. Raises BankLineNotFound, and as ``deposit``."""
    await deposit(tx, entity, await held_line(tx, line_id, if_match), receipt_ids)


async def deposit(tx: Tx, entity: str, row: LineRow, receipt_ids: Collection[UUID]) -> None:
    """Tie receipts to the held line that is their deposit; those still in the till are deposited on its day.

    Raises BankLineSettled, NotReceived, ReceiptNotFound, ReceiptEnded, ReceiptNotDepositable, LineAmountDiffers,
    ReceiptOnStatement, ReceiptDeposited, ReceiptDayWrong.
    """
    line = repository.line_of(row)
    require_matchable(LineState(row.state), line)
    receipts = [await hold_receipt(tx, receipt_id) for receipt_id in sorted(set(receipt_ids))]
    require_deposit_told(line, entity, receipts)
    for receipt in receipts:
        if await repository.is_on_statement(tx, receipt.id):
            raise ReceiptOnStatement(f"Une autre ligne est déjà {receipt.number}.")
        if receipt.in_till:
            await deposit_receipt(tx, receipt, line.booked_on)
    await repository.add_receipts(tx, row, [receipt.id for receipt in receipts], typed=True)
    await repository.settle(tx, row, LineState.MATCHED, "recognise")
