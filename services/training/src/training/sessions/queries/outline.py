"""A session in outline, read in one statement: what who asks for a seat is held against, hundreds at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true

from common.transaction import Read
from training.sessions.domain import ANNOUNCED, SessionNotFound, SessionStatus
from training.sessions.tables import SessionRow, SlotRow

_SESSION: Any = SessionRow.__table__  # type: ignore[attr-defined]
_SLOT: Any = SlotRow.__table__  # type: ignore[attr-defined]
_NAMES = (
    "id", "reference", "title", "programme_code", "programme_number", "delegation", "reserved_for", "seats_max",
    "closes_on",
)  # fmt: skip
_HALF_DAYS = (
    select(
        func.min(_SLOT.c.starts_at).label("first_starts_at"),
        func.array_agg(_SLOT.c.ends_at).label("half_days"),
        func.bool_and(_SLOT.c.remote & _SLOT.c.room_id.is_(None)).label("remote"),
    )
    .where(_SLOT.c.session_id == _SESSION.c.id)
    .lateral("half_days")
)
_OUTLINE = select(*(_SESSION.c[name] for name in (*_NAMES, "status")), *_HALF_DAYS.c).join(_HALF_DAYS, true())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A session without who teaches it and where. ``half_days``: when each ends; ``remote``: nobody comes to a room.

    ``announced``: it is, and is not over; ``drafted``: nobody was told of it yet.
    """

    id: UUID
    reference: str
    title: str
    programme_code: str
    programme_number: int
    delegation: str | None
    reserved_for: tuple[UUID, ...]
    seats_max: int | None
    closes_on: date | None
    announced: bool
    drafted: bool
    first_starts_at: datetime | None
    half_days: tuple[datetime, ...]
    remote: bool


async def outline_of(read: Read, session_id: UUID) -> Outline:
    """Return a session in outline, as it is at the instant of the read. Raises SessionNotFound."""
    row = (await read.session.execute(_OUTLINE.where(_SESSION.c.id == session_id))).one_or_none()
    if row is None:
        raise SessionNotFound("Cette session n'existe pas, ou n'est pas dans votre périmètre.")
    half_days = tuple(sorted(row.half_days or ()))
    status = SessionStatus(row.status)
    return Outline(
        **{name: getattr(row, name) for name in _NAMES if name != "reserved_for"},
        reserved_for=tuple(row.reserved_for),
        announced=status in ANNOUNCED and bool(half_days) and read.now < half_days[-1],
        drafted=status is SessionStatus.DRAFT,
        first_starts_at=row.first_starts_at,
        half_days=half_days,
        remote=bool(row.remote),
    )


async def begun_between(read: Read, first: date, last: date, after: UUID | None, limit: int) -> list[UUID]:
    """Return announced sessions that began between two days, both included, in the order of their ids."""
    query = select(_SESSION.c.id).where(_SESSION.c.sort_day.between(first, last), _SESSION.c.status.in_(ANNOUNCED))
    if after is not None:
        query = query.where(_SESSION.c.id > after)
    return list((await read.session.execute(query.order_by(_SESSION.c.id).limit(limit))).scalars())


async def held_at_once(read: Read, session_id: UUID, others: Collection[UUID]) -> list[str]:
    """Return the references of those of some sessions that have a half-day at the same time as one of a session."""
    other = _SLOT.alias("other")
    overlap = (_SLOT.c.starts_at < other.c.ends_at) & (other.c.starts_at < _SLOT.c.ends_at)
    query = select(_SESSION.c.reference).distinct().join(other, other.c.session_id == _SESSION.c.id)
    query = query.join(_SLOT, overlap).where(_SLOT.c.session_id == session_id, _SESSION.c.id.in_(others))
    return list((await read.session.execute(query.order_by(_SESSION.c.reference))).scalars())
