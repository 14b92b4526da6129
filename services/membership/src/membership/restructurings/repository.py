"""Loads and saves restructurings; the only writer of their table."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from common.transaction import Read, Tx
from membership.restructurings.domain import Restructuring, RestructuringKind, RestructuringNotFound
from membership.restructurings.tables import RestructuringRow


async def hold(tx: Tx, restructuring_id: UUID) -> RestructuringRow:
    """Load an act and hold it until the end of the transaction. Raises RestructuringNotFound."""
    row = await tx.session.get(RestructuringRow, restructuring_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise RestructuringNotFound("Cette opération n'existe pas.")
    return row


def add(tx: Tx, act: Restructuring) -> None:
    """Insert a new act."""
    tx.session.add(
        RestructuringRow(
            id=act.id,
            kind=act.kind.value,
            member_id=act.member_id,
            other_id=act.other_id,
            effective_on=act.effective_on,
            reason=act.reason,
            done_at=act.done_at,
            done_by=tx.actor.subject,
            undoable_until=act.undoable_until,
            undone_at=None,
            undone_by=None,
            undo_reason=None,
        )
    )


def save_undone(tx: Tx, row: RestructuringRow, reason: str) -> None:
    """Write that a loaded act was undone."""
    row.undone_at, row.undone_by, row.undo_reason = tx.now, tx.actor.subject, reason


async def is_followed(source: Read, act: Restructuring) -> bool:
    """Tell whether a later act, not undone, is about one of the structures of an act."""
    query = select(col(RestructuringRow.id)).where(
        or_(col(RestructuringRow.member_id).in_(act.involved), col(RestructuringRow.other_id).in_(act.involved)),
        col(RestructuringRow.done_at) > act.done_at,
        col(RestructuringRow.undone_at).is_(None),
    )
    return (await source.session.execute(query)).first() is not None


def to_domain(row: RestructuringRow) -> Restructuring:
    """Read a row as the rules know an act."""
    return Restructuring(
        id=row.id,
        kind=RestructuringKind(row.kind),
        member_id=row.member_id,
        other_id=row.other_id,
        effective_on=row.effective_on,
        reason=row.reason,
        done_at=row.done_at,
        undoable_until=row.undoable_until,
        undone_at=row.undone_at,
        undo_reason=row.undo_reason,
    )
