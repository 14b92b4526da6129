"""Reads of the rooms."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from common.blockers import tried
from common.characters import normalise
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from training.rights import RIGHTS, Act
from training.rooms import domain, repository
from training.rooms.documents import room_line
from training.rooms.domain import Room, RoomNotFound
from training.rooms.schemas import AccessibilityBody, OwnerBody, RoomFilters, RoomLine, RoomListParams, RoomOut
from training.rooms.tables import RoomRow

_ROOM: Any = RoomRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"name": _ROOM.c.name_key, "capacity": _ROOM.c.capacity}, default="name", unique=_ROOM.c.id)


async def rooms_by_id(read: Read, ids: Collection[UUID]) -> Mapping[UUID, Room]:
    """Return some rooms. Raises RoomNotFound."""
    found = await rooms_of(read, ids)
    if found.keys() != set(ids):
        raise RoomNotFound("Cette salle n'existe pas.")
    return found


async def rooms_of(read: Read, ids: Collection[UUID]) -> Mapping[UUID, Room]:
    """Return those of some rooms that exist, for who holds them by a reference."""
    return await repository.get(read, ids) if ids else {}


async def find_room(read: Read, room_id: UUID) -> RoomOut:
    """Return a room. Raises RoomNotFound."""
    row = await repository.row(read, room_id)
    room = repository.room_of(row)
    said = room.description
    writes = grant_for(RIGHTS, Act.WRITE_ROOMS, read.actor) is not None
    allowed, blockers = tried(_attempts(read, room) if writes else {})
    return RoomOut(
        id=room.id,
        name=said.name,
        street=said.street,
        postcode=said.postcode,
        city=said.city,
        department=said.department,
        delegation=said.delegation,
        zone=room.zone,
        capacity=said.capacity,
        accessibility=AccessibilityBody.model_validate(said.accessibility),
        equipment=list(said.equipment),
        cost=said.cost,
        owner=OwnerBody.model_validate(said.owner) if said.owner else None,
        archived_on=room.archived_on,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        version=room.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def list_rooms(read: Read, params: RoomListParams) -> Page[RoomLine]:
    """Return one page of the rooms."""
    rows, cursor, total = await paginate(read, _filtered(params), _ORDER, params)
    return Page(items=[RoomLine.model_validate(row) for row in rows], next_cursor=cursor, total=total)


async def export_rooms(read: Read, filters: RoomFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same rooms as the list with the same filters."""
    query = _filtered(filters).order_by(_ROOM.c.name_key, _ROOM.c.id)
    return map(room_line, map(repository.room_of, (await read.session.execute(query)).scalars().all()))


def _attempts(read: Read, room: Room) -> dict[str, Callable[[], object]]:
    return {
        "amend": partial(domain.require_used, room),
        "archive": partial(domain.archive, room, read.today),
        "restore": partial(domain.restore, room),
    }


def _filtered(filters: RoomFilters) -> Select[Any]:
    archived = _ROOM.c.archived_on
    query = select(RoomRow).where(archived.is_not(None) if filters.archived else archived.is_(None))
    if filters.q:
        query = query.where(_ROOM.c.name_key.contains(normalise(filters.q), autoescape=True))
    one_of = (
        (_ROOM.c.delegation, filters.delegation),
        (_ROOM.c.department, filters.department),
        (_ROOM.c.step_free_access, filters.step_free),
    )
    query = query.where(*(column.in_(values) for column, values in one_of if values))
    return query.where(_ROOM.c.capacity >= filters.capacity_from) if filters.capacity_from else query
