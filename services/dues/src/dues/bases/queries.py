"""Reads of declared bases."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.transaction import Read
from dues.bases import repository
from dues.bases.domain import BaseNotDeclared
from dues.bases.schemas import BaseOut
from dues.bases.tables import BaseRow


async def find_base(read: Read, member_id: UUID, year: int) -> BaseOut:
    """Return a member's base for the accounts of a year, and all that was stated of it. Raises BaseNotDeclared."""
    row = await read.session.get(BaseRow, (member_id, year))
    if row is None:
        raise BaseNotDeclared(f"Aucune base n'est déclarée pour les comptes de {year}.")
    return BaseOut.of(member_id, year, row.version, await repository.statements_of(read, member_id, year))


async def declared_amounts(read: Read, year: int, member_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """Return the bases declared for the accounts of a year by these members, in euros."""
    query = select(col(BaseRow.member_id), col(BaseRow.amount)).where(
        col(BaseRow.year) == year, col(BaseRow.member_id).in_(member_ids)
    )
    return {row.member_id: row.amount for row in await read.session.execute(query)}
