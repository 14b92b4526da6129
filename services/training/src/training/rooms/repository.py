"""Loads and saves the rooms; the only writer of their table."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.transaction import Read
from training.rooms.domain import Accessibility, Description, Fact, Owner, Room
from training.rooms.tables import RoomRow


async def get(read: Read, ids: Collection[UUID]) -> dict[UUID, Room]:
    """Load those of some rooms that exist."""
    rows = (await read.session.execute(select(RoomRow).where(col(RoomRow.id).in_(ids)))).scalars()
    return {row.id: room_of(row) for row in rows}


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
