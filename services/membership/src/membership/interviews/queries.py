"""Reads of interviews. A structure reads its own: the day, who was there; neither notes nor why one was cancelled."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Select, func, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from membership.contacts.domain import Person, Trace
from membership.contacts.queries import people_of
from membership.interviews import repository
from membership.interviews.documents import export_line
from membership.interviews.domain import (
    Interview,
    InterviewNotFound,
    InterviewState,
    require_movable,
    require_standing,
    traces_of,
)
from membership.interviews.schemas import (
    InterviewExportParams,
    InterviewFilters,
    InterviewListParams,
    InterviewOut,
    InterviewParticipantOut,
)
from membership.interviews.tables import InterviewRow
from membership.members.domain import Member
from membership.members.queries import (
    MEMBER_NAME,
    allowed_on,
    in_delegations,
    is_named_like,
    joined_with_member,
    member_of,
)
from membership.rights import Act

_TABLE: Any = InterviewRow.__table__  # type: ignore[attr-defined]
_DAY = func.coalesce(_TABLE.c.held_on, _TABLE.c.planned_on)
_ORDER = Order(columns={"day": _DAY, "name": MEMBER_NAME}, default="-day,name", unique=_TABLE.c.id)


async def list_interviews(source: Read, grant: Grant, params: InterviewListParams) -> Page[InterviewOut]:
    """Return one page of interviews within reach."""
    rows, cursor, total = await paginate(source, _filtered(grant, params), _ORDER, params)
    items = await _shown(source, [(repository.to_domain(row[0]), member_of(row)) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, params: InterviewExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same interviews as the list."""
    query = _filtered(grant, params).order_by(_DAY.desc(), MEMBER_NAME, _TABLE.c.id)
    rows = (await source.session.execute(query)).all()
    return map(export_line, await _shown(source, [(repository.to_domain(row[0]), member_of(row)) for row in rows]))


async def find_interview(source: Read, grant: Grant, interview_id: UUID) -> InterviewOut:
    """Return one interview within reach. Raises InterviewNotFound."""
    [shown] = await _shown(source, [await reached(source, grant, interview_id)])
    return shown


async def reached(source: Read, grant: Grant, interview_id: UUID) -> tuple[Interview, Member]:
    """Return an interview within reach and the structure it is with. Raises InterviewNotFound."""
    row = (await source.session.execute(_query(grant).where(_TABLE.c.id == interview_id))).one_or_none()
    if row is None:
        raise InterviewNotFound("Cet entretien n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_domain(row[0]), member_of(row)


def held_in(year: int) -> FromClause:
    """Return the structures interviewed in a year, as a table: how many times, and the last day."""
    return (
        select(_TABLE.c.member_id, func.max(_TABLE.c.held_on).label("last_on"), func.count().label("times"))
        .where(_TABLE.c.year == year, _TABLE.c.state == InterviewState.HELD.value)
        .group_by(_TABLE.c.member_id)
        .subquery()
    )


def held() -> FromClause:
    """Return every interview that was held, as a table: ``id``, ``member_id``, ``day``."""
    query = select(_TABLE.c.id, _TABLE.c.member_id, _TABLE.c.held_on.label("day"))
    return query.where(_TABLE.c.state == InterviewState.HELD.value).subquery()


async def participations_of(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Return what interviews say of some people, whoever asks."""
    found = await repository.naming(source, contact_ids)
    return [trace for one in found for trace in traces_of(one) if trace.contact_id in contact_ids]


def _query(grant: Grant) -> Select[Any]:
    return joined_with_member(select(InterviewRow), _TABLE.c.member_id, grant)


def _filtered(grant: Grant, params: InterviewFilters) -> Select[Any]:
    query = _query(grant)
    for column, values in ((_TABLE.c.state, params.state), (_TABLE.c.mode, params.mode)):
        if values:
            query = query.where(column.in_([value.value for value in values]))
    if params.year:
        query = query.where(_TABLE.c.year == params.year)
    if params.delegation:
        query = query.where(in_delegations(params.delegation))
    if params.member_id:
        query = query.where(_TABLE.c.member_id == params.member_id)
    if params.planned_from:
        query = query.where(_TABLE.c.planned_on >= params.planned_from)
    if params.planned_to:
        query = query.where(_TABLE.c.planned_on <= params.planned_to)
    return query.where(is_named_like(params.q)) if params.q else query


async def _shown(source: Read, found: Sequence[tuple[Interview, Member]]) -> list[InterviewOut]:
    may_run = await allowed_on(source, Act.RUN_INTERVIEWS, [member.id for _, member in found])
    people = await people_of(source, {one for interview, _ in found for one in interview.participants})
    return [_out(one, member, people, runs=member.id in may_run) for one, member in found]


def _out(one: Interview, member: Member, people: dict[UUID, Person], *, runs: bool) -> InterviewOut:
    told = one if runs else replace(one, notes=None, cancelled_reason=None)
    attempts = {
        "move": partial(require_movable, one),
        "record": partial(require_standing, one),
        "cancel": partial(require_standing, one),
    }
    actions, blockers = tried(attempts) if runs else ([], {})
    named = [(one_id, people[one_id].name) for one_id in told.participants if one_id in people]
    return InterviewOut(
        id=told.id,
        member_id=told.member_id,
        name=member.name,
        delegation=member.delegation,
        state=told.state,
        state_label=told.state.label,
        mode=told.mode,
        mode_label=told.mode.label,
        year=told.year,
        planned_on=told.planned_on,
        first_planned_on=told.first_planned_on,
        moves=told.moves,
        held_on=told.held_on,
        led_by=told.led_by,
        led_by_label=told.led_by_label,
        participants=[InterviewParticipantOut(contact_id=one_id, name=name) for one_id, name in named if name],
        notes=told.notes,
        cancelled_reason=told.cancelled_reason,
        recorded_at=told.recorded_at,
        recorded_by=told.recorded_by,
        version=told.version,
        allowed_actions=actions,
        blockers=blockers,
    )
