"""What goes out of the fund, sum by sum; only added to."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.fund.domain import Commitment, FundCommitmentShort, FundLineKind, FundSource, FundSourceKind, Outflow
from dues.fund.tables import FundMovementRow

_FUND = 0x66756E64
"""Names the lock under which the fund's money moves: the word fund."""


async def hold_fund(tx: Tx) -> None:
    """Hold the fund: who promises or moves its money waits until this transaction ends."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(_FUND)))


async def add(
    tx: Tx,
    kind: FundLineKind,
    moved: Commitment,
    *,
    happened_on: date | None = None,
    bank_reference: str | None = None,
    reason: str | None = None,
) -> UUID:
    """Note one movement, of the day of this act; return its id."""
    movement_id = new_id()
    values = {
        "id": movement_id,
        "kind": kind.value,
        "source_kind": moved.source.kind.value,
        "source_id": moved.source.id,
        "amount": moved.amount,
        "day": tx.today,
        "piece": moved.piece,
        "label": moved.label,
        "delegation": moved.delegation,
        "happened_on": happened_on,
        "bank_reference": bank_reference,
        "reason": reason,
        "recorded_at": tx.now,
        "recorded_by": tx.actor.subject,
    }
    await tx.session.execute(insert(FundMovementRow).values(**values))
    return movement_id


async def outflows(read: Read, kind: FundSourceKind, source_ids: Collection[UUID]) -> dict[UUID, Outflow]:
    """Return what became of the commitments to some sources of one kind."""
    query = (
        select(col(FundMovementRow.source_id), col(FundMovementRow.kind), func.sum(col(FundMovementRow.amount)))
        .where(col(FundMovementRow.source_kind) == kind.value, col(FundMovementRow.source_id).in_(source_ids))
        .group_by(col(FundMovementRow.source_id), col(FundMovementRow.kind))
    )
    sums: dict[UUID, dict[str, Decimal]] = {source_id: {} for source_id in source_ids}
    for source_id, moved, amount in await read.session.execute(query):
        sums[source_id][moved] = amount
    return {source_id: outflow(found) for source_id, found in sums.items()}


async def committed(tx: Tx, source: FundSource) -> Commitment:
    """Return what was committed to a source. Raises FundCommitmentShort."""
    query = select(FundMovementRow).where(
        col(FundMovementRow.source_kind) == source.kind.value,
        col(FundMovementRow.source_id) == source.id,
        col(FundMovementRow.kind) == FundLineKind.COMMITTED.value,
    )
    row = (await tx.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise FundCommitmentShort("Rien n'a été engagé sur le fonds à ce titre.")
    return Commitment(source=source, amount=row.amount, piece=row.piece, label=row.label, delegation=row.delegation)


def outflow(sums: Mapping[str, Decimal]) -> Outflow:
    """Read the sums of some movements, by kind."""
    kinds = (FundLineKind.COMMITTED, FundLineKind.PAID, FundLineKind.RELEASED, FundLineKind.RETURNED)
    return Outflow(**{kind.value: sums[kind.value] for kind in kinds if kind.value in sums})
