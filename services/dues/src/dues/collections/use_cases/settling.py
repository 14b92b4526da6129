"""What finance notes of a run that was presented: the money that came, and what came back."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import Blocker, Refusal
from common.jobs import ReceiptLine, enqueue
from common.money import format_euros
from common.rights import Grant, Scope
from common.transaction import Tx
from dues.collections import queries, repository
from dues.collections.domain import (
    Claim,
    CollectionAct,
    CollectionLineState,
    CollectionState,
    overtaken,
    require_return_day,
    require_returnable,
    require_settleable,
    require_state,
)
from dues.collections.schemas import CollectionReturnIn
from dues.collections.tables import LineRow, RunRow
from dues.collections.use_cases.holding import held, held_line, interrupt, leave_out
from dues.invoices.queries import owed_calls
from dues.legal_entities.queries import frozen_entity
from dues.mandates.domain import Scheme
from dues.mandates.use_cases import let_rest
from dues.members.queries import members_behind
from dues.receipts import use_cases as receipts
from dues.receipts.domain import Entered, ReceiptMethod, Wanted, reason_of
from dues.receipts.queries import return_reasons

SETTLE = "collections.settle"


async def settle(tx: Tx, run_id: UUID, if_match: str | None, settled_on: date) -> None:
    """Ask for the money of a presented run to be received, on the day on which the bank settled it.

    Raises CollectionNotFound, CollectionStateWrong, SettlementDayWrong, PreconditionMissing, PreconditionFailed.
    """
    await _settle(tx, await held(tx, run_id, if_match), settled_on)


async def settle_by_bank(tx: Tx, run_id: UUID, settled_on: date) -> None:
    """Have the money of a run received that the bank credited on a day; one that is settled already stays so.

    Raises CollectionNotFound, CollectionStateWrong, SettlementDayWrong.
    """
    row = await repository.get(tx, run_id, for_update=True)
    if row.state not in (CollectionState.SETTLING, CollectionState.SETTLED):
        await _settle(tx, row, settled_on)


async def _settle(tx: Tx, row: RunRow, settled_on: date) -> None:
    require_settleable(repository.to_domain(row), settled_on, tx.today)
    row.settled_on = settled_on
    row.job_id = await enqueue(tx, SETTLE, subject_id=row.id)
    await repository.move(tx, row, CollectionState.SETTLING, CollectionAct.SETTLING)


async def settle_slice(tx: Tx, row: RunRow, lines: Sequence[LineRow], done: int) -> list[ReceiptLine]:
    """Receive the money of some lines of a held run, each for itself: one that is refused waits, and says why."""
    members = await members_behind(tx, {line.member_id for line in lines})
    return [
        await _settled(tx, row, line, members[line.member_id].id, rank)
        for rank, line in enumerate(lines, start=done + 1)
    ]


async def end_settling(tx: Tx, row: RunRow) -> None:
    """Note that all of a run was received; one of which something waits can be settled again."""
    if await repository.lines_in(tx, row.id, [CollectionLineState.PRESENTED], limit=1):
        await interrupt(tx, row)
    else:
        await repository.move(tx, row, CollectionState.SETTLED, CollectionAct.SETTLED)


async def return_line(tx: Tx, grant: Grant, line_id: UUID, if_match: str | None, given: CollectionReturnIn) -> None:
    """Note that a collection came back: what it paid is owed again, and its mandate rests if the reason says so.

    Raises CollectionLineNotFound, CollectionStateWrong, CollectionLineStateWrong, CollectionReturnDayWrong,
    ReturnReasonUnknown, ReceiptEnded, ReceiptDayWrong, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    row, line = await held_line(tx, grant, line_id, if_match)
    require_state(repository.to_domain(row), CollectionState.PRESENTED, CollectionState.SETTLED)
    await _come_back(tx, row, line, given.reason, given.returned_on)


async def return_by_bank(tx: Tx, line_id: UUID, reason: str, returned_on: date) -> UUID | None:
    """Note that the bank took a collection of a settled run back, if that is not noted; return the money that it was.

    Before the run is settled, nothing came that could be taken back. Raises CollectionLineNotFound,
    CollectionStateWrong, CollectionLineStateWrong, CollectionReturnDayWrong, ReturnReasonUnknown, ReceiptEnded,
    ReceiptDayWrong, RuleMissing.
    """
    row, line = await repository.hold_line(tx, line_id)
    if line.state != CollectionLineState.RETURNED:
        require_state(repository.to_domain(row), CollectionState.SETTLED)
        await _come_back(tx, row, line, reason, returned_on)
    return line.receipt_id


async def _come_back(tx: Tx, row: RunRow, line: LineRow, reason: str, on: date) -> None:
    require_returnable(CollectionLineState(line.state))
    require_return_day(repository.to_domain(row), on, tx.today)
    reason_of(return_reasons(), reason, ReceiptMethod.DEBIT)
    if line.receipt_id is not None:
        receipt = await receipts.hold(tx, line.receipt_id)
        if receipt.returned_on and receipt.return_reason:  # noted elsewhere first: that is what happened
            await _returned(tx, row, line, receipt.return_reason, receipt.returned_on)
            return
        await receipts.note_return(tx, receipt, reason, on)
    await _returned(tx, row, line, reason, on)


async def catch_up(tx: Tx, claims: Sequence[Claim]) -> None:
    """Learn what became elsewhere of the money of settled lines: returned by a line of the bank, or cancelled."""
    rows = await repository.lines_of_claims(tx, [claim.key for claim in claims])
    known = await queries.receipts_of(tx, rows)
    for row, receipt in queries.came_back(rows, known):
        run = await repository.get(tx, row.run_id)
        await _returned(tx, run, row, receipt.return_reason or "", receipt.returned_on or tx.today)
    cancelled = {
        row.id: Blocker("receipt_cancelled", f"Le règlement {known[row.id].number} a été annulé.")
        for row in rows
        if row.id in known and overtaken(known[row.id]) is CollectionLineState.WITHDRAWN
    }
    await leave_out(tx, cancelled)


async def _returned(tx: Tx, row: RunRow, line: LineRow, code: str, on: date) -> None:
    change = {"state": CollectionLineState.RETURNED.value, "returned_on": on, "return_reason": code}
    await repository.save_lines(tx, {line.id: change})
    setting = queries.setting_for(frozen_entity(row.creditor), Scheme(row.scheme), row.collection_on)
    if setting.rules.after_return.value[queries.action_of(code)].suspends:
        await let_rest(tx, line.mandate_id, f"Prélèvement {line.end_to_end} revenu : {code}")


async def _settled(tx: Tx, row: RunRow, line: LineRow, member_id: UUID, rank: int) -> ReceiptLine:
    """Receive one line: what its calls no longer take, because they were paid otherwise, is the member's advance."""
    calls = repository.calls_of(line)
    owed = {call.id: call.owed for call in await owed_calls(tx, [call.invoice_id for call in calls])}
    amounts = {call.invoice_id: min(call.amount, owed[call.invoice_id]) for call in calls if owed[call.invoice_id]}
    rest = line.amount - sum(amounts.values(), Decimal("0.00"))
    entered = Entered(
        method=ReceiptMethod.DEBIT,
        amount=line.amount,
        received_on=row.settled_on or row.collection_on,
        member_id=member_id,
        payer_reference=line.rum,
        bank_reference=line.end_to_end,
    )
    code = frozen_entity(row.creditor).code
    try:
        async with tx.savepoint():
            everybody = Grant(tx.actor, Scope.ALL)  # who asked may receive of any member
            receipt_id = await receipts.receive(tx, everybody, code, entered, Wanted(amounts, keep_rest=bool(rest)))
            settled = {"state": CollectionLineState.SETTLED.value, "receipt_id": receipt_id}
            await repository.save_lines(tx, {line.id: settled})
    except Refusal as refusal:
        return ReceiptLine(rank, "refused", refusal.code, refusal.message, line.id, line.end_to_end)
    message = f"{line.member_name} : {format_euros(line.amount)}"
    if rest:
        message += f", dont {format_euros(rest)} d'avance"
    return ReceiptLine(rank, "advance" if rest else "settled", None, message, line.id, line.end_to_end)
