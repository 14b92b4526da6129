"""Reads of who was met. Nothing is kept: a year is counted from the register, the interviews and the meetings."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.shipped import shipped_rules
from common.transaction import Read
from membership.encounters.documents import export_line
from membership.encounters.domain import Coverage, CoverageRule, EncounterMeans, counting_day, is_to_meet
from membership.encounters.schemas import (
    CoverageOut,
    EncounterExportParams,
    EncounterFilters,
    EncounterLine,
    EncounterListParams,
    EncounterYearOut,
)
from membership.interviews.queries import held_in
from membership.meetings.queries import attended_in
from membership.members import queries as members
from membership.members.domain import MemberStatus, Topic

_TO_MEET = tuple(status.value for status in MemberStatus if is_to_meet(status))
_ORDER = Order(
    columns={"name": members.MEMBER_NAME, "delegation": func.coalesce(members.MEMBER_DELEGATION, "")},
    default="name",
    unique=members.MEMBER_ID,
)


@cache
def coverage_rules() -> tuple[CoverageRule, ...]:
    """Return the dated rules of who was to be met, shipped with the service."""
    return shipped_rules("membership.encounters", "coverage.toml", CoverageRule)


async def find_year(source: Read, grant: Grant, year: int) -> EncounterYearOut:
    """Return how many of those within reach were met in a year. Raises YearNotBegun, RuleMissing."""
    rule = rule_on(coverage_rules(), date(year, 1, 1))
    found = await coverage(source, grant, year)
    return EncounterYearOut(
        year=year,
        counted_on=counting_day(rule, year, source.today),
        rule_status=rule.status,
        rule_source=rule.source,
        count=_coverage_out(sum(found.values(), Coverage())),
        by_delegation={code: _coverage_out(one) for code, one in found.items()},
    )


async def coverage(source: Read, grant: Grant, year: int) -> dict[str, Coverage]:
    """Count those within reach by delegation; those of none stand under an empty code.

    Raises YearNotBegun, RuleMissing.
    """
    told = _Met(year)
    group: ColumnElement[str] = func.coalesce(members.MEMBER_DELEGATION, "")
    conditions = (told.met, told.by_interview, told.by_meeting, and_(told.by_interview, told.by_meeting))
    query = selected(source, grant, year, EncounterFilters(), told).with_only_columns(
        group, func.count(), *(func.count().filter(one) for one in conditions), maintain_column_froms=True
    )
    rows = await source.session.execute(query.group_by(group).order_by(group))
    return {code: Coverage(*counts) for code, *counts in rows}


async def list_members(source: Read, grant: Grant, year: int, params: EncounterListParams) -> Page[EncounterLine]:
    """Return one page of the structures to meet within reach. Raises YearNotBegun, RuleMissing."""
    rows, cursor, total = await paginate(source, selected(source, grant, year, params), _ORDER, params)
    return Page(items=[_line(row) for row in rows], next_cursor=cursor, total=total)


async def export_rows(
    source: Read, grant: Grant, year: int, params: EncounterExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list. Raises YearNotBegun, RuleMissing."""
    query = selected(source, grant, year, params).order_by(members.MEMBER_NAME, members.MEMBER_ID)
    rows = (await source.session.execute(query)).all()
    return (export_line(_line(row)) for row in rows)


class _Met:
    """By which means a structure was met in a year, as conditions on a joined structure."""

    def __init__(self, year: int) -> None:
        self.interviews = held_in(year)
        self.meetings = attended_in(year)
        self.by_interview: ColumnElement[bool] = self.interviews.c.member_id.is_not(None)
        self.by_meeting: ColumnElement[bool] = self.meetings.c.member_id.is_not(None)
        self.met: ColumnElement[bool] = or_(self.by_interview, self.by_meeting)


def selected(source: Read, grant: Grant, year: int, filters: EncounterFilters, told: _Met | None = None) -> Select[Any]:
    """Select the structures to meet within reach that pass the filters, for a list or a count.

    Raises YearNotBegun, RuleMissing.
    """
    told = told or _Met(year)
    day = counting_day(rule_on(coverage_rules(), date(year, 1, 1)), year, source.today)
    held = members.held_on(day, Topic.STATUS, [""])
    columns = (told.interviews.c.times, told.interviews.c.last_on, told.meetings.c.times, told.meetings.c.last_on)
    joined = held.outerjoin(told.interviews, told.interviews.c.member_id == held.c.member_id)
    joined = joined.outerjoin(told.meetings, told.meetings.c.member_id == held.c.member_id)
    query: Select[Any] = select(*columns).select_from(joined).where(held.c.value["status"].astext.in_(_TO_MEET))
    query = members.joined_with_member(query, held.c.member_id, grant)
    return query.where(*_conditions(filters, told))


def _conditions(filters: EncounterFilters, told: _Met) -> Iterator[ColumnElement[bool]]:
    if filters.met is not None:
        yield told.met if filters.met else ~told.met
    if filters.means:
        by = {EncounterMeans.INTERVIEW: told.by_interview, EncounterMeans.MEETING: told.by_meeting}
        yield or_(*(by[means] for means in filters.means))
    if filters.delegation:
        yield members.in_delegations(filters.delegation)
    if filters.department:
        yield members.MEMBER_DEPARTMENT.in_(filters.department)
    if filters.kind:
        kinds = cast([kind.value for kind in filters.kind], ARRAY(String))
        yield members.MEMBER_ACTIVITIES.op("&&")(kinds)
    if filters.q:
        yield members.is_named_like(filters.q)


def _line(row: Any) -> EncounterLine:
    member = members.member_of(row)
    interviews, last_interview_on, meetings, last_meeting_on = row[:4]
    return EncounterLine(
        member_id=member.id,
        reference=member.reference,
        name=member.name,
        delegation=member.delegation,
        department=member.department,
        activities=list(member.activities),
        met=bool(interviews or meetings),
        interviews=interviews or 0,
        last_interview_on=last_interview_on,
        meetings=meetings or 0,
        last_meeting_on=last_meeting_on,
    )


def _coverage_out(one: Coverage) -> CoverageOut:
    return CoverageOut(**asdict(one), not_met=one.not_met)
