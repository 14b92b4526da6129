"""Loads and saves the grids being prepared; the only writer of their table."""

from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import delete
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.drafts.domain import Draft, DraftNotFound, Plan
from dues.drafts.tables import DraftRow

_PLAN = TypeAdapter(Plan)


def draft_of(row: DraftRow) -> Draft:
    """Read a draft."""
    return Draft(
        id=row.id,
        label=row.label,
        year=row.year,
        plan=_PLAN.validate_python(row.plan),
        version=row.version,
        simulated_at=row.simulated_at,
    )


async def get(read: Read, draft_id: UUID, *, for_update: bool = False) -> DraftRow:
    """Load a draft. Raises DraftNotFound."""
    row = await read.session.get(DraftRow, draft_id, with_for_update=for_update or None, populate_existing=True)
    if row is None:
        raise DraftNotFound("Ce projet de grille n'existe pas.")
    return row


async def add(tx: Tx, label: str, year: int, plan: Plan) -> UUID:
    """Save a new draft; return its id."""
    row = DraftRow(
        id=new_id(),
        label=label,
        year=year,
        plan=_PLAN.dump_python(plan, mode="json"),
        version=1,
        simulated_at=None,
        created_at=tx.now,
        created_by=tx.actor.subject,
        changed_at=tx.now,
        changed_by=tx.actor.subject,
    )
    tx.session.add(row)
    await tx.session.flush()
    return row.id


async def save(tx: Tx, row: DraftRow, label: str, year: int, plan: Plan) -> None:
    """Save what a draft became."""
    row.label, row.year = label, year
    row.plan = _PLAN.dump_python(plan, mode="json")
    row.version += 1
    row.changed_at, row.changed_by = tx.now, tx.actor.subject
    await tx.session.flush()


async def note_simulated(tx: Tx, row: DraftRow) -> None:
    """Record that the effects of a draft are being looked at."""
    row.simulated_at = tx.now
    await tx.session.flush()


async def drop(tx: Tx, draft_id: UUID) -> None:
    """Delete a draft."""
    await tx.session.execute(delete(DraftRow).where(col(DraftRow.id) == draft_id))
