"""Loads and saves declared bases; the only writer of their table."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.errors import NotFound
from common.transaction import Read, Tx
from dues.bases.tables import BaseRow


class BaseNotDeclared(NotFound):
    """The member declared nothing for that year."""

    code = "base_not_declared"


async def get_for_update(tx: Tx, member_id: UUID, year: int) -> BaseRow | None:
    """Load a base and hold it."""
    return await tx.session.get(BaseRow, (member_id, year), with_for_update=True, populate_existing=True)


async def get(read: Read, member_id: UUID, year: int) -> BaseRow:
    """Load a base. Raises BaseNotDeclared."""
    row = await read.session.get(BaseRow, (member_id, year))
    if row is None:
        raise BaseNotDeclared(f"Aucune base n'est déclarée pour les comptes de {year}.")
    return row


async def amounts(read: Read, year: int, member_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return the bases declared for a year by these members."""
    query = select(col(BaseRow.member_id), col(BaseRow.amount)).where(
        col(BaseRow.year) == year, col(BaseRow.member_id).in_(member_ids)
    )
    return {row.member_id: row.amount for row in await read.session.execute(query)}


async def add(tx: Tx, row: BaseRow) -> BaseRow:
    """Insert a first declaration."""
    tx.session.add(row)
    await tx.session.flush()
    return row
