"""Loads and saves declared bases; the only writer of their table."""

from uuid import UUID

from common.transaction import Tx
from dues.bases.tables import BaseRow


async def get_for_update(tx: Tx, member_id: UUID, year: int) -> BaseRow | None:
    """Load a base and hold it."""
    return await tx.session.get(BaseRow, (member_id, year), with_for_update=True, populate_existing=True)


async def add(tx: Tx, row: BaseRow) -> BaseRow:
    """Insert a first declaration."""
    tx.session.add(row)
    await tx.session.flush()
    return row
