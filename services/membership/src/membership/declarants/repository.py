"""Loads and saves how structures were contacted about their declaration; the only writer of its table."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.transaction import Read, Tx
from membership.declarants.domain import ContactMeans, Note
from membership.declarants.tables import NoteRow


async def notes_of(source: Read, year: int, member_id: UUID) -> list[Note]:
    """Return how a structure was contacted about a year, the latest first."""
    query = select(NoteRow).where(col(NoteRow.year) == year, col(NoteRow.member_id) == member_id)
    rows = await source.session.execute(query.order_by(col(NoteRow.made_on).desc(), col(NoteRow.id).desc()))
    return [
        Note(row.id, ContactMeans(row.means), row.text, row.made_on, row.recorded_at, row.recorded_by)
        for row in rows.scalars()
    ]


async def add_note(tx: Tx, year: int, member_id: UUID, note: Note) -> None:
    """Insert a note."""
    row = NoteRow(
        id=note.id,
        year=year,
        member_id=member_id,
        means=note.means.value,
        text=note.text,
        made_on=note.made_on,
        recorded_at=note.recorded_at,
        recorded_by=note.recorded_by,
    )
    tx.session.add(row)
    await tx.session.flush()
