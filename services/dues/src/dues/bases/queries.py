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
from dues.members.queries import records_of


async def find_base(read: Read, member_id: UUID, year: int) -> BaseOut:
    """Return a member's base for the accounts of a year, and all that was stated of it. Raises BaseNotDeclared.

    Where it has none of its own, that of a record that was its duplicate, as ``declared_amounts`` does.
    """
    records = sorted(await records_of(read, [member_id]), key=lambda record: (record != member_id, record))
    found = [row for record in records if (row := await read.session.get(BaseRow, (record, year))) and row.version]
    if not found:
        raise BaseNotDeclared(f"Aucune base n'est déclarée pour les comptes de {year}.")
    row = found[0]
    return BaseOut.of(member_id, year, row.version, await repository.statements_of(read, row.member_id, year))


async def declared_amounts(read: Read, year: int, member_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """Return the bases declared for the accounts of a year by these members, in euros.

    Where a member has none of its own, what was declared under a record that was its duplicate.
    """
    records = await records_of(read, member_ids)
    query = select(col(BaseRow.member_id), col(BaseRow.amount)).where(
        col(BaseRow.year) == year, col(BaseRow.member_id).in_(records)
    )
    amounts = {row.member_id: row.amount for row in await read.session.execute(query.order_by(col(BaseRow.member_id)))}
    own = {member_id: amount for member_id, amount in amounts.items() if records[member_id] == member_id}
    return {**{records[record]: amount for record, amount in amounts.items()}, **own}
