"""Loads and saves the trainees; the only writer of their table."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import col

from common.transaction import Tx
from training.trainees.domain import Situation, Trainee
from training.trainees.tables import TraineeRow


def to_domain(row: TraineeRow) -> Trainee:
    """Read a row as the rules know a person."""
    same = {name: getattr(row, name) for name in Trainee.__dataclass_fields__ if name != "situation"}
    return Trainee(**same, situation=Situation(row.situation))


async def add(tx: Tx, trainee: Trainee) -> None:
    """Insert a person."""
    await tx.session.execute(insert(TraineeRow).values(**_values(tx, trainee)))


async def hold(tx: Tx, trainee_id: UUID) -> Trainee:
    """Load a person who was reached, and hold them until the end of the transaction."""
    query = select(TraineeRow).where(col(TraineeRow.id) == trainee_id).with_for_update()
    return to_domain((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def save(tx: Tx, trainee: Trainee) -> None:
    """Write a person who was held."""
    statement = update(TraineeRow).where(col(TraineeRow.id) == trainee.id)
    await tx.session.execute(statement.values(**_values(tx, trainee)))


def _values(tx: Tx, trainee: Trainee) -> dict[str, Any]:
    return {
        **asdict(trainee),
        "situation": trainee.situation.value,
        "name_key": trainee.name_key,
        "changed_at": tx.now,
        "changed_by": tx.actor.subject,
    }
