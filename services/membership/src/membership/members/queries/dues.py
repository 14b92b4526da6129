"""Reads of what the service dues told, for whoever needs it: calls, and where structures stand with each year."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Numeric, cast, select
from sqlmodel import col

from common.transaction import Read
from membership.members import repository
from membership.members.domain import Call, YearOfDues
from membership.members.queries.register import structure_of
from membership.members.tables import DuesCall

_EARLIEST = 0


async def calls_to_settle(source: Read, member_id: UUID, year: int | None = None) -> list[str]:
    """Return the numbers of a structure's calls for dues that are not settled, of a year or all, as dues told."""
    of_year = (col(DuesCall.year) == year,) if year is not None else ()
    return sorted(call.number for call in await repository.calls(source, [member_id], *of_year) if call.owed)


async def calls_until(source: Read, year: int, member_ids: Collection[UUID]) -> Sequence[Call]:
    """Return the calls for dues of a year and of those before it, the oldest first, those of duplicates included."""
    return await repository.calls(source, member_ids, col(DuesCall.year) <= year)


async def calls_due_since(source: Read, day: date) -> Sequence[DuesCall]:
    """Return the calls for dues, settled or not, that are to be paid on a day or later, each of whom it was told of."""
    query = select(DuesCall).where(col(DuesCall.due_on) >= day).order_by(col(DuesCall.id))
    return (await source.session.execute(query)).scalars().all()


async def dues_of(source: Read, year: int, member_ids: Collection[UUID]) -> dict[UUID, YearOfDues]:
    """Return what is known of the dues of a year of some structures, of those of which anything is."""
    found = await repository.years(source, member_ids, year, year)
    return {member_id: one for member_id, [one] in found.items()}


async def dues_until(source: Read, year: int, member_ids: Collection[UUID] | None) -> dict[UUID, list[YearOfDues]]:
    """Return what is known of the dues of a year and of those before it of all structures or of some, by year."""
    return await repository.years(source, member_ids, _EARLIEST, year)


def called() -> FromClause:
    """Return the calls for dues as the service dues told, as a table: ``id``, ``member_id``, ``year``, ``day``,
    ``amount``, credit notes deducted, ``status``; what a duplicate was called for is its structure's.
    """
    call: Any = DuesCall.__table__  # type: ignore[attr-defined]
    amount = (cast(call.c.total, Numeric) - cast(call.c.credited, Numeric)).label("amount")
    told = (call.c.id, call.c.year, call.c.issued_on.label("day"), amount)
    query = select(*told, call.c.status, structure_of(call.c.member_id).label("member_id"))
    return query.subquery()
