"""Loads and saves the rooms; the only writer of their table."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import col

from common.characters import normalise
from common.transaction import Read, Tx
from training.rooms.domain import Accessibility, Description, Fact, Owner, Room, RoomNotFound
from training.rooms.tables import RoomRow


async def get(read: Read, ids: Collection[UUID]) -> dict[UUID, Room]:
    """Load those of some rooms that exist."""
    rows = (await read.session.execute(select(RoomRow).where(col(RoomRow.id).in_(ids)))).scalars()
    return {row.id: room_of(row) for row in rows}


async def row(read: Read, room_id: UUID, *, for_update: bool = False) -> RoomRow:
    """Load a room as it is kept. Raises RoomNotFound."""
    query = select(RoomRow).where(col(RoomRow.id) == room_id)
    if for_update:
        query = query.with_for_update()
    found = (await read.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if found is None:
        raise RoomNotFound("Cette salle n'existe pas.")
    return found


async def add(tx: Tx, room: Room) -> None:
    """Save a new room."""
    values = {**_values(tx, room), "id": room.id, "created_at": tx.now, "created_by": tx.actor.subject}
    await tx.session.execute(insert(RoomRow).values(values))


async def save(tx: Tx, room: Room) -> None:
    """Save what a room became."""
    await tx.session.execute(update(RoomRow).where(col(RoomRow.id) == room.id).values(_values(tx, room)))


def room_of(row: RoomRow) -> Room:
    """Read a room."""
    accessibility = Accessibility(
        step_free_access=Fact(row.step_free_access),
        accessible_toilet=Fact(row.accessible_toilet),
        hearing_loop=Fact(row.hearing_loop),
        parking=Fact(row.parking),
        note=row.accessibility_note,
        checked_on=row.checked_on,
    )
    owner = None if row.owner_office is None else Owner(row.owner_office, row.owner_email, row.owner_phone)
    description = Description(
        name=row.name,
        street=row.street,
        postcode=row.postcode,
        city=row.city,
        department=row.department,
        delegation=row.delegation,
        capacity=row.capacity,
        accessibility=accessibility,
        equipment=tuple(row.equipment),
        cost=row.cost,
        owner=owner,
    )
    return Room(id=row.id, description=description, archived_on=row.archived_on, version=row.version)


def _values(tx: Tx, room: Room) -> dict[str, Any]:
    said, access, owner = room.description, room.description.accessibility, room.description.owner
    return {
        "name": said.name,
        "name_key": normalise(f"{said.name} {said.city}"),
        "street": said.street,
        "postcode": said.postcode,
        "city": said.city,
        "department": said.department,
        "delegation": said.delegation,
        "capacity": said.capacity,
        "step_free_access": access.step_free_access.value,
        "accessible_toilet": access.accessible_toilet.value,
        "hearing_loop": access.hearing_loop.value,
        "parking": access.parking.value,
        "accessibility_note": access.note,
        "checked_on": access.checked_on,
        "equipment": list(said.equipment),
        "cost": said.cost,
        "owner_office": owner.office if owner else None,
        "owner_email": owner.email if owner else None,
        "owner_phone": owner.phone if owner else None,
        "archived_on": room.archived_on,
        "version": room.version,
        "changed_at": tx.now,
        "changed_by": tx.actor.subject,
    }
