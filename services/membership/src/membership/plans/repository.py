"""Loads and saves progress plans; the only writer of their table."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.transaction import Read, Tx
from membership.plans.domain import ActionNotFound, ActionOrigin, ActionState, Change, PlanAction, QuestionPlanned
from membership.plans.tables import ActionRow

_CHANGES = TypeAdapter(tuple[Change, ...])


async def plan_of(read: Read, assessment_id: UUID) -> list[PlanAction]:
    """Load the plan of an assessment, in its order."""
    query = select(ActionRow).where(col(ActionRow.assessment_id) == assessment_id).order_by(col(ActionRow.rank))
    return [_action(row) for row in (await read.session.execute(query)).scalars()]


async def action_of(read: Read, assessment_id: UUID, action_id: UUID) -> PlanAction:
    """Load one action of a plan. Raises ActionNotFound."""
    row = await read.session.get(ActionRow, action_id, populate_existing=True)
    if row is None or row.assessment_id != assessment_id:
        raise ActionNotFound("Cette action n'est pas dans ce plan.")
    return _action(row)


async def add_actions(tx: Tx, actions: Sequence[PlanAction]) -> None:
    """Insert actions of a plan. Raises QuestionPlanned."""
    if not actions:
        return
    values = [_action_values(action) for action in actions]
    statement = upsert(ActionRow).on_conflict_do_nothing().returning(col(ActionRow.id))
    if len((await tx.session.execute(statement, values)).all()) < len(actions):
        raise QuestionPlanned("Le plan a déjà une action pour cette question : modifiez-la.")


async def save_action(tx: Tx, action: PlanAction) -> None:
    """Write an action whose assessment is held."""
    await tx.session.execute(update(ActionRow).where(col(ActionRow.id) == action.id).values(**_action_values(action)))


def _action(row: ActionRow) -> PlanAction:
    return PlanAction(
        id=row.id,
        assessment_id=row.assessment_id,
        rank=row.rank,
        text=row.text,
        due_on=row.due_on,
        question=row.question,
        level=row.level,
        target=row.target,
        owner=row.owner,
        origin=ActionOrigin(row.origin),
        state=ActionState(row.state),
        reason=row.reason,
        changes=_CHANGES.validate_python(row.changes),
        version=row.version,
    )


def _action_values(action: PlanAction) -> dict[str, Any]:
    return {
        "id": action.id,
        "assessment_id": action.assessment_id,
        "rank": action.rank,
        "text": action.text,
        "due_on": action.due_on,
        "question": action.question,
        "level": action.level,
        "target": action.target,
        "owner": action.owner,
        "origin": action.origin.value,
        "state": action.state.value,
        "reason": action.reason,
        "changes": _CHANGES.dump_python(action.changes, mode="json"),
        "version": action.version,
    }
