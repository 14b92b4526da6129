"""Reads of the rooms."""

from collections.abc import Collection, Mapping
from uuid import UUID

from common.transaction import Read
from training.rooms import repository
from training.rooms.domain import Room, RoomNotFound


async def rooms_by_id(read: Read, ids: Collection[UUID]) -> Mapping[UUID, Room]:
    """Return some rooms. Raises RoomNotFound."""
    found = await repository.get(read, ids)
    if found.keys() != set(ids):
        raise RoomNotFound("Cette salle n'existe pas.")
    return found
