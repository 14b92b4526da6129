"""Loads and saves bases and their statements; the only writer of their tables."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Read, Tx
from dues.bases.domain import BaseSource, Statement
from dues.bases.tables import BaseRow, StatementRow


async def hold(tx: Tx, member_id: UUID, year: int) -> BaseRow:
    """Load a base and hold it; one that nobody stated yet begins here, in version 0, for whoever comes first."""
    begun = {
        "member_id": member_id,
        "year": year,
        "amount": Decimal(0),
        "declared_on": tx.today,
        "declared_by": tx.actor.subject,
        "version": 0,
    }
    await tx.session.execute(insert(BaseRow).values(**begun).on_conflict_do_nothing())
    return await tx.session.get_one(BaseRow, (member_id, year), with_for_update=True, populate_existing=True)


async def statements_of(source: Read, member_id: UUID, year: int) -> list[Statement]:
    """Return what was stated for the accounts of a year, in the order of arrival."""
    query = select(StatementRow).where(col(StatementRow.member_id) == member_id, col(StatementRow.year) == year)
    return [
        Statement(
            number=row.number,
            amount=row.amount,
            source=BaseSource(row.source),
            stated_at=row.stated_at,
            stated_on=row.stated_on,
            stated_by=row.stated_by,
            revision=row.revision,
            reason=row.reason,
        )
        for row in (await source.session.execute(query.order_by(col(StatementRow.number)))).scalars()
    ]


async def add(tx: Tx, row: BaseRow, statement: Statement, counts: Statement) -> None:
    """Add a statement to a held base, which then says the one that ``counts`` of all of them."""
    tx.session.add(
        StatementRow(
            member_id=row.member_id,
            year=row.year,
            number=statement.number,
            amount=statement.amount,
            source=statement.source.value,
            revision=statement.revision,
            stated_at=statement.stated_at,
            stated_on=statement.stated_on,
            stated_by=statement.stated_by,
            reason=statement.reason,
        )
    )
    row.amount, row.declared_on = counts.amount, counts.stated_on
    row.declared_by = counts.stated_by or BaseSource.DECLARATION.value
    row.version += 1
    await tx.session.flush()
