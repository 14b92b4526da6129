"""Loads and saves complaints, what was written and who told them; the only writer of their tables."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import col

from common.transaction import Read, Tx
from training.complaints.domain.complaint import (
    Channel,
    Complaint,
    ComplaintEntry,
    ComplaintKind,
    ComplaintStatus,
    ComplaintStep,
    TextRole,
)
from training.complaints.tables import (
    ComplainantRow,
    ComplaintEntryRow,
    ComplaintLinkRow,
    ComplaintRow,
    ComplaintTextRow,
)


def complaint_of(row: ComplaintRow) -> Complaint:
    """Read a complaint."""
    held = {name: getattr(row, name) for name in Complaint.__dataclass_fields__}
    read = {
        "kind": ComplaintKind(row.kind),
        "channel": Channel(row.channel),
        "status": ComplaintStatus(row.status),
    }
    return Complaint(**{**held, **read})


async def hold(tx: Tx, complaint_id: UUID) -> Complaint:
    """Load a complaint that was reached, and hold it until the end of the transaction."""
    query = select(ComplaintRow).where(col(ComplaintRow.id) == complaint_id).with_for_update()
    return complaint_of((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def add(tx: Tx, complaint: Complaint, by: str, statement: str) -> None:
    """Insert a complaint with what it says, and the first line of its history."""
    await tx.session.execute(insert(ComplaintRow).values(_values(complaint)))
    await _write_down(tx, complaint, ComplaintStep.RECEIVE, by, {TextRole.STATEMENT: statement})


async def save(
    tx: Tx, complaint: Complaint, step: ComplaintStep, by: str, texts: Mapping[TextRole, str] | None = None
) -> None:
    """Write a complaint that is held, with one more line of its history and what was written."""
    await save_version(tx, complaint)
    await _write_down(tx, complaint, step, by, texts or {})


async def save_version(tx: Tx, complaint: Complaint) -> None:
    """Write a complaint that is held; nothing of its history is said: what is tied to it changed."""
    await tx.session.execute(
        update(ComplaintRow).where(col(ComplaintRow.id) == complaint.id).values(_values(complaint))
    )


async def keep_complainant(tx: Tx, complaint_id: UUID, name: str | None, email: str | None) -> None:
    """Keep who told a complaint, if they said."""
    if name or email:
        tx.session.add(ComplainantRow(complaint_id=complaint_id, name=name, email=email, mail_ids=[]))
        await tx.session.flush()


async def complainant(read: Read, complaint_id: UUID) -> ComplainantRow | None:
    """Load who told a complaint; None if they did not say, or are forgotten."""
    return await read.session.get(ComplainantRow, complaint_id)


async def note_mail(tx: Tx, who: ComplainantRow, mail_id: UUID) -> None:
    """Keep which mail was sent to whom."""
    who.mail_ids = [*who.mail_ids, mail_id]
    await tx.session.flush()


async def open_link(tx: Tx, complaint_id: UUID, key_digest: bytes) -> None:
    """Have a key open a complaint."""
    await tx.session.execute(insert(ComplaintLinkRow).values(key_digest=key_digest, complaint_id=complaint_id))


async def by_key(read: Read, key_digest: bytes) -> ComplaintRow | None:
    """Load the complaint that a key opens, None if it opens nothing."""
    query = select(ComplaintRow).join(ComplaintLinkRow, col(ComplaintLinkRow.complaint_id) == col(ComplaintRow.id))
    found = await read.session.execute(query.where(col(ComplaintLinkRow.key_digest) == key_digest))
    return found.scalar_one_or_none()


async def forget(tx: Tx, complaint_id: UUID, *, texts: bool) -> None:
    """Delete who told a complaint and every link to it; on demand, what was written too."""
    await tx.session.execute(delete(ComplainantRow).where(col(ComplainantRow.complaint_id) == complaint_id))
    await tx.session.execute(delete(ComplaintLinkRow).where(col(ComplaintLinkRow.complaint_id) == complaint_id))
    if texts:
        await tx.session.execute(delete(ComplaintTextRow).where(col(ComplaintTextRow.complaint_id) == complaint_id))


async def entries_of(read: Read, complaint_id: UUID) -> list[ComplaintEntry]:
    """Return the history of a complaint, from its first line."""
    query = select(ComplaintEntryRow).where(col(ComplaintEntryRow.complaint_id) == complaint_id)
    rows = await read.session.execute(query.order_by(col(ComplaintEntryRow.number)))
    return [
        ComplaintEntry(number=row.number, step=ComplaintStep(row.step), at=row.at, by=row.by) for row in rows.scalars()
    ]


async def texts_of(read: Read, complaint_id: UUID) -> list[ComplaintTextRow]:
    """Return what was written of a complaint, in the order of its steps."""
    query = select(ComplaintTextRow).where(col(ComplaintTextRow.complaint_id) == complaint_id)
    ordered = query.order_by(col(ComplaintTextRow.number), col(ComplaintTextRow.role))
    return list((await read.session.execute(ordered)).scalars())


async def _write_down(
    tx: Tx, complaint: Complaint, step: ComplaintStep, by: str, texts: Mapping[TextRole, str]
) -> None:
    where = col(ComplaintEntryRow.complaint_id) == complaint.id
    number = select(func.count() + 1).select_from(ComplaintEntryRow).where(where).scalar_subquery()
    values = {"complaint_id": complaint.id, "step": step.value, "on_day": tx.today, "at": tx.now, "by": by}
    statement = insert(ComplaintEntryRow).values(number=number, **values).returning(col(ComplaintEntryRow.number))
    written: int = (await tx.session.execute(statement)).scalar_one()
    lines = [
        {"complaint_id": complaint.id, "number": written, "role": role.value, "text": text}
        for role, text in texts.items()
    ]
    if lines:
        await tx.session.execute(insert(ComplaintTextRow), lines)


def _values(complaint: Complaint) -> dict[str, Any]:
    held = {name: getattr(complaint, name) for name in Complaint.__dataclass_fields__}
    told = {name: held[name].value for name in ("kind", "channel", "status")}
    return {**held, **told}
