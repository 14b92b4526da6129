"""What is done with rooms: add one, amend, archive, restore."""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.transaction import Tx
from training.rooms import domain, repository
from training.rooms.domain import Accessibility, Description, Owner, Room
from training.rooms.queries import find_room
from training.rooms.schemas import RoomBody


async def create(tx: Tx, given: RoomBody) -> UUID:
    """Add a room; return its id. Raises CheckedAnotherDay."""
    room = Room(id=new_id(), description=_description(given))
    domain.require_checked(room.description, tx.today)
    await repository.add(tx, room)
    return room.id


async def amend(tx: Tx, room_id: UUID, if_match: str | None, given: RoomBody) -> None:
    """Write again, whole, what a room is. Raises RoomNotFound, RoomArchived, CheckedAnotherDay."""
    room = await _held(tx, room_id, if_match)
    await repository.save(tx, domain.amend(room, _description(given), tx.today))


async def archive(tx: Tx, room_id: UUID, if_match: str | None) -> None:
    """Use a room no more. Raises RoomNotFound, RoomArchived."""
    room = await _held(tx, room_id, if_match)
    await repository.save(tx, domain.archive(room, tx.today))


async def restore(tx: Tx, room_id: UUID, if_match: str | None) -> None:
    """Use a room again. Raises RoomNotFound, RoomNotArchived."""
    room = await _held(tx, room_id, if_match)
    await repository.save(tx, domain.restore(room))


async def _held(tx: Tx, room_id: UUID, if_match: str | None) -> Room:
    room = repository.room_of(await repository.row(tx, room_id, for_update=True))
    await check_version(if_match, room.version, partial(find_room, tx, room_id))
    return room


def _description(given: RoomBody) -> Description:
    return Description(
        name=given.name,
        street=given.street,
        postcode=given.postcode,
        city=given.city,
        department=given.department,
        delegation=given.delegation,
        capacity=given.capacity,
        accessibility=Accessibility(**given.accessibility.model_dump()),
        equipment=tuple(given.equipment),
        cost=given.cost,
        owner=Owner(**given.owner.model_dump()) if given.owner else None,
    )
