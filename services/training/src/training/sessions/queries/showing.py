"""How a session is written as the API shows it."""

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from common.transaction import Read
from training.programmes.domain import Mode
from training.sessions.domain import Defect, Known, Session, Slot
from training.sessions.schemas import SessionDefectOut, SessionLine, SessionNamedOut, SessionSlotOut
from training.sessions.tables import SessionRow

_SHOWN = [name for name in SessionLine.model_fields if name in SessionRow.model_fields]


def line_of(read: Read, row: SessionRow, session: Session) -> SessionLine:
    """Write a session as one line of a list."""
    return SessionLine.model_validate(line_fields(read, row, session))


def line_fields(read: Read, row: SessionRow, session: Session) -> dict[str, Any]:
    """Return the fields of ``SessionLine``."""
    status = session.status_at(read.now)
    return {
        **{name: getattr(row, name) for name in _SHOWN},
        "mode": None if row.mode is None else Mode(row.mode),
        "type": session.type,
        "type_label": session.type.label,
        "status": status,
        "status_label": status.label,
    }


def slot_out(slot: Slot, known: Known) -> SessionSlotOut:
    """Write a half-day with the names of its room and of its trainers."""
    begins, ends = local_hours(slot)
    return SessionSlotOut(
        id=slot.id,
        day=slot.half_day.day,
        half=slot.half_day.half,
        half_label=slot.half_day.half.label,
        begins=begins,
        ends=ends,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        zone=slot.zone,
        room=_room_out(slot.room_id, known) if slot.room_id else None,
        remote=slot.remote,
        trainers=[SessionNamedOut(id=one, name=known.trainers[one].profile.name) for one in slot.trainers],
    )


def _room_out(room_id: UUID, known: Known) -> SessionNamedOut:
    return SessionNamedOut(id=room_id, name=known.rooms[room_id].description.name)


def local_hours(slot: Slot) -> tuple[time, time]:
    """Return when a half-day begins and ends, as its place reads it."""
    begins, ends = (at.astimezone(ZoneInfo(slot.zone)).time() for at in (slot.starts_at, slot.ends_at))
    return begins, ends


def members_out(ids: Sequence[UUID], known: Known) -> list[SessionNamedOut]:
    """Write structures with their names; one that is not known stays under its id."""
    return [SessionNamedOut(id=one, name=known.members.get(one, "structure inconnue")) for one in ids]


def defects_out(found: Iterable[Defect]) -> list[SessionDefectOut]:
    """Write what is wrong."""
    return [SessionDefectOut.model_validate(one) for one in found]
