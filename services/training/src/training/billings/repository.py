"""Loads and saves billings with their shares; the only writer of their tables."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Read, Tx
from training.billings.domain import Billing, BillingNotFound, Funder, Share, ShareStatus
from training.billings.tables import BillingRow, BillingShareRow

_FUNDER: TypeAdapter[Funder | None] = TypeAdapter(Funder | None)
_BILLING = [name for name in Billing.__dataclass_fields__ if name != "shares"]
_SHARE = ("id", "amount", "invoiced", "file_reference", "agreed_on")


async def load(read: Read, rows: Collection[BillingRow]) -> list[Billing]:
    """Read billings as the rules know them, with all their shares in one statement."""
    share = BillingShareRow
    query = select(share).where(col(share.billing_id).in_([row.id for row in rows]))
    query = query.order_by(col(share.rank)).execution_options(populate_existing=True)
    of: dict[UUID, list[Share]] = {row.id: [] for row in rows}
    for found in (await read.session.execute(query)).scalars():
        of[found.billing_id].append(_to_share(found))
    return [Billing(**{name: getattr(row, name) for name in _BILLING}, shares=tuple(of[row.id])) for row in rows]


async def hold(tx: Tx, billing_id: UUID) -> Billing:
    """Load a billing and hold it until the end of the transaction. Raises BillingNotFound."""
    row = await tx.session.get(BillingRow, billing_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise BillingNotFound("Cette facturation n'existe pas.")
    return (await load(tx, [row]))[0]


async def add(tx: Tx, billing: Billing) -> bool:
    """Insert a billing; tell whether its request had none before, however many try at once."""
    values = {name: getattr(billing, name) for name in _BILLING}
    statement = insert(BillingRow).values(**values).on_conflict_do_nothing(index_elements=["request_id"])
    added = (await tx.session.execute(statement.returning(col(BillingRow.id)))).scalar_one_or_none()
    if added is not None:
        await tx.session.execute(insert(BillingShareRow).values(_shares(billing)))
    return added is not None


async def save(tx: Tx, billing: Billing) -> None:
    """Write a billing that is held, and its shares."""
    changed = {name: getattr(billing, name) for name in ("seats", "total", "version")}
    await tx.session.execute(update(BillingRow).where(col(BillingRow.id) == billing.id).values(**changed))
    statement = insert(BillingShareRow).values(_shares(billing))
    set_ = {name: statement.excluded[name] for name in ("status", *_SHARE[1:])}
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=set_))


def _shares(billing: Billing) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(share, name) for name in _SHARE},
            "billing_id": billing.id,
            "rank": rank,
            "kind": share.kind.value,
            "status": share.status.value,
            "funder": _FUNDER.dump_python(share.funder, mode="json"),
        }
        for rank, share in enumerate(billing.shares, start=1)
    ]


def _to_share(row: BillingShareRow) -> Share:
    same = {name: getattr(row, name) for name in _SHARE}
    return Share(**same, status=ShareStatus(row.status), funder=_FUNDER.validate_python(row.funder))
