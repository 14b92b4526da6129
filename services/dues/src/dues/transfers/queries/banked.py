"""Reads of transfers for the bank: the batches and the transfers that its lines name, or pay by their amount."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from common.transaction import Read
from dues.transfers.domain import NOTHING, BankedBatch, BankedTransfer, BatchStatus
from dues.transfers.tables import BatchRow, LineRow

_BATCH: Any = BatchRow.__table__  # type: ignore[attr-defined]
_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]


async def banked_batches(
    read: Read,
    *,
    references: Collection[str] = (),
    totals: Collection[Decimal] = (),
    batch_ids: Collection[UUID] = (),
) -> list[BankedBatch]:
    """Return the batches whose file was made: of some references, of some totals, or by their ids."""
    if not (references or totals or batch_ids):
        return []
    rejected = func.coalesce(func.sum(_LINE.c.amount).filter(_LINE.c.rejected_on.is_not(None)), NOTHING)
    day = func.coalesce(_BATCH.c.executed_on, _BATCH.c.pay_on)
    query = (
        select(_BATCH.c.id, _BATCH.c.reference, _BATCH.c.status, day, _BATCH.c.total, rejected)
        .join(_LINE, _LINE.c.batch_id == _BATCH.c.id)
        .where(
            or_(_BATCH.c.reference.in_(references), _BATCH.c.total.in_(totals), _BATCH.c.id.in_(batch_ids)),
            _BATCH.c.approved_at.is_not(None),
        )
        .group_by(_BATCH.c.id)
        .order_by(_BATCH.c.reference)
    )
    return [
        BankedBatch(id=id_, reference=reference, status=BatchStatus(status), day=on, total=total, rejected=back)
        for id_, reference, status, on, total, back in await read.session.execute(query)
    ]


async def banked_transfers(
    read: Read, *, references: Collection[str] = (), transfer_ids: Collection[UUID] = ()
) -> list[BankedTransfer]:
    """Return the transfers that a bank was asked for: by what banks call them, or by their ids."""
    if not (references or transfer_ids):
        return []
    query = (
        select(_LINE.c.id, _LINE.c.reference, _LINE.c.payee_code.label("payee"), _LINE.c.amount, _LINE.c.rejected_on)
        .join(_BATCH, _BATCH.c.id == _LINE.c.batch_id)
        .where(or_(_LINE.c.reference.in_(references), _LINE.c.id.in_(transfer_ids)), _BATCH.c.approved_at.is_not(None))
        .order_by(_LINE.c.reference)
    )
    return [BankedTransfer(**row) for row in (await read.session.execute(query)).mappings()]


def totals_to_pay() -> Select[tuple[Decimal]]:
    """Select what the batches make that were approved, and that the bank is not known to have paid."""
    return select(_BATCH.c.total).where(_BATCH.c.status == BatchStatus.APPROVED.value)
