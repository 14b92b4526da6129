"""Loads and saves the sessions, their half-days and what was done of them; the only writer of their tables."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import DateTime, String, Uuid, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import col

from common.characters import normalise
from common.identifiers import new_id
from common.transaction import Read, Tx
from training.sessions.domain import (
    ANNOUNCED,
    CancelReason,
    Change,
    CostLine,
    EventKind,
    Listed,
    Pinned,
    Session,
    SessionNotFound,
    SessionStatus,
    Slot,
    Taken,
    Terms,
    first_day,
    last_day,
    mode_of,
)
from training.sessions.tables import EventRow, SessionRow, SlotRow, SlotTrainerRow
from training.trainers.domain import Half, HalfDay

_COSTS = TypeAdapter(tuple[CostLine, ...])
_CHANGES = TypeAdapter(tuple[Change, ...])
_SLOT: Any = SlotRow.__table__  # type: ignore[attr-defined]
_TEACHES: Any = SlotTrainerRow.__table__  # type: ignore[attr-defined]
_NEVER = date.max
_HOLD = text(
    "SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(r, 61) AS k FROM unnest(:ids) AS r"
    " ORDER BY k) AS ordered"
).bindparams(bindparam("ids", type_=ARRAY(String)))
_TYPES = [
    bindparam("slots", type_=ARRAY(Uuid)),
    bindparam("resources", type_=ARRAY(Uuid)),
    bindparam("starts", type_=ARRAY(DateTime(timezone=True))),
    bindparam("ends", type_=ARRAY(DateTime(timezone=True))),
]
_TAKEN = text(
    "WITH w AS (SELECT * FROM unnest(:slots, :resources, :starts, :ends) AS w(slot_id, resource_id, begins, ends))"
    " SELECT w.slot_id, w.resource_id, s.reference, w.begins FROM w JOIN session_slot t ON t.held"
    " AND t.room_id = w.resource_id AND tstzrange(t.starts_at, t.ends_at) && tstzrange(w.begins, w.ends)"
    " JOIN session s ON s.id = t.session_id WHERE s.id <> :session_id UNION"
    " SELECT w.slot_id, w.resource_id, s.reference, w.begins FROM w JOIN session_slot_trainer t ON t.held"
    " AND t.trainer_id = w.resource_id AND tstzrange(t.starts_at, t.ends_at) && tstzrange(w.begins, w.ends)"
    " JOIN session_slot h ON h.id = t.slot_id JOIN session s ON s.id = h.session_id WHERE s.id <> :session_id"
    " ORDER BY begins, resource_id, reference"
).bindparams(*_TYPES)


async def get(read: Read, session_id: UUID, *, for_update: bool = False) -> SessionRow:
    """Load the row of a session. Raises SessionNotFound.

    Held, it is nobody else's to change, and still one that a quote or seats may be written of: who asks for those goes
    on to hold the seats, which whoever decides of the session holds already.
    """
    query = select(SessionRow).where(col(SessionRow.id) == session_id)
    if for_update:
        query = query.with_for_update(key_share=True)
    found = await read.session.execute(query.execution_options(populate_existing=True))
    row = found.scalar_one_or_none()
    if row is None:
        raise SessionNotFound("Cette session n'existe pas, ou n'est pas dans votre périmètre.")
    return row


async def whole(read: Read, rows: Sequence[SessionRow]) -> list[Session]:
    """Return sessions with their half-days, in the order of their rows."""
    slots = await _slots(read, [row.id for row in rows])
    return [_session(row, tuple(slots[row.id])) for row in rows]


async def listed_as(read: Read, session_id: UUID) -> Listed:
    """Return what a session is found by until now, as those who count on it were told."""
    row = await get(read, session_id)
    return Listed(**{name: getattr(row, name) for name in Listed.__dataclass_fields__})


async def hold_resources(tx: Tx, slots: Sequence[Slot]) -> None:
    """Have the rooms and the trainers of some half-days to oneself until the end of the transaction.

    In one order for everybody: of two who want the same at once, one waits and then sees what the other took.
    """
    resources = {str(one) for slot in slots for one in (slot.room_id, *slot.trainers) if one}
    await tx.session.execute(_HOLD, {"ids": sorted(resources)})


async def taken(read: Read, session: Session) -> list[Taken]:
    """Return what of a session another announced one has at the same time."""
    wanted = [(slot, one) for slot in session.slots for one in (slot.room_id, *slot.trainers) if one]
    if not wanted:
        return []
    parameters = {
        "session_id": session.id,
        "slots": [slot.id for slot, _ in wanted],
        "resources": [one for _, one in wanted],
        "starts": [slot.starts_at for slot, _ in wanted],
        "ends": [slot.ends_at for slot, _ in wanted],
    }
    rows = await read.session.execute(_TAKEN, parameters)
    return [Taken(row.slot_id, row.resource_id, row.reference) for row in rows]


async def add(tx: Tx, session: Session, listed: Listed) -> None:
    """Insert a session with its half-days."""
    values = {**_values(tx, session, listed), "created_at": tx.now, "created_by": tx.actor.subject}
    await tx.session.execute(insert(SessionRow).values(id=session.id, reference=session.reference, **values))
    await _write_slots(tx, session)


async def save(tx: Tx, before: Session, session: Session, listed: Listed) -> None:
    """Write a session that was held; its half-days where they changed, or where what they hold did."""
    values = _values(tx, session, listed)
    await tx.session.execute(update(SessionRow).where(col(SessionRow.id) == session.id).values(**values))
    if before.slots != session.slots or (before.status in ANNOUNCED) != (session.status in ANNOUNCED):
        await _write_slots(tx, session)


async def save_costs(tx: Tx, session: Session) -> None:
    """Write what a session that was held costs, and nothing else of it."""
    values = {"costs": _COSTS.dump_python(session.costs, mode="json"), **_touched(tx, session)}
    await tx.session.execute(update(SessionRow).where(col(SessionRow.id) == session.id).values(**values))


async def remove(tx: Tx, session_id: UUID) -> None:
    """Delete a session that was never announced."""
    await _forget_slots(tx, session_id, keep=())
    await tx.session.execute(delete(SessionRow).where(col(SessionRow.id) == session_id))


async def note(tx: Tx, session_id: UUID, kind: EventKind, reason: str, changes: Sequence[Change] = ()) -> None:
    """Keep what was done of a session, for ever."""
    values = {
        "id": new_id(),
        "session_id": session_id,
        "kind": kind.value,
        "reason": reason,
        "changes": _CHANGES.dump_python(tuple(changes), mode="json"),
        "happened_at": tx.now,
        "done_by": tx.actor.subject,
    }
    await tx.session.execute(insert(EventRow).values(**values))


def changes_of(row: EventRow) -> tuple[Change, ...]:
    """Read what an event changed."""
    return _CHANGES.validate_python(row.changes)


async def _slots(read: Read, session_ids: Collection[UUID]) -> dict[UUID, list[Slot]]:
    query = select(_SLOT).where(_SLOT.c.session_id.in_(session_ids)).order_by(_SLOT.c.starts_at)
    rows = (await read.session.execute(query)).mappings().all()
    taught = select(_TEACHES.c.slot_id, _TEACHES.c.trainer_id).order_by(_TEACHES.c.slot_id, _TEACHES.c.rank)
    trainers: dict[UUID, list[UUID]] = defaultdict(list)
    for slot_id, trainer_id in await read.session.execute(
        taught.join(_SLOT, _SLOT.c.id == _TEACHES.c.slot_id).where(_SLOT.c.session_id.in_(session_ids))
    ):
        trainers[slot_id].append(trainer_id)
    found: dict[UUID, list[Slot]] = defaultdict(list)
    for row in rows:
        found[row["session_id"]].append(slot_of(row, trainers[row["id"]]))
    return found


def slot_of(row: Any, trainers: Sequence[UUID]) -> Slot:
    """Read a half-day."""
    return Slot(
        id=row["id"],
        half_day=HalfDay(row["day"], Half(row["half"])),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        zone=row["zone"],
        room_id=row["room_id"],
        remote=row["remote"],
        trainers=tuple(trainers),
    )


async def _write_slots(tx: Tx, session: Session) -> None:
    """Write the half-days of a session whole, each under its id.

    Those that stay let go first of what they hold: two may change rooms, or trainers.
    """
    await _forget_slots(tx, session.id, keep=[slot.id for slot in session.slots])
    await tx.session.execute(update(_SLOT).where(_SLOT.c.session_id == session.id).values(held=False))
    if not session.slots:
        return
    held = session.status in ANNOUNCED
    slots = [
        {
            "id": slot.id,
            "session_id": session.id,
            "day": slot.half_day.day,
            "half": slot.half_day.half.value,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "zone": slot.zone,
            "room_id": slot.room_id,
            "remote": slot.remote,
            "held": held,
        }
        for slot in session.slots
    ]
    statement = insert(_SLOT).values(slots)
    changed = {name: statement.excluded[name] for name in slots[0] if name not in ("id", "session_id")}
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
    taught = [
        {
            "slot_id": slot.id,
            "trainer_id": trainer_id,
            "rank": rank,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "held": held,
        }
        for slot in session.slots
        for rank, trainer_id in enumerate(slot.trainers)
    ]
    if taught:
        await tx.session.execute(insert(_TEACHES).values(taught))


async def _forget_slots(tx: Tx, session_id: UUID, keep: Collection[UUID]) -> None:
    own = select(_SLOT.c.id).where(_SLOT.c.session_id == session_id)
    await tx.session.execute(delete(_TEACHES).where(_TEACHES.c.slot_id.in_(own)))
    await tx.session.execute(delete(_SLOT).where(_SLOT.c.session_id == session_id, _SLOT.c.id.not_in(keep)))


def _session(row: SessionRow, slots: tuple[Slot, ...]) -> Session:
    return Session(
        id=row.id,
        reference=row.reference,
        pinned=Pinned(
            code=row.programme_code,
            number=row.programme_number,
            title=row.title,
            theme=row.theme,
            hours=row.hours,
            access_days=row.access_days,
        ),
        terms=Terms(
            delegation=row.delegation,
            zone=row.zone,
            seats_min=row.seats_min,
            seats_max=row.seats_max,
            reserved_for=tuple(row.reserved_for),
            adaptation=row.adaptation,
            adapted_hours=row.adapted_hours,
            remote_url=row.remote_url,
            decide_on=row.decide_on_set,
            decide_reason=row.decide_reason,
            closes_on=row.closes_on_set,
        ),
        slots=slots,
        costs=_COSTS.validate_python(row.costs),
        status=SessionStatus(row.status),
        announced_at=row.announced_at,
        confirmed_at=row.confirmed_at,
        cancelled_at=row.cancelled_at,
        reason_code=CancelReason(row.reason_code) if row.reason_code else None,
        version=row.version,
    )


def _values(tx: Tx, session: Session, listed: Listed) -> dict[str, Any]:
    pinned, terms, slots = session.pinned, session.terms, session.slots
    mode = mode_of(slots)
    said = asdict(terms)
    return {
        "programme_code": pinned.code,
        "programme_number": pinned.number,
        "title": pinned.title,
        "title_key": normalise(f"{pinned.code} {pinned.title}"),
        "theme": pinned.theme,
        "hours": pinned.hours,
        "access_days": pinned.access_days,
        **{name: said[name] for name in said if name not in ("decide_on", "closes_on", "reserved_for")},
        "reserved_for": list(terms.reserved_for),
        "decide_on_set": terms.decide_on,
        "closes_on_set": terms.closes_on,
        "status": session.status.value,
        "announced_at": session.announced_at,
        "confirmed_at": session.confirmed_at,
        "cancelled_at": session.cancelled_at,
        "reason_code": session.reason_code.value if session.reason_code else None,
        "costs": _COSTS.dump_python(session.costs, mode="json"),
        "sort_day": first_day(slots) or _NEVER,
        "first_day": first_day(slots),
        "last_day": last_day(slots),
        "ends_at": slots[-1].ends_at if slots else None,
        "mode": mode.value if mode else None,
        **asdict(listed),
        **_touched(tx, session),
    }


def _touched(tx: Tx, session: Session) -> dict[str, Any]:
    return {"version": session.version, "changed_at": tx.now, "changed_by": tx.actor.subject}
