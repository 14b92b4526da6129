"""Loads and saves the past years and their imports; the only writer of their tables."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.members.queries import records_of
from dues.past_years.domain import (
    HistoryImportNotFound,
    KeptYear,
    PastYear,
    PlannedRow,
    RowOutcome,
    YearState,
)
from dues.past_years.tables import HistoryImportRow, HistoryYearRow


async def get(read: Read, import_id: UUID, *, for_update: bool = False) -> HistoryImportRow:
    """Load an import. Raises HistoryImportNotFound."""
    row = await read.session.get(
        HistoryImportRow, import_id, with_for_update=for_update or None, populate_existing=True
    )
    if row is None:
        raise HistoryImportNotFound("Cet import n'existe pas.")
    return row


async def wait_for_others(tx: Tx) -> None:
    """Let one file at a time be taken: what two would add at once neither plan says."""
    await tx.session.execute(text("LOCK TABLE history_year IN SHARE ROW EXCLUSIVE MODE"))


async def kept_years(tx: Tx, member_ids: Collection[UUID]) -> dict[tuple[UUID, int], KeptYear]:
    """Return what counts of some members, be it under a record that was a duplicate."""
    records = await records_of(tx, member_ids)
    query = select(HistoryYearRow).where(
        col(HistoryYearRow.corrected_on).is_(None), col(HistoryYearRow.member_id).in_(records)
    )
    found: dict[tuple[UUID, int], KeptYear] = {}
    for row in (await tx.session.execute(query.order_by(col(HistoryYearRow.id)))).scalars():
        key = (records[row.member_id], row.year)
        before = found[key].ids if key in found else ()
        found[key] = KeptYear((*before, row.id), said(row))
    return found


def said(row: HistoryYearRow) -> PastYear:
    """Return what a row says."""
    return PastYear(row.called, row.paid, YearState(row.state), row.note)


async def take(tx: Tx, import_id: UUID, planned: Sequence[PlannedRow]) -> None:
    """Add what is new, and what corrects: what is corrected stays, and says since when it counts no more."""
    replaced = [year_id for row in planned for year_id in row.replaces]
    if replaced:
        corrected = update(HistoryYearRow).where(col(HistoryYearRow.id).in_(replaced))
        await tx.session.execute(
            corrected.values(corrected_on=tx.today), execution_options={"synchronize_session": False}
        )
    new = [
        {
            "id": new_id(),
            "member_id": row.member.id,
            "year": row.year,
            "called": row.said.called,
            "paid": row.said.paid,
            "state": row.said.state.value,
            "note": row.said.note,
            "import_id": import_id,
            "row": row.number,
            "recorded_on": tx.today,
            "recorded_at": tx.now,
            "recorded_by": tx.actor.subject,
            "corrected_on": None,
        }
        for row in planned
        if row.outcome in (RowOutcome.ADDED, RowOutcome.CORRECTED) and row.member and row.said
    ]
    if new:
        await tx.session.execute(insert(HistoryYearRow), new)
