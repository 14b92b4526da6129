"""Reads of departmental meetings. A structure reads those it is called to: the day, the place, whether it came."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, String, cast, false, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from membership.contacts.domain import Trace
from membership.contacts.queries import people_of
from membership.meetings import repository
from membership.meetings.documents import export_line, meeting_line, sheet
from membership.meetings.domain import (
    Attendee,
    Meeting,
    MeetingNotFound,
    MeetingPresence,
    MeetingState,
    require_not_cancelled,
    require_to_come,
    trace_of,
)
from membership.meetings.schemas import (
    AttendeeListParams,
    InvitationExportParams,
    InvitationFilters,
    InvitationListParams,
    InvitationOut,
    MeetingAttendeeOut,
    MeetingExportParams,
    MeetingFilters,
    MeetingListParams,
    MeetingOut,
)
from membership.meetings.tables import AttendeeRow, InvitationRow, MeetingRow
from membership.members.domain import MemberStatus
from membership.members.queries import (
    MEMBER_ID,
    MEMBER_NAME,
    is_named_like,
    joined_with_member,
    member_of,
    names_of,
    register_on,
)
from membership.rights import RIGHTS, Act
from membership.territory.queries import load_territory

_TABLE: Any = MeetingRow.__table__  # type: ignore[attr-defined]
_INVITED: Any = InvitationRow.__table__  # type: ignore[attr-defined]
_CAME: Any = AttendeeRow.__table__  # type: ignore[attr-defined]
_CAME_ORDER = Order(columns={"rank": _CAME.c.rank}, default="rank", unique=_CAME.c.id)
_ORDER = Order(columns={"day": _TABLE.c.day, "delegation": _TABLE.c.delegation}, default="-day", unique=_TABLE.c.id)
_INVITED_ORDER = Order(columns={"name": MEMBER_NAME}, default="name", unique=MEMBER_ID)
_BELONGS = (MemberStatus.ACTIVE.value, MemberStatus.SUSPENDED.value)


async def list_meetings(source: Read, grant: Grant, params: MeetingListParams) -> Page[MeetingOut]:
    """Return one page of meetings within reach."""
    rows, cursor, total = await paginate(source, _filtered(grant, params), _ORDER, params)
    items = await _shown(source, grant, [repository.to_domain(row) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def export_meetings(source: Read, grant: Grant, params: MeetingExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same meetings as the list."""
    query = _filtered(grant, params).order_by(_TABLE.c.day.desc(), _TABLE.c.id)
    rows = (await source.session.execute(query)).scalars()
    return map(meeting_line, await _shown(source, grant, [repository.to_domain(row) for row in rows]))


async def find_meeting(source: Read, grant: Grant, meeting_id: UUID) -> MeetingOut:
    """Return one meeting within reach. Raises MeetingNotFound."""
    [shown] = await _shown(source, grant, [await reached(source, grant, meeting_id)])
    return shown


async def reached(source: Read, grant: Grant, meeting_id: UUID) -> Meeting:
    """Return a meeting within reach. Raises MeetingNotFound."""
    row = (await source.session.execute(_query(grant).where(_TABLE.c.id == meeting_id))).scalar_one_or_none()
    if row is None:
        raise MeetingNotFound("Cette rencontre n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_domain(row)


async def list_invitations(
    source: Read, grant: Grant, meeting_id: UUID, params: InvitationListParams
) -> Page[InvitationOut]:
    """Return one page of those called to a meeting, within reach. Raises MeetingNotFound."""
    meeting = await reached(source, grant, meeting_id)
    rows, cursor, total = await paginate(source, _invitations(grant, meeting, params), _INVITED_ORDER, params)
    return Page(items=[_invitation_out(row) for row in rows], next_cursor=cursor, total=total)


async def export_rows(
    source: Read, grant: Grant, meeting_id: UUID, params: InvitationExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list. Raises MeetingNotFound."""
    meeting = await reached(source, grant, meeting_id)
    query = _invitations(grant, meeting, params).order_by(MEMBER_NAME, MEMBER_ID)
    rows = (await source.session.execute(query)).all()
    return (export_line(_invitation_out(row)) for row in rows)


async def list_attendees(
    source: Read, grant: Grant, meeting_id: UUID, params: AttendeeListParams
) -> Page[MeetingAttendeeOut]:
    """Return one page of those who came to a meeting, within reach. Raises MeetingNotFound."""
    meeting = await reached(source, grant, meeting_id)
    query = select(AttendeeRow).where(_CAME.c.meeting_id == meeting.id, _whose(grant))
    rows, cursor, total = await paginate(source, query, _CAME_ORDER, params)
    items = await _attendees_out(source, [repository.to_attendee(row) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def attendance_sheet(source: Read, grant: Grant, meeting_id: UUID) -> dict[str, Any]:
    """Return what the sheet of a meeting prints: to be signed before, who came after.

    Raises MeetingNotFound, MeetingCancelled.
    """
    meeting = await reached(source, grant, meeting_id)
    require_not_cancelled(meeting)
    lines = _invitations(grant, meeting, InvitationFilters()).order_by(MEMBER_NAME, MEMBER_ID)
    called = [_invitation_out(row) for row in (await source.session.execute(lines)).all()]
    people = await _attendees_out(source, await repository.attendees(source, meeting.id))
    names = {one.code: one.name for one in load_territory().delegations}
    return sheet(meeting, names.get(meeting.delegation, meeting.delegation), called, people)


async def attendances_of(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Return what meetings say of some people, whoever asks."""
    return [
        trace_of(meeting, one, one.contact_id, one.member_id)
        for meeting, one in await repository.naming(source, contact_ids)
        if one.contact_id is not None and one.member_id is not None
    ]


async def covered_on(source: Read, delegation: str, day: date, departments: Collection[str] = ()) -> set[UUID]:
    """Return the members that a delegation covers on a day, in some departments or all."""
    register = register_on(day)
    query = select(register.c.id).where(register.c.status.in_(_BELONGS), register.c.delegation == delegation)
    if departments:
        query = query.where(register.c.department.in_(departments))
    return set((await source.session.execute(query)).scalars())


async def is_called_to(source: Read, meeting_id: UUID, member_id: UUID) -> bool:
    """Tell whether a structure was called to a meeting, or came to it, whoever asks."""
    query = select(_INVITED.c.member_id).where(_INVITED.c.meeting_id == meeting_id, _INVITED.c.member_id == member_id)
    return (await source.session.execute(query)).first() is not None


def attended_in(year: int) -> FromClause:
    """Return the structures that came to a meeting held in a year, as a table: how many times, and the last day."""
    return (
        select(_INVITED.c.member_id, func.max(_TABLE.c.day).label("last_on"), func.count().label("times"))
        .join(_TABLE, _TABLE.c.id == _INVITED.c.meeting_id)
        .where(
            _TABLE.c.day.between(date(year, 1, 1), date(year, 12, 31)),
            _TABLE.c.state == MeetingState.HELD.value,
            _INVITED.c.presence == MeetingPresence.PRESENT.value,
        )
        .group_by(_INVITED.c.member_id)
        .subquery()
    )


def _filtered(grant: Grant, params: MeetingFilters) -> Select[Any]:
    query = _query(grant)
    if params.state:
        query = query.where(_TABLE.c.state.in_([state.value for state in params.state]))
    if params.delegation:
        query = query.where(_TABLE.c.delegation.in_(params.delegation))
    if params.department:
        query = query.where(_TABLE.c.departments.op("&&")(cast(params.department, ARRAY(String))))
    if params.member_id:
        told = grant.scope is not Scope.OWN or params.member_id == grant.actor.member_id
        called = _called_to(_INVITED.c.member_id == params.member_id)
        query = query.where(_TABLE.c.id.in_(called) if told else false())
    if params.day_from:
        query = query.where(_TABLE.c.day >= params.day_from)
    if params.day_to:
        query = query.where(_TABLE.c.day <= params.day_to)
    return query


def held() -> FromClause:
    """Return every meeting that was held, as a table: ``id``, ``day``, ``delegation``."""
    query = select(_TABLE.c.id, _TABLE.c.day, _TABLE.c.delegation)
    return query.where(_TABLE.c.state == MeetingState.HELD.value).subquery()


def attended() -> FromClause:
    """Return who came to the meetings that were held, as a table: ``meeting_id``, ``member_id``, ``day``."""
    query = select(_INVITED.c.meeting_id, _INVITED.c.member_id, _TABLE.c.day)
    query = query.join(_TABLE, _TABLE.c.id == _INVITED.c.meeting_id)
    present = _INVITED.c.presence == MeetingPresence.PRESENT.value
    return query.where(_TABLE.c.state == MeetingState.HELD.value, present).subquery()


def _query(grant: Grant) -> Select[Any]:
    """Select the meetings within reach: a structure's are those it is called to."""
    if grant.scope is Scope.OWN:
        return select(MeetingRow).where(_TABLE.c.id.in_(_called_to(_INVITED.c.member_id == grant.actor.member_id)))
    return select(MeetingRow).where(grant.covers(member=None, delegation=_TABLE.c.delegation))


def _called_to(condition: ColumnElement[bool]) -> Select[tuple[UUID]]:
    return select(_INVITED.c.meeting_id).where(condition)


def _invitations(grant: Grant, meeting: Meeting, filters: InvitationFilters) -> Select[Any]:
    """Select those called to a meeting: all of them for its delegation, itself alone for a structure."""
    everybody = Grant(grant.actor, Scope.ALL) if grant.scope is not Scope.OWN else grant
    query = joined_with_member(select(_INVITED.c.presence, _INVITED.c.called), _INVITED.c.member_id, everybody)
    query = query.where(_INVITED.c.meeting_id == meeting.id)
    if filters.presence:
        query = query.where(_INVITED.c.presence.in_([presence.value for presence in filters.presence]))
    return query.where(is_named_like(filters.q)) if filters.q else query


async def _presences(source: Read, grant: Grant, ids: Sequence[UUID]) -> dict[UUID, dict[MeetingPresence, int]]:
    """Count those called to some meetings and those who came; a record that was a duplicate is not counted again."""
    everybody = Grant(grant.actor, Scope.ALL) if grant.scope is not Scope.OWN else grant
    place = (_INVITED.c.meeting_id, _INVITED.c.presence)
    joined = joined_with_member(select(*place), _INVITED.c.member_id, everybody).where(_INVITED.c.meeting_id.in_(ids))
    query = joined.with_only_columns(*place, func.count(), maintain_column_froms=True).group_by(*place)
    found: dict[UUID, dict[MeetingPresence, int]] = {one: {} for one in ids}
    for meeting_id, presence, count in await source.session.execute(query):
        found[meeting_id][MeetingPresence(presence)] = count
    return found


def _whose(grant: Grant) -> ColumnElement[bool]:
    """Return the condition for who came: everybody for the delegation, its own people for a structure."""
    return _CAME.c.member_id == grant.actor.member_id if grant.scope is Scope.OWN else true()


async def _headcounts(source: Read, grant: Grant, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(_CAME.c.meeting_id, func.sum(_CAME.c.people)).where(_CAME.c.meeting_id.in_(ids), _whose(grant))
    rows = await source.session.execute(query.group_by(_CAME.c.meeting_id))
    return {meeting_id: int(people) for meeting_id, people in rows}


async def _attendees_out(source: Read, attendees: Sequence[Attendee]) -> list[MeetingAttendeeOut]:
    structures = await names_of(source, [one.member_id for one in attendees if one.member_id is not None])
    people = await people_of(source, [one.contact_id for one in attendees if one.contact_id is not None])
    return [
        MeetingAttendeeOut(
            id=one.id,
            member_id=one.member_id,
            structure=structures[one.member_id] if one.member_id else None,
            contact_id=one.contact_id,
            name=people[one.contact_id].name if one.contact_id in people else None,
            function=one.function,
            people=one.people,
        )
        for one in attendees
    ]


async def _shown(source: Read, grant: Grant, found: Sequence[Meeting]) -> list[MeetingOut]:
    ids = [meeting.id for meeting in found]
    presences, people = await _presences(source, grant, ids), await _headcounts(source, grant, ids)
    may_run = grant_for(RIGHTS, Act.RUN_MEETINGS, source.actor)
    return [_out(one, presences[one.id], people.get(one.id, 0), runs=_runs(may_run, one)) for one in found]


def _runs(grant: Grant | None, meeting: Meeting) -> bool:
    return grant is not None and grant.reaches(meeting.delegation)


def _out(one: Meeting, presences: dict[MeetingPresence, int], people: int, *, runs: bool) -> MeetingOut:
    attempts = {
        "amend": partial(require_to_come, one),
        "move": partial(require_to_come, one),
        "invite": partial(require_to_come, one),
        "record": partial(require_not_cancelled, one),
        "cancel": partial(require_not_cancelled, one),
    }
    actions, blockers = tried(attempts) if runs else ([], {})
    return MeetingOut(
        id=one.id,
        delegation=one.delegation,
        departments=list(one.departments),
        subject=one.subject,
        day=one.day,
        first_day=one.first_day,
        moves=one.moves,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        place=one.place,
        state=one.state,
        state_label=one.state.label,
        presences={presence: presences.get(presence, 0) for presence in MeetingPresence},
        people=people,
        notes=one.notes if runs else None,
        attendance_recorded_on=one.attendance_recorded_on,
        attendance_recorded_by=one.attendance_recorded_by,
        cancelled_reason=one.cancelled_reason,
        recorded_at=one.recorded_at,
        recorded_by=one.recorded_by,
        version=one.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def _invitation_out(row: Any) -> InvitationOut:
    member, presence = member_of(row), MeetingPresence(row[0])
    return InvitationOut(
        member_id=member.id,
        reference=member.reference,
        name=member.name,
        department=member.department,
        presence=presence,
        presence_label=presence.label,
        called=row[1],
    )
