"""What anybody finds of the sessions to come: those that are announced and open to all."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text

from common.characters import normalise
from common.pagination import Order, Page, paginate
from common.transaction import Read
from training.programmes.domain import Mode
from training.programmes.queries.rules import theme_label
from training.rooms.domain import Room
from training.rooms.queries import rooms_of
from training.sessions import domain, repository
from training.sessions.domain import ANNOUNCED, SessionNotFound, SessionStatus, Slot
from training.sessions.queries.sessions import SESSION
from training.sessions.queries.showing import local_hours
from training.sessions.schemas import AccessOut, CalendarLine, CalendarParams, CalendarSheet, CalendarSlotOut
from training.sessions.tables import PUBLIC, SessionRow

_ORDER = Order(columns={"first_day": SESSION.c.first_day}, default="first_day", unique=SESSION.c.id)
_NAMES = [name for name in CalendarLine.model_fields if name in SESSION.c]


async def list_calendar(read: Read, params: CalendarParams) -> Page[CalendarLine]:
    """Return one page of what is announced and open to all."""
    query = select(SessionRow).where(text(PUBLIC), *_conditions(read, params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    rooms = await _rooms(read, (row.room_id for row in rows))
    return Page(items=[CalendarLine(**_fields(read, row, rooms)) for row in rows], next_cursor=cursor, total=total)


async def find_sheet(read: Read, reference: str) -> CalendarSheet:
    """Return a session that was announced to all, cancelled or not. Raises SessionNotFound."""
    query = select(SessionRow).where(SESSION.c.reference == reference, SESSION.c.announced_at.is_not(None))
    query = query.where(func.cardinality(SESSION.c.reserved_for) == 0)
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise SessionNotFound("Aucune session ouverte à tous n'a cette référence.")
    [session] = await repository.whole(read, [row])
    rooms = await _rooms(read, (slot.room_id for slot in session.slots))
    return CalendarSheet(
        **_fields(read, row, rooms),
        slots=[_slot(slot, rooms) for slot in session.slots],
        hours=domain.hours_of(session.slots),
        reason_code=session.reason_code,
    )


def _conditions(read: Read, params: CalendarParams) -> Iterator[ColumnElement[bool]]:
    yield SESSION.c.first_day >= (params.day_from or read.today)
    if params.day_to:
        yield SESSION.c.first_day <= params.day_to
    for column, wanted in (
        (SESSION.c.programme_code, params.programme),
        (SESSION.c.theme, params.theme),
        (SESSION.c.delegation, params.delegation),
        (SESSION.c.mode, [mode.value for mode in params.mode]),
        (SESSION.c.department, params.department),
    ):
        if wanted:
            yield column.in_(wanted)
    if params.q:
        yield SESSION.c.title_key.contains(normalise(params.q), autoescape=True)


async def _rooms(read: Read, ids: Iterable[UUID | None]) -> Mapping[UUID, Room]:
    return await rooms_of(read, {one for one in ids if one is not None})


def _fields(read: Read, row: SessionRow, rooms: Mapping[UUID, Room]) -> dict[str, Any]:
    status, mode = SessionStatus(row.status), Mode(row.mode or Mode.ON_SITE)
    if status in ANNOUNCED and row.ends_at is not None and row.ends_at <= read.now:
        status = SessionStatus.OVER
    return {
        **{name: getattr(row, name) for name in _NAMES},
        "status": status,
        "status_label": status.label,
        "mode": mode,
        "mode_label": mode.label,
        "theme_label": theme_label(row.theme),
        "access": _access(rooms[row.room_id]) if row.room_id else None,
    }


def _access(room: Room) -> AccessOut:
    return AccessOut.model_validate(room.description.accessibility)


def _slot(slot: Slot, rooms: Mapping[UUID, Room]) -> CalendarSlotOut:
    begins, ends = local_hours(slot)
    room = rooms[slot.room_id] if slot.room_id else None
    return CalendarSlotOut(
        day=slot.half_day.day,
        half=slot.half_day.half,
        half_label=slot.half_day.half.label,
        begins=begins,
        ends=ends,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        zone=slot.zone,
        venue=room.description.name if room else None,
        city=room.description.city if room else None,
        remote=slot.remote,
        access=_access(room) if room else None,
    )
