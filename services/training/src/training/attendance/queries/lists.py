"""Presences and absences of many sessions, and the seals."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select

from common.contracts.roles import Role
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, Scope
from common.transaction import Read
from training.attendance.documents import attendance_line
from training.attendance.domain import Kind, Method, Reason
from training.attendance.queries.reach import own_trainer, within
from training.attendance.schemas import AttendanceFilters, AttendanceLine, AttendanceListParams, SealOut
from training.attendance.tables import MarkRow, SealRow
from training.enrolments.queries.enrolments import SEAT
from training.sessions.queries.sessions import SESSION, taught_by
from training.trainees.queries import names_of
from training.trainers.domain import Half

_MARK: Any = MarkRow.__table__  # type: ignore[attr-defined]
_SEAL: Any = SealRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"day": _MARK.c.day, "slot": _MARK.c.slot_id}, default="-day,-slot", unique=_MARK.c.enrolment_id)
_SEALS = Order(columns={"number": _SEAL.c.number}, default="-number", unique=_SEAL.c.number)


async def list_marks(read: Read, grant: Grant, params: AttendanceListParams) -> Page[AttendanceLine]:
    """Return one page of the presences and absences within reach."""
    rows, cursor, total = await paginate(read, await _filtered(read, grant, params), _ORDER, params)
    return Page(items=await _lines(read, grant, rows), next_cursor=cursor, total=total)


async def export_marks(read: Read, grant: Grant, filters: AttendanceFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same as the list with the same filters."""
    query = await _filtered(read, grant, filters)
    rows = (await read.session.execute(query.order_by(_MARK.c.day, _MARK.c.slot_id, _MARK.c.enrolment_id))).all()
    return map(attendance_line, await _lines(read, grant, rows))


async def list_seals(read: Read, params: PageParams) -> Page[SealOut]:
    """Return one page of the seals."""
    rows, cursor, total = await paginate(read, select(SealRow), _SEALS, params)
    items = [SealOut(number=row.number, hash=row.hash, content=row.content) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def _filtered(read: Read, grant: Grant, params: AttendanceFilters) -> Select[Any]:
    query = select(MarkRow, SESSION.c.reference, SEAT.c.member_id, SEAT.c.trainee_id)
    query = query.join(SESSION, SESSION.c.id == _MARK.c.session_id).join(SEAT, SEAT.c.id == _MARK.c.enrolment_id)
    trainer_id = None if grant.scope is Scope.ALL else await own_trainer(read, grant)
    taught = None if trainer_id is None else taught_by(_MARK.c.session_id, trainer_id)
    query = query.where(within(grant, SEAT.c.member_id, taught))
    wanted = {
        _MARK.c.kind: params.kind,
        _MARK.c.reason: params.reason,
        _MARK.c.session_id: params.session_id,
        SEAT.c.member_id: params.member_id,
    }
    for column, values in wanted.items():
        if values:
            query = query.where(column.in_(values))
    if params.day_from:
        query = query.where(_MARK.c.day >= params.day_from)
    if params.day_to:
        query = query.where(_MARK.c.day <= params.day_to)
    return query


async def _lines(read: Read, grant: Grant, rows: Collection[Any]) -> list[AttendanceLine]:
    named = grant.scope is not Scope.ALL or Role.TRAINING in grant.actor.roles
    names = await names_of(read, {trainee for *_, trainee in rows}) if named and rows else {}
    return [
        AttendanceLine(
            session_id=row.session_id,
            session_reference=reference,
            slot_id=row.slot_id,
            day=row.day,
            half=Half(row.half),
            enrolment_id=row.enrolment_id,
            member_id=member_id,
            name=names.get(trainee_id),
            kind=Kind(row.kind),
            label=Kind(row.kind).label,
            hours=row.hours,
            reason=Reason(row.reason) if row.reason else None,
            reason_label=Reason(row.reason).label if row.reason else None,
            method=Method(row.method),
            number=row.number,
        )
        for row, reference, member_id, trainee_id in rows
    ]
