"""Loads and saves reminders, holds and the calls of regions; the only writer of their tables. Runs are set-based."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.reminders.domain import (
    Dispatch,
    Hold,
    HoldReason,
    Proposal,
    RegionCall,
    ReminderHoldNotFound,
    ReminderNotFound,
    ReminderRunNotFound,
)
from dues.reminders.tables import HoldRow, RegionCallRow, ReminderCallRow, ReminderRow, RunRow


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its identity, and what of it is printed."""

    id: UUID
    member_id: UUID
    proposal: Proposal
    document: dict[str, Any]


async def add_run(tx: Tx, run_id: UUID, letters: Sequence[Letter], skipped: list[dict[str, Any]]) -> None:
    """Insert a run with its letters. The database refuses a level of a call that was reminded already."""
    run = {
        "id": run_id,
        "reminded_on": tx.today,
        "count": len(letters),
        "owed": sum(letter.proposal.owed for letter in letters),
        "skipped": skipped,
        "pdf_sha256": None,
        "sent_at": tx.now,
        "sent_by": tx.actor.subject,
    }
    await tx.session.execute(insert(RunRow).values(**run))
    await tx.session.execute(insert(ReminderRow), [_letter(tx, run_id, letter) for letter in letters])
    calls = [
        {
            "reminder_id": letter.id,
            "invoice_id": one.call.id,
            "level": one.level.rank,
            "level_label": one.level.label,
            "owed": one.call.owed,
            "due_on": one.call.due_on,
            "reminded_on": tx.today,
        }
        for letter in letters
        for one in letter.proposal.calls
    ]
    await tx.session.execute(insert(ReminderCallRow), calls)


def _letter(tx: Tx, run_id: UUID, letter: Letter) -> dict[str, object]:
    level = letter.proposal.level
    return {
        "id": letter.id,
        "run_id": run_id,
        "member_id": letter.member_id,
        "level": level.rank,
        "level_label": level.label,
        "registered": level.registered,
        "reminded_on": tx.today,
        "owed": letter.proposal.owed,
        "document": letter.document,
        "pdf_sha256": None,
        "means": None,
        "dispatched_on": None,
        "dispatch_reference": None,
        "dispatched_by": None,
        "version": 1,
    }


async def run_of(read: Read, run_id: UUID) -> RunRow:
    """Load a run. Raises ReminderRunNotFound."""
    row = await read.session.get(RunRow, run_id, populate_existing=True)
    if row is None:
        raise ReminderRunNotFound("Cet envoi de relances n'existe pas.")
    return row


async def hold_reminder(tx: Tx, reminder_id: UUID) -> ReminderRow:
    """Load a reminder and hold it. Raises ReminderNotFound."""
    row = await tx.session.get(ReminderRow, reminder_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ReminderNotFound("Cette relance n'existe pas.")
    return row


async def dispatch(tx: Tx, row: ReminderRow, how: Dispatch) -> None:
    """Save how a held letter left."""
    row.means, row.dispatched_on, row.dispatch_reference = how.means.value, how.sent_on, how.reference
    row.dispatched_by = tx.actor.subject
    row.version += 1
    await tx.session.flush()


async def dispatch_run(tx: Tx, run_id: UUID, how: Dispatch) -> int:
    """Save how the letters of a run left of which nothing is noted yet, registered ones aside; return how many."""
    statement = (
        update(ReminderRow)
        .where(col(ReminderRow.run_id) == run_id, col(ReminderRow.means).is_(None), ~col(ReminderRow.registered))
        .values(
            means=how.means.value,
            dispatched_on=how.sent_on,
            dispatched_by=tx.actor.subject,
            version=col(ReminderRow.version) + 1,
        )
        .returning(col(ReminderRow.id))
    )
    return len((await tx.session.execute(statement)).all())


async def to_print(tx: Tx, run_id: UUID, limit: int) -> list[ReminderRow]:
    """Return the next letters of a run that are not printed yet."""
    query = select(ReminderRow).where(col(ReminderRow.run_id) == run_id, col(ReminderRow.pdf_sha256).is_(None))
    return list((await tx.session.execute(query.order_by(col(ReminderRow.id)).limit(limit))).scalars())


async def note_printed(tx: Tx, digests: Mapping[UUID, str]) -> None:
    """Note that these letters are stored, and what each is."""
    statement = update(ReminderRow.__table__).where(col(ReminderRow.id) == bindparam("reminder_id"))  # type: ignore[attr-defined]
    connection = await tx.session.connection()
    await connection.execute(
        statement.values(pdf_sha256=bindparam("digest")),
        [{"reminder_id": reminder_id, "digest": digest} for reminder_id, digest in digests.items()],
    )


async def documents_of(tx: Tx, run_id: UUID) -> list[dict[str, Any]]:
    """Return what all the letters of a run say, in the order in which they are printed."""
    query = select(col(ReminderRow.document)).where(col(ReminderRow.run_id) == run_id).order_by(col(ReminderRow.id))
    return list((await tx.session.execute(query)).scalars())


async def add_hold(tx: Tx, hold: Hold, note: str) -> None:
    """Insert a hold."""
    tx.session.add(
        HoldRow(
            id=hold.id,
            member_id=hold.member_id,
            invoice_id=hold.invoice_id,
            reason=hold.reason.value,
            note=note,
            since=hold.since,
            until=hold.until,
            placed_at=tx.now,
            placed_by=tx.actor.subject,
            lifted_on=None,
            lifted_by=None,
            lifted_reason=None,
            version=1,
        )
    )
    await tx.session.flush()


async def hold_hold(tx: Tx, hold_id: UUID) -> HoldRow:
    """Load a hold and keep it from others. Raises ReminderHoldNotFound."""
    row = await tx.session.get(HoldRow, hold_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ReminderHoldNotFound("Cette suspension n'existe pas.")
    return row


async def lift(tx: Tx, row: HoldRow, reason: str) -> None:
    """Save that a hold is lifted from today on."""
    row.lifted_on, row.lifted_by, row.lifted_reason = tx.today, tx.actor.subject, reason
    row.version += 1
    await tx.session.flush()


async def add_region_call(tx: Tx, call: RegionCall, note: str | None) -> UUID:
    """Insert a call that a region made; return its id."""
    row = RegionCallRow(
        id=new_id(),
        member_id=call.member_id,
        day=call.day,
        outcome=call.outcome.value,
        promised_for=call.promised_for,
        note=note,
        noted_at=tx.now,
        noted_by=tx.actor.subject,
    )
    tx.session.add(row)
    await tx.session.flush()
    return row.id


def hold_of(row: HoldRow) -> Hold:
    """Read a row as the rules know a hold."""
    return Hold(
        id=row.id,
        member_id=row.member_id,
        invoice_id=row.invoice_id,
        reason=HoldReason(row.reason),
        since=row.since,
        until=row.until,
        lifted_on=row.lifted_on,
    )


def pdf_path(reminder_id: UUID) -> str:
    """Return where a letter is stored."""
    return f"reminders/{reminder_id}.pdf"


def run_pdf_path(run_id: UUID) -> str:
    """Return where all the letters of a run are stored as one document."""
    return f"reminder-runs/{run_id}.pdf"
