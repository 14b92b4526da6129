"""What lines are the echo of, as things are now: looked up for many lines at once, of whatever kind."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from common.dated import rule_on
from common.transaction import Read
from dues.bank import repository
from dues.bank.domain import (
    BankLine,
    Echo,
    Known,
    KnownTransfers,
    LineState,
    TypedReceipt,
    echoes,
    may_pay,
    references_of,
    returns_in,
    runs_in,
    transfers_back_in,
)
from dues.bank.queries.depositing import cheques_deposited
from dues.bank.queries.matching import matching_rules
from dues.bank.repository import line_of
from dues.bank.tables import LineReceiptRow, LineRow
from dues.collections.domain import BankedRun
from dues.collections.queries import banked_lines, banked_runs
from dues.receipts.domain import ReceiptMethod
from dues.receipts.queries import standing_receipts
from dues.transfers.domain import BankedBatch
from dues.transfers.queries import banked_batches, banked_transfers

_LINKED: Any = LineReceiptRow.__table__  # type: ignore[attr-defined]
_NOTHING = Decimal("0.00")


async def echoes_of(read: Read, rows: Sequence[LineRow]) -> dict[UUID, tuple[Echo, ...]]:
    """Return, of the lines of which nobody said anything, what each may be the echo of. Raises RuleMissing."""
    unsaid = {row.id: line_of(row) for row in rows if row.state in (LineState.UNMATCHED, LineState.OUTGOING)}
    if not unsaid:
        return {}
    lines, rule = list(unsaid.values()), rule_on(matching_rules(), read.today)
    runs = await banked_runs(read, references=frozenset().union(*map(runs_in, lines)))
    known = Known(
        runs=runs,
        told=await _told(read, runs),
        lines=await banked_lines(read, references=frozenset().union(*map(returns_in, lines))),
        receipts=await _receipts(read, [line for line in lines if line.amount > 0]),
        cheques=await cheques_deposited(read, lines, rule),
        transfers=await _transfers(read, lines),
    )
    return {line_id: echoes(line, known, rule) for line_id, line in unsaid.items()}


async def lines_naming(read: Read, run: BankedRun) -> list[UUID]:
    """Return the lines that wait and name a run."""
    return [row.id for row in await repository.waiting_for_runs(read) if run.reference in runs_in(line_of(row))]


async def lines_paying(read: Read, batch: BankedBatch) -> list[UUID]:
    """Return the lines that wait and name a batch of transfers."""
    return [row.id for row in await repository.waiting_for_batches(read) if batch.reference in line_of(row).batches]


async def _transfers(read: Read, lines: Sequence[BankLine]) -> KnownTransfers:
    """Return what is known of the batches and the transfers that lines name, or whose amount they are."""
    batches = await banked_batches(
        read,
        references=frozenset().union(*(line.batches for line in lines)),
        totals={-line.amount for line in lines if may_pay(line)},
    )
    return KnownTransfers(
        batches=batches,
        told=await _told_of_batches(read, batches),
        lines=await banked_transfers(read, references=frozenset().union(*map(transfers_back_in, lines))),
    )


async def _told_of_batches(read: Read, batches: Collection[BankedBatch]) -> dict[str, Decimal]:
    """Return what the lines of each batch take together: those matched to it, and those that wait and name it."""
    if not batches:
        return {}
    matched = await repository.told_of_batches(read, [batch.id for batch in batches])
    told = {batch.reference: matched.get(batch.id, _NOTHING) for batch in batches}
    for row in await repository.waiting_for_batches(read):
        for reference in line_of(row).batches & told.keys():
            told[reference] -= row.amount
    return told


async def _told(read: Read, runs: Collection[BankedRun]) -> dict[str, Decimal]:
    """Return what the lines of each run make together: those matched to it, and those that wait and name it."""
    if not runs:
        return {}
    matched = await repository.told_of_runs(read, [run.id for run in runs])
    told = {run.reference: matched.get(run.id, _NOTHING) for run in runs}
    for row in await repository.waiting_for_runs(read):
        for reference in runs_in(line_of(row)) & told.keys():
            told[reference] += row.amount
    return told


async def _receipts(read: Read, lines: Sequence[BankLine]) -> list[TypedReceipt]:
    """Return the transfers that were entered and that no line is known to be."""
    if not lines:
        return []
    typed = standing_receipts(ReceiptMethod.TRANSFER).subquery()
    days = {day for line in lines for day in (line.booked_on, line.value_on) if day}
    query = select(typed).where(
        typed.c.amount.in_({line.amount for line in lines}),
        or_(
            typed.c.received_on.in_(days),
            typed.c.bank_reference.in_(frozenset().union(*map(references_of, lines))),
        ),
        ~select(_LINKED.c.line_id).where(_LINKED.c.receipt_id == typed.c.id).exists(),
    )
    return [TypedReceipt(**row) for row in (await read.session.execute(query.order_by(typed.c.number))).mappings()]
