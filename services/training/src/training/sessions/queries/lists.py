"""Which sessions the staff works on, and which half-days of a trainer or a room are taken."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from common.characters import normalise
from common.pagination import Order, Page, paginate, sift
from common.rights import Grant
from common.transaction import Read
from training.sessions import domain, repository
from training.sessions.documents import session_line
from training.sessions.domain import ANNOUNCED, ExportTooLarge, SessionStatus, SessionType
from training.sessions.queries.rules import known_for
from training.sessions.queries.sessions import SESSION, within
from training.sessions.queries.showing import line_of
from training.sessions.schemas import (
    HeldHalfDay,
    HeldHalfDayParams,
    SessionExportParams,
    SessionFilters,
    SessionLine,
    SessionListParams,
)
from training.sessions.tables import SessionRow, SlotRow, SlotTrainerRow
from training.trainers.domain import Half

_SLOT: Any = SlotRow.__table__  # type: ignore[attr-defined]
_TEACHES: Any = SlotTrainerRow.__table__  # type: ignore[attr-defined]
_MOST_EXPORTED = 5_000
_ORDER = Order(
    columns={"first_day": SESSION.c.sort_day, "reference": SESSION.c.reference},
    default="first_day",
    unique=SESSION.c.id,
)
_HELD = Order(columns={"starts_at": _SLOT.c.starts_at}, default="starts_at", unique=_SLOT.c.id)
_OPEN = func.cardinality(SESSION.c.reserved_for) == 0
_TYPES = {
    SessionType.INTER: _OPEN,
    SessionType.INTRA: and_(~_OPEN, SESSION.c.adaptation == ""),
    SessionType.TAILOR_MADE: and_(~_OPEN, SESSION.c.adaptation != ""),
}


async def list_sessions(read: Read, grant: Grant, params: SessionListParams) -> Page[SessionLine]:
    """Return one page of the sessions within reach."""
    query = select(SessionRow).where(within(grant), *_conditions(read, params))
    if params.has_defects is not None:
        return await sift(read, query, _ORDER, params, partial(_sifted, read, params.has_defects))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=await _lines(read, rows), next_cursor=cursor, total=total)


async def export(read: Read, grant: Grant, params: SessionExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same sessions as the list. Raises ExportTooLarge."""
    query = select(SessionRow).where(within(grant), *_conditions(read, params))
    query = query.order_by(SESSION.c.sort_day, SESSION.c.id).limit(_MOST_EXPORTED + 1)
    rows = (await read.session.execute(query)).scalars().all()
    if len(rows) > _MOST_EXPORTED:
        raise ExportTooLarge(f"L'export est limité à {_MOST_EXPORTED} sessions : précisez votre recherche.")
    if params.has_defects is None:
        return map(session_line, await _lines(read, rows))
    return (session_line(line) for line in await _sifted(read, params.has_defects, rows) if line)


async def list_held(read: Read, grant: Grant, params: HeldHalfDayParams) -> Page[HeldHalfDay]:
    """Return one page of the half-days that announced sessions within reach take."""
    query = select(SlotRow, SESSION.c.reference, SESSION.c.title, SESSION.c.status, SESSION.c.ends_at)
    query = query.join(SESSION, SESSION.c.id == _SLOT.c.session_id).where(within(grant), _SLOT.c.held)
    if params.trainer_id:
        query = query.where(_teaches(params.trainer_id))
    if params.room_id:
        query = query.where(_SLOT.c.room_id == params.room_id)
    if params.day_from:
        query = query.where(_SLOT.c.day >= params.day_from)
    if params.day_to:
        query = query.where(_SLOT.c.day <= params.day_to)
    rows, cursor, total = await paginate(read, query, _HELD, params)
    return Page(items=[_held(read, *row) for row in rows], next_cursor=cursor, total=total)


async def _lines(read: Read, rows: Sequence[SessionRow]) -> list[SessionLine]:
    sessions = await repository.whole(read, rows)
    return [line_of(read, row, session) for row, session in zip(rows, sessions, strict=True)]


async def _sifted(read: Read, wanted: bool, rows: Sequence[SessionRow]) -> list[SessionLine | None]:
    """Return the lines of those rows that have defects, or of those that have none; None for the others."""
    sessions = await repository.whole(read, rows)
    known = await known_for(read, sessions)
    return [
        line_of(read, row, session) if bool(domain.defects(session, known, read.now, read.today)) is wanted else None
        for row, session in zip(rows, sessions, strict=True)
    ]


def _conditions(read: Read, filters: SessionFilters) -> Iterator[ColumnElement[bool]]:
    if filters.status:
        yield or_(*(_stands(read, status) for status in filters.status))
    if filters.type:
        yield or_(*(_TYPES[one] for one in filters.type))
    for column, wanted in (
        (SESSION.c.programme_code, filters.programme),
        (SESSION.c.theme, filters.theme),
        (SESSION.c.delegation, filters.delegation),
    ):
        if wanted:
            yield column.in_(wanted)
    yield from _with(filters)
    yield from _when(filters)
    if filters.q:
        yield SESSION.c.title_key.contains(normalise(filters.q), autoescape=True)


def _with(filters: SessionFilters) -> Iterator[ColumnElement[bool]]:
    own = _SLOT.c.session_id == SESSION.c.id
    if filters.trainer_id:
        yield exists().where(own, _teaches(filters.trainer_id))
    if filters.room_id:
        yield exists().where(own, _SLOT.c.room_id == filters.room_id)


def _when(filters: SessionFilters) -> Iterator[ColumnElement[bool]]:
    if filters.day_from:
        yield SESSION.c.last_day >= filters.day_from
    if filters.day_to:
        yield SESSION.c.first_day <= filters.day_to
    if filters.decide_before:
        yield SESSION.c.decide_on <= filters.decide_before


def _stands(read: Read, status: SessionStatus) -> ColumnElement[bool]:
    """Return ``Session.status_at`` as a condition; a test holds the two together."""
    over = SESSION.c.ends_at <= read.now
    if status is SessionStatus.OVER:
        return and_(SESSION.c.status.in_([one.value for one in ANNOUNCED]), over)
    kept: ColumnElement[bool] = SESSION.c.status == status.value
    return and_(kept, ~over) if status in ANNOUNCED else kept


def _teaches(trainer_id: Any) -> ColumnElement[bool]:
    return exists().where(_TEACHES.c.slot_id == _SLOT.c.id, _TEACHES.c.trainer_id == trainer_id)


def _held(read: Read, slot: SlotRow, reference: str, title: str, status: str, over_at: datetime) -> HeldHalfDay:
    stands = SessionStatus.OVER if over_at <= read.now else SessionStatus(status)
    said = {name: getattr(slot, name) for name in HeldHalfDay.model_fields if name in SlotRow.model_fields}
    return HeldHalfDay(**{**said, "half": Half(slot.half)}, reference=reference, title=title, status=stands)
