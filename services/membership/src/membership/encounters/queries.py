"""Reads of who was met. Nothing is kept: a year is counted from the register, the interviews and the meetings.

A year is told as it was on the day its members are counted: a structure stands where it stood then, under its name of
then, for the delegation that covered it then. What happened to it since changes nothing of a year that is over.
"""

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
from common.shipped_data import shipped_rules
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
from membership.members.domain import Kept, MemberStatus, Topic, normalise
from membership.members.domain import read as read_kept

_TO_MEET = tuple(status.value for status in MemberStatus if is_to_meet(status))


@cache
def coverage_rules() -> tuple[CoverageRule, ...]:
    """Return the dated rules of who was to be met, shipped with the service."""
    return shipped_rules("membership.encounters", "coverage.toml", CoverageRule)


class YearOfEncounters:
    """A year to read: the register of the day its members are counted, and by which means each was met.

    Raises YearNotBegun, RuleMissing.
    """

    def __init__(self, source: Read, year: int) -> None:
        self.year = year
        self.rule = rule_on(coverage_rules(), date(year, 1, 1))
        self.day = counting_day(self.rule, year, source.today)
        self._then = members.register_on(self.day)
        self._interviews, self._meetings = held_in(year), attended_in(year)
        self.delegation: ColumnElement[str | None] = self._then.c.delegation
        """Which covered each structure then."""
        self.by_interview: ColumnElement[bool] = self._interviews.c.member_id.is_not(None)
        self.by_meeting: ColumnElement[bool] = self._meetings.c.member_id.is_not(None)
        self.met: ColumnElement[bool] = or_(self.by_interview, self.by_meeting)

    @property
    def order(self) -> Order:
        """How the structures may be sorted."""
        then = self._then.c
        columns = {"name": then.name, "delegation": func.coalesce(then.delegation, "")}
        return Order(columns=columns, default="name", unique=then.id)

    def selected(self, grant: Grant, filters: EncounterFilters) -> Select[Any]:
        """Select the structures that were to be met, within reach then, and pass the filters, for a list or a count.

        What turned out since to be a duplicate is left out.
        """
        then, seen, came = self._then, self._interviews, self._meetings
        query: Select[Any] = select(*members.kept_of(then), seen.c.times, seen.c.last_on, came.c.times, came.c.last_on)
        joined = then.join(members.TODAY, members.TODAY.c.id == then.c.id)
        joined = joined.outerjoin(seen, seen.c.member_id == then.c.id).outerjoin(came, came.c.member_id == then.c.id)
        reached = grant.covers(member=then.c.id, delegation=then.c.delegation)
        query = query.select_from(joined).where(then.c.status.in_(_TO_MEET), members.PRESENT, reached)
        return query.where(*self._conditions(filters))

    def _conditions(self, filters: EncounterFilters) -> Iterator[ColumnElement[bool]]:
        then = self._then.c
        if filters.met is not None:
            yield self.met if filters.met else ~self.met
        if filters.means:
            by = {EncounterMeans.INTERVIEW: self.by_interview, EncounterMeans.MEETING: self.by_meeting}
            yield or_(*(by[means] for means in filters.means))
        if filters.delegation:
            yield then.delegation.in_(filters.delegation)
        if filters.department:
            yield then.department.in_(filters.department)
        if filters.kind:
            kinds = cast([kind.value for kind in filters.kind], ARRAY(String))
            yield then.held[Topic.ACTIVITY.value].has_any(kinds)
        if filters.q:
            yield then.normalized_name.contains(normalise(filters.q), autoescape=True)


async def find_year(source: Read, grant: Grant, year: int) -> EncounterYearOut:
    """Return how many of those within reach were met in a year. Raises YearNotBegun, RuleMissing."""
    told = YearOfEncounters(source, year)
    found = await _coverage(source, grant, told)
    return EncounterYearOut(
        year=year,
        counted_on=told.day,
        rule_status=told.rule.status,
        rule_source=told.rule.source,
        count=_coverage_out(sum(found.values(), Coverage())),
        by_delegation={code: _coverage_out(one) for code, one in found.items()},
    )


async def list_members(source: Read, grant: Grant, year: int, params: EncounterListParams) -> Page[EncounterLine]:
    """Return one page of the structures to meet within reach. Raises YearNotBegun, RuleMissing."""
    told = YearOfEncounters(source, year)
    rows, cursor, total = await paginate(source, told.selected(grant, params), told.order, params)
    return Page(items=[_line(row) for row in rows], next_cursor=cursor, total=total)


async def export_rows(
    source: Read, grant: Grant, year: int, params: EncounterExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list. Raises YearNotBegun, RuleMissing."""
    told = YearOfEncounters(source, year)
    query = told.selected(grant, params).order_by(told.order.columns["name"], told.order.unique)
    rows = (await source.session.execute(query)).all()
    return (export_line(_line(row)) for row in rows)


async def _coverage(source: Read, grant: Grant, told: YearOfEncounters) -> dict[str, Coverage]:
    """Count those within reach by delegation; those of none stand under an empty code."""
    group: ColumnElement[str] = func.coalesce(told.delegation, "")
    conditions = (told.met, told.by_interview, told.by_meeting, and_(told.by_interview, told.by_meeting))
    query = told.selected(grant, EncounterFilters()).with_only_columns(
        group, func.count(), *(func.count().filter(one) for one in conditions), maintain_column_froms=True
    )
    rows = await source.session.execute(query.group_by(group).order_by(group))
    return {code: Coverage(*counts) for code, *counts in rows}


def _line(row: Any) -> EncounterLine:
    kept = len(Kept._fields)
    member = read_kept(Kept(*row[:kept]))
    interviews, last_interview_on, meetings, last_meeting_on = row[kept : kept + 4]
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
