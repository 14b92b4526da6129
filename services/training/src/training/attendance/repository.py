"""Loads and saves what attendance is made of; the only writer of its tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Read, Tx
from training.attendance.domain import (
    GENESIS,
    Aside,
    Challenge,
    Completion,
    CorrectionReason,
    Device,
    DeviceNotFound,
    DeviceProof,
    Entry,
    Head,
    Kind,
    Method,
    Reason,
    Said,
    Seal,
    SigningLink,
    Told,
)
from training.attendance.tables import (
    ChallengeRow,
    CompletionRow,
    DeviceRow,
    EntryRow,
    HeadRow,
    LinkRow,
    MarkRow,
    SealRow,
    StrokeRow,
)
from training.sessions.domain import Slot


async def hold(tx: Tx, session_id: UUID) -> Head:
    """Have the ledger of a session to oneself until the end of the transaction; it begins where there was none."""
    values = {"session_id": session_id, "number": 0, "hash": GENESIS, "sealed": 0}
    await tx.session.execute(insert(HeadRow).values(values).on_conflict_do_nothing())
    query = select(HeadRow).where(col(HeadRow.session_id) == session_id).with_for_update()
    row = (await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one()
    return Head(row.session_id, row.number, row.hash)


async def append(tx: Tx, head: Head, entries: Sequence[Entry], slots: Mapping[UUID, Slot]) -> None:
    """Add lines to a ledger that is held, and write what they change for the lists."""
    rows = [
        {
            "session_id": one.session_id,
            "number": one.number,
            "previous": one.previous,
            "hash": one.hash,
            "slot_id": one.said.slot_id,
            "kind": one.said.kind.value,
            "content": one.content(),
        }
        for one in entries
    ]
    await tx.session.execute(insert(EntryRow), rows)
    marks = [_mark(one, slots[one.said.slot_id]) for one in entries if one.said.kind.is_mark and not one.said.aside]
    if marks:
        statement = insert(MarkRow).values(marks)
        changed = {name: statement.excluded[name] for name in marks[0] if name not in ("slot_id", "enrolment_id")}
        keys = ["slot_id", "enrolment_id"]
        await tx.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
    held = update(HeadRow).where(col(HeadRow.session_id) == head.session_id)
    await tx.session.execute(held.values(number=head.number, hash=head.hash))


async def entries_of(read: Read, session_id: UUID, slot_id: UUID | None = None) -> list[Entry]:
    """Return the lines of a session, or of one of its half-days, in their order."""
    query = select(EntryRow).where(col(EntryRow.session_id) == session_id).order_by(col(EntryRow.number))
    if slot_id is not None:
        query = query.where(col(EntryRow.slot_id) == slot_id)
    return [entry_of(row) for row in (await read.session.execute(query)).scalars()]


def entry_of(row: EntryRow) -> Entry:
    """Read a line, from what was hashed of it."""
    said = row.content
    proof = None
    if said["device_number"] is not None:
        proof = DeviceProof(
            number=said["device_number"],
            previous=said["device_previous"],
            at=datetime.fromisoformat(said["device_at"]),
            signature=said["device_signature"],
            drift=said["device_drift"],
        )
    line = Said(
        slot_id=UUID(said["slot"]),
        kind=Kind(said["kind"]),
        method=Method(said["method"]),
        enrolment_id=UUID(said["enrolment"]) if said["enrolment"] else None,
        trainer_id=UUID(said["trainer"]) if said["trainer"] else None,
        hours=None if said["hours"] is None else Decimal(said["hours"]),
        reason=Reason(said["reason"]) if said["reason"] else None,
        corrects=said["corrects"],
        correction_reason=CorrectionReason(said["correction_reason"]) if said["correction_reason"] else None,
        device=said["device"],
        stroke=said["stroke"],
        aside=Aside(said["aside"]) if said["aside"] else None,
        proof=proof,
    )
    at = datetime.fromisoformat(said["at"])
    return Entry(row.session_id, row.number, row.previous, line, at, said["by"])


async def keep_stroke(tx: Tx, session_id: UUID, sha256: str, drawing: bytes) -> None:
    """Keep a drawn signature beside its hash."""
    values = {"session_id": session_id, "sha256": sha256, "drawing": drawing}
    await tx.session.execute(insert(StrokeRow).values(values).on_conflict_do_nothing())


async def add_link(tx: Tx, link: SigningLink) -> None:
    """Insert a link."""
    await tx.session.execute(insert(LinkRow).values(**asdict(link)))


async def revoke_links(tx: Tx, enrolment_ids: Collection[UUID]) -> None:
    """Have the links of some seats serve no more."""
    statement = update(LinkRow).where(col(LinkRow.enrolment_id).in_(enrolment_ids), col(LinkRow.revoked_at).is_(None))
    await tx.session.execute(statement.values(revoked_at=tx.now, revoked_by=tx.actor.subject))


async def find_link(read: Read, token_hash: str) -> SigningLink | None:
    """Return the link of a secret."""
    query = select(LinkRow).where(col(LinkRow.token_hash) == token_hash)
    row = (await read.session.execute(query)).scalar_one_or_none()
    return None if row is None else SigningLink(**row.model_dump())


async def note_use(tx: Tx, link_id: UUID, day: date) -> None:
    """Write the day on which a link was last used."""
    await tx.session.execute(update(LinkRow).where(col(LinkRow.id) == link_id).values(last_used_on=day))


async def save_challenges(tx: Tx, challenges: Sequence[Challenge]) -> None:
    """Write codes that were given, or used, in the place of those before."""
    if not challenges:
        return
    statement = insert(ChallengeRow).values([asdict(one) for one in challenges])
    changed = {name: statement.excluded[name] for name in ("digest", "expires_at", "used_at")}
    keys = ["slot_id", "enrolment_id"]
    await tx.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def find_challenge(read: Read, slot_id: UUID, enrolment_id: UUID) -> Challenge | None:
    """Return the last code given to somebody for a half-day."""
    query = select(ChallengeRow).where(
        col(ChallengeRow.slot_id) == slot_id, col(ChallengeRow.enrolment_id) == enrolment_id
    )
    row = (await read.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    return None if row is None else Challenge(**row.model_dump())


async def add_device(tx: Tx, device: Device) -> None:
    """Insert a device."""
    await tx.session.execute(insert(DeviceRow).values(**asdict(device)))


async def get_device(read: Read, session_id: UUID, device_id: UUID) -> Device:
    """Load a device of a session. Raises DeviceNotFound."""
    query = select(DeviceRow).where(col(DeviceRow.id) == device_id, col(DeviceRow.session_id) == session_id)
    row = (await read.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise DeviceNotFound("Cet appareil n'est pas enregistré pour cette session.")
    return Device(**row.model_dump())


async def devices_of(read: Read, session_id: UUID) -> list[Device]:
    """Return the devices of a session."""
    query = select(DeviceRow).where(col(DeviceRow.session_id) == session_id).order_by(col(DeviceRow.id))
    return [Device(**row.model_dump()) for row in (await read.session.execute(query)).scalars()]


async def save_device(tx: Tx, device: Device) -> None:
    """Write where the chain of a device stands."""
    statement = update(DeviceRow).where(col(DeviceRow.id) == device.id)
    await tx.session.execute(statement.values(number=device.number, hash=device.hash))


async def completions(read: Read, enrolment_ids: Collection[UUID]) -> dict[UUID, Completion]:
    """Return what was told of some seats."""
    query = select(CompletionRow).where(col(CompletionRow.enrolment_id).in_(enrolment_ids))
    rows = (await read.session.execute(query.execution_options(populate_existing=True))).scalars()
    return {row.enrolment_id: Completion(row.enrolment_id, Told(row.told), row.hours, row.last_day) for row in rows}


async def save_completion(tx: Tx, told: Completion) -> None:
    """Write what was told of a seat."""
    statement = insert(CompletionRow).values(**{**asdict(told), "told": told.told.value})
    changed = {name: statement.excluded[name] for name in ("told", "hours", "last_day")}
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["enrolment_id"], set_=changed))


async def last_seal(read: Read) -> tuple[int, str]:
    """Return the place and the hash of the last seal; 0 and zeros where there is none."""
    query = select(col(SealRow.number), col(SealRow.hash)).order_by(col(SealRow.number).desc()).limit(1)
    row = (await read.session.execute(query)).one_or_none()
    return (row.number, row.hash) if row else (0, GENESIS)


async def unsealed(tx: Tx) -> list[Head]:
    """Return the ledgers that have lines which no seal binds, held until the end of the transaction."""
    query = select(HeadRow).where(col(HeadRow.number) > col(HeadRow.sealed)).order_by(col(HeadRow.session_id))
    rows = (await tx.session.execute(query.with_for_update())).scalars()
    return [Head(row.session_id, row.number, row.hash) for row in rows]


async def add_seal(tx: Tx, seal: Seal) -> None:
    """Insert a seal, and note up to which line it binds each ledger."""
    values = {"number": seal.number, "previous": seal.previous, "hash": seal.hash, "at": seal.at}
    await tx.session.execute(insert(SealRow).values(**values, content=seal.content()))
    for head in seal.heads:
        held = update(HeadRow).where(col(HeadRow.session_id) == head.session_id)
        await tx.session.execute(held.values(sealed=head.number))


def _mark(entry: Entry, slot: Slot) -> dict[str, Any]:
    said = entry.said
    return {
        "slot_id": said.slot_id,
        "enrolment_id": said.enrolment_id,
        "session_id": entry.session_id,
        "day": slot.half_day.day,
        "half": slot.half_day.half.value,
        "kind": said.kind.value,
        "hours": said.hours,
        "reason": said.reason.value if said.reason else None,
        "method": said.method.value,
        "number": entry.number,
        "at": entry.at,
    }
