"""The half-days of announced sessions, whole, for calendars: when, where, of what."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from common.transaction import Read
from training.sessions.domain import ANNOUNCED, SessionStatus
from training.sessions.tables import SessionRow, SlotRow, SlotTrainerRow

_SESSION: Any = SessionRow.__table__  # type: ignore[attr-defined]
_SLOT: Any = SlotRow.__table__  # type: ignore[attr-defined]
_TEACHES: Any = SlotTrainerRow.__table__  # type: ignore[attr-defined]
_HALF_DAYS = select(
    *(_SLOT.c[name] for name in ("id", "session_id", "starts_at", "ends_at", "zone", "room_id", "remote")),
    *(_SESSION.c[name] for name in ("reference", "title", "remote_url", "status")),
).select_from(_SLOT.join(_SESSION, _SESSION.c.id == _SLOT.c.session_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedSlot:
    """A half-day of an announced session. ``confirmed``: it was promised that the session is held."""

    id: UUID
    session_id: UUID
    reference: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    room_id: UUID | None
    remote: bool
    remote_url: str | None
    confirmed: bool


async def taught_since(read: Read, trainer_id: UUID, since: datetime) -> list[AnnouncedSlot]:
    """Return the half-days of a trainer that end since an instant."""
    taught = select(_TEACHES.c.slot_id).where(_TEACHES.c.trainer_id == trainer_id, _TEACHES.c.ends_at >= since)
    return await _found(read, _SLOT.c.id.in_(taught))


async def held_since(read: Read, session_ids: Collection[UUID], since: datetime) -> list[AnnouncedSlot]:
    """Return the half-days of some sessions that end since an instant."""
    return await _found(read, _SLOT.c.session_id.in_(session_ids), _SLOT.c.ends_at >= since)


async def _found(read: Read, *conditions: ColumnElement[bool]) -> list[AnnouncedSlot]:
    announced = _SESSION.c.status.in_([one.value for one in ANNOUNCED])
    rows = (await read.session.execute(_HALF_DAYS.where(announced, *conditions))).mappings()
    return [
        AnnouncedSlot(
            **{name: row[name] for name in row if name != "status"},
            confirmed=row["status"] == SessionStatus.CONFIRMED.value,
        )
        for row in rows
    ]
