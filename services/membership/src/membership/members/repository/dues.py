"""Reads our copies of what dues tells; the consumer alone writes them. What is of a duplicate is its structure's."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from common.transaction import Read
from membership.members.domain import Call, StandingCode, ToldStanding, YearOfDues
from membership.members.tables import DuesCall, DuesStanding, MemberRow

_CALL: Any = DuesCall.__table__  # type: ignore[attr-defined]
_STANDING: Any = DuesStanding.__table__  # type: ignore[attr-defined]


def called_for(year: int) -> Select[tuple[UUID]]:
    """Select the structures that were called for a year."""
    of_year = _borne(_CALL, None, _CALL.c.year == year).subquery()
    return select(of_year.c.borne_by)


def stands(member_id: ColumnElement[UUID], year: int, codes: Collection[StandingCode]) -> ColumnElement[bool]:
    """Return ``YearOfDues.code`` as a condition on a structure; a test holds the two together."""
    told, called = _told(None, _STANDING.c.year == year).subquery(), called_for(year)
    is_told = member_id.in_(select(told.c.borne_by))
    cases: list[ColumnElement[bool]] = [
        member_id.in_(select(told.c.borne_by).where(told.c.standing.in_([code.value for code in codes])))
    ]
    if StandingCode.UNKNOWN in codes:
        cases.append(and_(~is_told, member_id.in_(called)))
    if StandingCode.NOT_CALLED in codes:
        cases.append(and_(~is_told, ~member_id.in_(called)))
    return or_(*cases)


async def calls(source: Read, member_ids: Collection[UUID] | None, *conditions: ColumnElement[bool]) -> list[Call]:
    """Return the calls for dues of all structures or of some, the oldest first."""
    query = _borne(_CALL, member_ids, *conditions).order_by(_CALL.c.year, _CALL.c.number)
    return [_call(row) for row in await source.session.execute(query)]


async def years(
    source: Read, member_ids: Collection[UUID] | None, first: int, last: int
) -> dict[UUID, list[YearOfDues]]:
    """Return what is known of the dues of some years of all structures or of some, the oldest year first."""
    known: defaultdict[tuple[UUID, int], list[Call]] = defaultdict(list)
    for call in await calls(source, member_ids, _CALL.c.year.between(first, last)):
        known[call.member_id, call.year].append(call)
    rows = await source.session.execute(_told(member_ids, _STANDING.c.year.between(first, last)))
    told = {(row.borne_by, row.year): ToldStanding(row.standing, row.since, row.until) for row in rows}
    found: defaultdict[UUID, list[YearOfDues]] = defaultdict(list)
    for key in sorted({*known, *told}):
        found[key[0]].append(YearOfDues(key[1], tuple(known[key]), told.get(key)))
    return found


def _borne(copy: Any, member_ids: Collection[UUID] | None, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Select the rows of a copy with the structure each is of now, ``borne_by``."""
    borne_by = func.coalesce(col(MemberRow.merged_into), copy.c.member_id).label("borne_by")
    query = select(copy, borne_by).outerjoin(MemberRow, col(MemberRow.id) == copy.c.member_id).where(*conditions)
    if member_ids is None:
        return query
    records = select(col(MemberRow.id)).where(col(MemberRow.merged_into).in_(member_ids))
    return query.where(or_(copy.c.member_id.in_(member_ids), copy.c.member_id.in_(records)))


def _told(member_ids: Collection[UUID] | None, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Select where each structure stands with each year: what was told of itself, or else of its duplicate."""
    borne = _borne(_STANDING, member_ids, *conditions).subquery().c
    own = (borne.member_id == borne.borne_by).desc()
    order = (borne.borne_by, borne.year, own, borne.since.desc())
    return (
        select(borne.borne_by, borne.year, borne.standing, borne.since, borne.until)
        .ext(distinct_on(borne.borne_by, borne.year))
        .order_by(*order)
    )


def _call(row: Any) -> Call:
    return Call(
        id=row.id,
        member_id=row.borne_by,
        year=row.year,
        number=row.number,
        status=row.status,
        total=Decimal(row.total),
        issued_on=row.issued_on,
        due_on=row.due_on,
        paid=Decimal(row.paid),
        credited=Decimal(row.credited),
    )
