"""Loads and saves what is left to do; the only writer of its table."""

from dataclasses import asdict
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, or_, select, update
from sqlmodel import col

from common.transaction import Tx
from membership.next_steps.domain import NextStep, NextStepOwner, NextStepReopening, NextStepState
from membership.next_steps.tables import NextStepRow

_REOPENINGS = TypeAdapter(tuple[NextStepReopening, ...])


async def get_for_update(tx: Tx, step_id: UUID) -> NextStep:
    """Load a next step that was reached, and hold it until the end of the transaction."""
    query = select(NextStepRow).where(col(NextStepRow.id) == step_id).with_for_update()
    return to_domain((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def hold_open(tx: Tx, origin_id: UUID) -> list[NextStep]:
    """Load what a held interview or meeting leaves to do, what is due first before the rest, and hold it."""
    follows = or_(col(NextStepRow.interview_id) == origin_id, col(NextStepRow.meeting_id) == origin_id)
    query = (
        select(NextStepRow)
        .where(follows, col(NextStepRow.state) == NextStepState.OPEN.value)
        .order_by(col(NextStepRow.id))
        .with_for_update()
    )
    rows = (await tx.session.execute(query.execution_options(populate_existing=True))).scalars()
    return sorted(map(to_domain, rows), key=lambda step: (step.due_on, step.id))


async def add(tx: Tx, step: NextStep) -> None:
    """Insert a next step."""
    await tx.session.execute(insert(NextStepRow).values(**_values(step)))


async def save(tx: Tx, step: NextStep) -> None:
    """Write a next step that was loaded for update."""
    await tx.session.execute(update(NextStepRow).where(col(NextStepRow.id) == step.id).values(**_values(step)))


def to_domain(row: NextStepRow) -> NextStep:
    """Read a row as the rules know a next step."""
    read = {
        "state": NextStepState(row.state),
        "owner": NextStepOwner(row.owner),
        "reopenings": _REOPENINGS.validate_python(row.reopenings),
    }
    return NextStep(**{**row.model_dump(), **read})


def _values(step: NextStep) -> dict[str, object]:
    return {
        **asdict(step),
        "state": step.state.value,
        "owner": step.owner.value,
        "reopenings": _REOPENINGS.dump_python(step.reopenings, mode="json"),
    }
