"""Reads of collections for the bank: the runs and the collections that its lines name. Whoever asks."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from common.transaction import Read
from dues.collections.domain import BankedLine, BankedRun, CollectionLineState, CollectionState
from dues.collections.tables import LineRow, RunRow

_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_RUN: Any = RunRow.__table__  # type: ignore[attr-defined]
_NOTHING = Decimal("0.00")


async def banked_runs(
    read: Read, *, references: Collection[str] = (), run_ids: Collection[UUID] = ()
) -> list[BankedRun]:
    """Return the runs of some references, or by their ids, whose file was made, with what the bank credits of each.

    What came back before the run was settled is either not credited, or credited and taken back.
    """
    if not (references or run_ids):
        return []
    received = or_(_LINE.c.state == CollectionLineState.PRESENTED.value, _LINE.c.receipt_id.is_not(None))
    rejected = and_(_LINE.c.state == CollectionLineState.RETURNED.value, _LINE.c.receipt_id.is_(None))
    query = (
        select(_RUN.c.id, _RUN.c.reference, _RUN.c.state, _sum_of(received), _sum_of(rejected))
        .join(_LINE, _LINE.c.run_id == _RUN.c.id)
        .where(or_(_RUN.c.reference.in_(references), _RUN.c.id.in_(run_ids)), _RUN.c.filed_on.is_not(None))
        .group_by(_RUN.c.id)
        .order_by(_RUN.c.reference)
    )
    return [
        BankedRun(id=id_, reference=reference, state=CollectionState(state), credited=credited, rejected=returned)
        for id_, reference, state, credited, returned in await read.session.execute(query)
    ]


async def banked_lines(
    read: Read,
    *,
    references: Collection[str] = (),
    line_ids: Collection[UUID] = (),
    receipt_ids: Collection[UUID] = (),
) -> list[BankedLine]:
    """Return the collections that were presented: by what banks call them, by their ids, by the money they brought."""
    if not (references or line_ids or receipt_ids):
        return []
    query = select(LineRow).where(
        or_(_LINE.c.end_to_end.in_(references), _LINE.c.id.in_(line_ids), _LINE.c.receipt_id.in_(receipt_ids)),
        _LINE.c.state.in_([state.value for state in CollectionLineState if state in _PRESENTED]),
    )
    query = query.order_by(_LINE.c.end_to_end).execution_options(populate_existing=True)
    return [
        BankedLine(
            id=row.id,
            run_id=row.run_id,
            end_to_end=row.end_to_end,
            member_name=row.member_name,
            state=CollectionLineState(row.state),
            amount=row.amount,
            receipt_id=row.receipt_id,
        )
        for row in (await read.session.execute(query)).scalars()
    ]


_PRESENTED = {CollectionLineState.PRESENTED, CollectionLineState.SETTLED, CollectionLineState.RETURNED}


def _sum_of(which: ColumnElement[bool]) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(_LINE.c.amount).filter(which), _NOTHING)
