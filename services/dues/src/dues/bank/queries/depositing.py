"""Which cheques and cash lines may be the deposit of, as things are now; which cheques a line may take back."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select

from common.dated import rule_on
from common.transaction import Read
from dues.bank import repository
from dues.bank.domain import (
    BankLine,
    Deposit,
    LineState,
    MatchingRule,
    TypedReceipt,
    deposited_since,
    deposits,
    may_bounce,
)
from dues.bank.queries.matching import matching_rules
from dues.bank.tables import LineReceiptRow, LineRow
from dues.receipts.domain import TAKEN_TO_THE_BANK, ReceiptMethod
from dues.receipts.queries import RECEIPTS, standing_of, standing_receipts

_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_LINKED: Any = LineReceiptRow.__table__  # type: ignore[attr-defined]


async def deposits_of(read: Read, rows: Sequence[LineRow]) -> dict[UUID, tuple[Deposit, ...]]:
    """Return, of the lines that wait and brought money, what each may be the deposit of. Raises RuleMissing."""
    waiting = [row for row in rows if row.state == LineState.UNMATCHED and row.amount > 0]
    lines = {row.id: repository.line_of(row) for row in waiting}
    if not lines:
        return {}
    rule = rule_on(matching_rules(), read.today)
    last = max(line.booked_on for line in lines.values())
    first = min(deposited_since(line, rule) for line in lines.values())
    free = _free()
    query = select(free).where(
        or_(free.c.deposited_on.between(first, last), and_(_in_till(free), free.c.received_on < last))
    )
    found = (await read.session.execute(query.order_by(free.c.deposited_on, free.c.number))).mappings()
    receipts = [TypedReceipt(**row) for row in found]
    return {line_id: deposits(line, receipts, rule) for line_id, line in lines.items()}


async def cheques_deposited(read: Read, lines: Sequence[BankLine], rule: MatchingRule) -> list[TypedReceipt]:
    """Return the cheques that were deposited on a line of late, and whose amount lines take."""
    if all(line.amount > 0 for line in lines):
        return []
    cheque = standing_receipts(ReceiptMethod.CHEQUE).subquery()
    days, taking = [line.booked_on for line in lines], [line for line in lines if may_bounce(line)]
    query = select(cheque).where(
        cheque.c.amount.in_({-line.amount - beyond for line in taking for beyond in (0, line.charges or 0)}),
        cheque.c.deposited_on.between(min(days) - timedelta(days=rule.bounced), max(days)),
        _on_line(cheque.c.id),
    )
    return [TypedReceipt(**row) for row in (await read.session.execute(query.order_by(cheque.c.number))).mappings()]


async def numbers_deposited(read: Read, line_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the numbers of the cheques and cash that lines are the deposit of."""
    tied = await repository.receipts_of(read, list(line_ids))
    receipts = await standing_of(read, {receipt_id for ids in tied.values() for receipt_id in ids})
    numbers = {one.id: one.number for one in receipts.values() if one.method in TAKEN_TO_THE_BANK}
    return {line_id: ", ".join(sorted(numbers[one] for one in ids if one in numbers)) for line_id, ids in tied.items()}


def of_deposits() -> ColumnElement[bool]:
    """Select what was recognised as a deposit, and what brings as much as one that no line is known to be."""
    known = select(_LINKED.c.line_id).where(
        _LINKED.c.typed, _LINKED.c.receipt_id == RECEIPTS.id, RECEIPTS.method.in_(TAKEN_TO_THE_BANK)
    )
    free = _free()
    deposited = free.c.deposited_on.is_not(None)
    one = select(free.c.amount).where(deposited)
    day = select(func.sum(free.c.amount)).where(deposited).group_by(free.c.deposited_on)
    till = select(func.coalesce(func.sum(free.c.amount), 0)).where(
        _in_till(free), free.c.received_on < _LINE.c.booked_on
    )
    waits = and_(_LINE.c.state == LineState.UNMATCHED, _LINE.c.amount > 0)
    made = or_(_LINE.c.amount.in_(one), _LINE.c.amount.in_(day), _LINE.c.amount == till.scalar_subquery())
    return or_(_LINE.c.id.in_(known), and_(waits, made))


def _free() -> Subquery:
    """Select the cheques and cash that stand and that no line is known to be."""
    taken = standing_receipts(*TAKEN_TO_THE_BANK)
    return taken.where(~_on_line(RECEIPTS.id)).subquery()


def _in_till(receipts: Subquery) -> ColumnElement[bool]:
    return and_(receipts.c.deposited_on.is_(None), receipts.c.method == ReceiptMethod.CHEQUE)


def _on_line(receipt_id: Any) -> ColumnElement[bool]:
    return select(_LINKED.c.line_id).where(_LINKED.c.receipt_id == receipt_id).exists()
