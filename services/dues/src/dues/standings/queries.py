"""Reads of where members stand with the dues of each year."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from common.dated import rule_on
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant
from common.shipped_data import shipped_rules
from common.transaction import Read
from dues.grids.domain import delegation_name
from dues.members.queries import MEMBER_DELEGATION, MEMBER_ID, MEMBER_NAME, joined_with_member, require_member
from dues.standings.domain import GraceRule, StandingCode, explain
from dues.standings.repository import STANDING, to_domain
from dues.standings.schemas import (
    GraceOut,
    StandingCountOut,
    StandingFilters,
    StandingListParams,
    StandingOut,
    StandingSummaryOut,
)
from dues.standings.tables import StandingRow

_ORDER = Order(
    columns={"name": MEMBER_NAME, "year": STANDING.c.year, "since": STANDING.c.since, "owed": STANDING.c.owed},
    default="name",
    unique=STANDING.c.id,
)
_BY_YEAR = Order(columns={"year": STANDING.c.year}, default="-year", unique=STANDING.c.id)

EXPORT_HEADER = ("adherent", "delegation", "annee", "situation", "depuis", "jusqu_au", "reste_du", "echeance", "motif")


@cache
def grace_rules() -> tuple[GraceRule, ...]:
    """Return how long what is owed is not called late, from each day on."""
    return shipped_rules("dues.standings", "grace.toml", GraceRule)


async def list_standings(read: Read, grant: Grant, params: StandingListParams) -> Page[StandingOut]:
    """Return one page of standings within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=[_out(row) for row in rows], next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: StandingFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same standings as the list with the same filters."""
    rows = (await read.session.execute(_filtered(grant, filters).order_by(MEMBER_NAME, STANDING.c.year))).all()
    found = (_out(row) for row in rows)
    return (
        (
            one.member_name,
            delegation_name(one.delegation),
            one.year,
            one.standing_label,
            one.since,
            one.until,
            one.owed,
            one.due_on,
            one.explanation,
        )
        for one in found
    )


async def count_standing(read: Read, year: int, code: StandingCode) -> int:
    """Return how many members stand so with a year, whoever asks."""
    query = select(func.count()).where(STANDING.c.year == year, STANDING.c.code == code.value)
    return int((await read.session.execute(query)).scalar_one())


async def summarise(read: Read, grant: Grant, year: int) -> StandingSummaryOut:
    """Return how many members within reach stand where with a year. Raises RuleMissing."""
    within = _filtered(grant, StandingFilters(year=[year])).subquery()
    query = select(within.c.code, func.count(), func.sum(within.c.owed)).group_by(within.c.code)
    found = {row[0]: row[1:] for row in await read.session.execute(query)}
    rule = rule_on(grace_rules(), read.today)
    return StandingSummaryOut(
        year=year,
        counts=[
            StandingCountOut(
                standing=code, standing_label=code.label, count=found[code.value][0], owed=found[code.value][1]
            )
            for code in StandingCode
            if code.value in found
        ],
        grace=GraceOut(since=rule.since, days=rule.days, status=rule.status, source=rule.source),
    )


async def find_standings(read: Read, grant: Grant, member_id: UUID, params: PageParams) -> Page[StandingOut]:
    """Return one page of where a member within reach stands with the years it was called for, the latest first.

    Raises MemberUnknown, MemberMerged.
    """
    member = await require_member(read, grant, member_id)
    query = _filtered(grant, StandingFilters(member_id=[member.id]))
    rows, cursor, total = await paginate(read, query, _BY_YEAR, params)
    return Page(items=[_out(row) for row in rows], next_cursor=cursor, total=total)


def _filtered(grant: Grant, filters: StandingFilters) -> Select[Any]:
    # Where a record was a duplicate, the standing is that of the member it was one of.
    told = (STANDING.c.code.is_not(None), STANDING.c.member_id == MEMBER_ID)
    return joined_with_member(select(StandingRow), STANDING.c.member_id, grant).where(*told, *_conditions(filters))


def _conditions(filters: StandingFilters) -> Iterator[ColumnElement[bool]]:
    if filters.year:
        yield STANDING.c.year.in_(filters.year)
    if filters.standing:
        yield STANDING.c.code.in_([code.value for code in filters.standing])
    if filters.delegation:
        yield MEMBER_DELEGATION.in_(filters.delegation)
    if filters.member_id:
        yield STANDING.c.member_id.in_(filters.member_id)
    if filters.q:
        yield MEMBER_NAME.icontains(filters.q, autoescape=True)


def _out(row: Any) -> StandingOut:
    standing = to_domain(row[0])
    return StandingOut(
        member_id=row[1],
        member_name=row[2],
        delegation=row[3],
        year=row[0].year,
        standing=standing.code,
        standing_label=standing.code.label,
        since=row[0].since,
        until=standing.until,
        owed=standing.owed,
        due_on=standing.due_on,
        explanation=explain(standing),
    )
