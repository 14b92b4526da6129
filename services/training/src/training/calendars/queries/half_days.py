"""The half-days of a calendar, as they are now."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from common.transaction import Read
from training.calendars.documents import said
from training.calendars.domain import CalendarAddress, Reader, Said
from training.enrolments.queries.seated import seats_by_session, sessions_of
from training.enrolments.queries.seats import head_count
from training.rooms.queries import rooms_of
from training.sessions.queries.half_days import AnnouncedSlot, held_since, taught_since


async def half_days_of(read: Read, address: CalendarAddress, since: datetime) -> dict[UUID, Said]:
    """Return what the calendar of an address says of the half-days that end since an instant, by id."""
    slots, counts = await _READS[address.reader](read, address, since)
    rooms = await rooms_of(read, {slot.room_id for slot in slots if slot.room_id})
    return {
        slot.id: said(
            slot, rooms[slot.room_id] if slot.room_id else None, address.reader, counts.get(slot.session_id, 0)
        )
        for slot in slots
    }


_Found = tuple[list[AnnouncedSlot], Mapping[UUID, int]]


async def _taught(read: Read, address: CalendarAddress, since: datetime) -> _Found:
    slots = await taught_since(read, address.reader_id, since)
    counts = await head_count(read, {slot.session_id for slot in slots})
    return slots, {session: count.confirmed for session, count in counts.items()}


async def _learnt(read: Read, address: CalendarAddress, since: datetime) -> _Found:
    return await held_since(read, await sessions_of(read, address.reader_id, address.through), since), {}


async def _of_structure(read: Read, address: CalendarAddress, since: datetime) -> _Found:
    counts = await seats_by_session(read, address.reader_id)
    return await held_since(read, list(counts), since), counts


_READS = {Reader.TRAINER: _taught, Reader.TRAINEE: _learnt, Reader.STRUCTURE: _of_structure}
