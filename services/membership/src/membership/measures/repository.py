"""Loads and saves measures; the only writer of their table."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.transaction import Tx
from membership.measures.domain import (
    Answer,
    Measure,
    MeasureAlreadyOpen,
    MeasureKind,
    MeasureStatus,
    Notification,
)
from membership.measures.tables import MeasureRow

_NOTIFICATIONS = TypeAdapter(list[Notification])
_ANSWERS = TypeAdapter(list[Answer])


async def get_many_for_update(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Measure]:
    """Load those of these that are measures, and hold them until the end of the transaction."""
    query = select(MeasureRow).where(col(MeasureRow.id).in_(ids)).order_by(col(MeasureRow.id))
    held = query.with_for_update().execution_options(populate_existing=True)
    return {row.id: to_domain(row) for row in (await tx.session.execute(held)).scalars()}


async def open_of(tx: Tx, member_id: UUID) -> Measure | None:
    """Load the measure about a structure that is still to be decided, and hold it."""
    query = select(MeasureRow).where(
        col(MeasureRow.member_id) == member_id, col(MeasureRow.status) == MeasureStatus.OPEN.value
    )
    row = (await tx.session.execute(query.with_for_update())).scalar_one_or_none()
    return to_domain(row) if row else None


async def add(tx: Tx, measure: Measure) -> None:
    """Insert a new measure. Raises MeasureAlreadyOpen."""
    values = {**_values(measure), "opened_by": tx.actor.subject}
    statement = upsert(MeasureRow).values(**values).on_conflict_do_nothing().returning(col(MeasureRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise MeasureAlreadyOpen("Une procédure est déjà ouverte sur cette structure : le conseil la décide d'abord.")


async def save(tx: Tx, measure: Measure) -> None:
    """Write a measure that was loaded for update."""
    await tx.session.execute(update(MeasureRow).where(col(MeasureRow.id) == measure.id).values(**_values(measure)))


def to_domain(row: MeasureRow) -> Measure:
    """Read a row as the rules know a measure."""
    return Measure(
        id=row.id,
        member_id=row.member_id,
        kind=MeasureKind(row.kind),
        grounds=row.grounds,
        opened_on=row.opened_on,
        entered_on=row.entered_on,
        hearing_days=row.hearing_days,
        status=MeasureStatus(row.status),
        notifications=tuple(_NOTIFICATIONS.validate_python(row.notifications)),
        answers=tuple(_ANSWERS.validate_python(row.answers)),
        sitting_id=row.sitting_id,
        decided_on=row.decided_on,
        effective_on=row.effective_on,
        version=row.version,
    )


def _values(measure: Measure) -> dict[str, object]:
    return {
        "id": measure.id,
        "member_id": measure.member_id,
        "kind": measure.kind.value,
        "grounds": measure.grounds,
        "opened_on": measure.opened_on,
        "entered_on": measure.entered_on,
        "hearing_days": measure.hearing_days,
        "status": measure.status.value,
        "notified_on": measure.notification.received_on if measure.notification else None,
        "notifications": _NOTIFICATIONS.dump_python(list(measure.notifications), mode="json"),
        "answers": _ANSWERS.dump_python(list(measure.answers), mode="json"),
        "sitting_id": measure.sitting_id,
        "decided_on": measure.decided_on,
        "effective_on": measure.effective_on,
        "version": measure.version,
    }
