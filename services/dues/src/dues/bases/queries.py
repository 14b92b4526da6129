"""Reads of declared bases."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.transaction import Read
from dues.bases import repository
from dues.bases.domain import BaseNotDeclared
from dues.bases.schemas import BaseOut
from dues.bases.tables import BaseRow
from dues.members.queries import among, records_of


async def find_base(read: Read, member_id: UUID, year: int) -> BaseOut:
    """Return a member's base for the accounts of a year, and all that was stated of it. Raises BaseNotDeclared.

    Where it has none of its own, that of a record that was its duplicate, as ``declared_amounts`` does.
    """
    row = await row_of(read, member_id, year)
    if row is None:
        raise BaseNotDeclared(f"Aucune base n'est déclarée pour les comptes de {year}.")
    return BaseOut.of(member_id, year, row.version, await repository.statements_of(read, row.member_id, year))


async def row_of(read: Read, member_id: UUID, year: int) -> BaseRow | None:
    """Return the base that counts for a member: its own, or else that of a record that was its duplicate."""
    rows = (await _rows_of(read, await records_of(read, [member_id]), year)).values()
    return next(iter(rows), None)


async def declared_amounts(read: Read, year: int, member_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """Return the bases declared for the accounts of a year by these members, in euros.

    Where a member has none of its own, what was declared under a record that was its duplicate.
    """
    rows = await _rows_of(read, await records_of(read, member_ids), year)
    return {member_id: row.amount for member_id, row in rows.items()}


async def _rows_of(read: Read, records: Mapping[UUID, UUID], year: int) -> dict[UUID, BaseRow]:
    """Return the base that counts for each member, by the member that each of ``records`` is of."""
    query = select(BaseRow).where(
        col(BaseRow.year) == year, col(BaseRow.member_id) == among(records), col(BaseRow.version) > 0
    )
    found = (await read.session.execute(query.execution_options(populate_existing=True))).scalars()
    rows = sorted(found, key=lambda row: (records[row.member_id] != row.member_id, row.member_id), reverse=True)
    return {records[row.member_id]: row for row in rows}  # the last of each: its own, or else the first by its id
