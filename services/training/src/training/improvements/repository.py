"""Loads and saves watch items, risks, actions and their histories; the only writer of their tables."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.transaction import Read, Tx
from training.improvements.domain.actions import (
    Action,
    ActionEntry,
    ActionStatus,
    ActionStep,
    Cause,
    CauseKind,
    Plan,
)
from training.improvements.domain.refusals import ActionNotFound, RiskNotFound, WatchItemNotFound
from training.improvements.domain.risks import Risk, RiskStatus, RiskStep
from training.improvements.domain.watch import WatchItem, WatchKind, WatchStatus
from training.improvements.tables import (
    ActionEntryRow,
    ActionRow,
    CauseRow,
    RiskEntryRow,
    RiskRow,
    WatchItemRow,
)


def watch_item_of(row: WatchItemRow) -> WatchItem:
    """Read a watch item."""
    held = {name: getattr(row, name) for name in WatchItem.__dataclass_fields__}
    return WatchItem(**{**held, "kind": WatchKind(row.kind), "status": WatchStatus(row.status)})


def risk_of(row: RiskRow) -> Risk:
    """Read a risk."""
    held = {name: getattr(row, name) for name in Risk.__dataclass_fields__}
    return Risk(**{**held, "status": RiskStatus(row.status)})


def action_of(row: ActionRow, causes: Sequence[Cause]) -> Action:
    """Read an action, with its causes."""
    return Action(
        id=row.id,
        reference=row.reference,
        plan=Plan(title=row.title, indicators=tuple(row.indicators), owner=row.owner, due_on=row.due_on),
        causes=tuple(causes),
        restricted=row.restricted,
        planned_on=row.planned_on,
        status=ActionStatus(row.status),
        version=row.version,
    )


async def get_watch_item(read: Read, reference: str, *, for_update: bool = False) -> WatchItemRow:
    """Load a watch item. Raises WatchItemNotFound."""
    row: WatchItemRow | None = await _row(read, WatchItemRow, reference, for_update=for_update)
    if row is None:
        raise WatchItemNotFound("Aucune veille n'a cette référence.")
    return row


async def add_watch_item(tx: Tx, item: WatchItem) -> None:
    """Insert a watch item."""
    tx.session.add(
        WatchItemRow(
            **_watch_values(item), id=item.id, recorded_on=tx.today, recorded_by=tx.actor.subject, settled_by=None
        )
    )
    await tx.session.flush()


async def save_watch_item(tx: Tx, row: WatchItemRow, item: WatchItem) -> None:
    """Write a watch item that something was drawn from; the last who drew something is kept."""
    await _write(tx, row, {**_watch_values(item), "settled_by": tx.actor.subject})


async def get_risk(read: Read, reference: str, *, for_update: bool = False) -> RiskRow:
    """Load a risk. Raises RiskNotFound."""
    row: RiskRow | None = await _row(read, RiskRow, reference, for_update=for_update)
    if row is None:
        raise RiskNotFound("Aucun risque n'a cette référence.")
    return row


async def add_risk(tx: Tx, risk: Risk) -> None:
    """Insert a risk, with the first line of its history."""
    tx.session.add(RiskRow(**_risk_values(risk), id=risk.id))
    await tx.session.flush()
    await _add_risk_entry(tx, risk, RiskStep.OPENED, None)


async def save_risk(tx: Tx, row: RiskRow, risk: Risk, step: RiskStep, note: str | None) -> None:
    """Write a risk, with one more line of its history."""
    await _write(tx, row, _risk_values(risk))
    await _add_risk_entry(tx, risk, step, note)


async def risk_entries(read: Read, risk_id: UUID) -> Sequence[RiskEntryRow]:
    """Return the history of a risk, from its first line."""
    query = select(RiskEntryRow).where(col(RiskEntryRow.risk_id) == risk_id).order_by(col(RiskEntryRow.number))
    return (await read.session.execute(query)).scalars().all()


async def get_action(read: Read, reference: str, *, for_update: bool = False) -> ActionRow:
    """Load an action. Raises ActionNotFound."""
    row: ActionRow | None = await _row(read, ActionRow, reference, for_update=for_update)
    if row is None:
        raise ActionNotFound("Aucune action n'a cette référence, ou elle n'est pas dans votre périmètre.")
    return row


async def add_action(tx: Tx, action: Action) -> None:
    """Insert an action with its causes, and the first line of its history."""
    tx.session.add(ActionRow(**_action_values(action), id=action.id, planned_on=action.planned_on))
    await tx.session.flush()
    await _add_causes(tx, action)
    await _add_action_entry(tx, action, ActionStep.PLAN, None)


async def save_action(tx: Tx, row: ActionRow, action: Action, step: ActionStep, note: str | None) -> None:
    """Write an action, with one more line of its history."""
    await _write(tx, row, _action_values(action))
    await _add_causes(tx, action)
    await _add_action_entry(tx, action, step, note)


async def causes_of(read: Read, action_ids: Collection[UUID]) -> dict[UUID, list[Cause]]:
    """Return what some actions come from."""
    query = select(CauseRow).where(col(CauseRow.action_id).in_(action_ids))
    found: dict[UUID, list[Cause]] = {action_id: [] for action_id in action_ids}
    rows = await read.session.execute(query.order_by(col(CauseRow.kind), col(CauseRow.reference)))
    for row in rows.scalars():
        found[row.action_id].append(Cause(kind=CauseKind(row.kind), reference=row.reference))
    return found


async def action_entries(read: Read, action_id: UUID) -> list[ActionEntry]:
    """Return the history of an action, from its first line."""
    query = select(ActionEntryRow).where(col(ActionEntryRow.action_id) == action_id)
    rows = await read.session.execute(query.order_by(col(ActionEntryRow.number)))
    return [
        ActionEntry(
            number=row.number, step=ActionStep(row.step), note=row.note, due_on=row.due_on, at=row.at, by=row.by
        )
        for row in rows.scalars()
    ]


async def _row(read: Read, table: Any, reference: str, *, for_update: bool) -> Any:
    query = select(table).where(col(table.reference) == reference)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await read.session.execute(query)).scalar_one_or_none()


async def _write(tx: Tx, row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    await tx.session.flush()


async def _add_risk_entry(tx: Tx, risk: Risk, step: RiskStep, note: str | None) -> None:
    said = {"likelihood": risk.likelihood, "severity": risk.severity, "next_review_on": risk.next_review_on}
    where = col(RiskEntryRow.risk_id) == risk.id
    number = select(func.count() + 1).select_from(RiskEntryRow).where(where).scalar_subquery()
    await tx.session.execute(
        insert(RiskEntryRow).values(risk_id=risk.id, number=number, step=step.value, note=note, **said, **_signed(tx))
    )


async def _add_action_entry(tx: Tx, action: Action, step: ActionStep, note: str | None) -> None:
    where = col(ActionEntryRow.action_id) == action.id
    number = select(func.count() + 1).select_from(ActionEntryRow).where(where).scalar_subquery()
    said = {"step": step.value, "note": note, "due_on": action.plan.due_on}
    await tx.session.execute(insert(ActionEntryRow).values(action_id=action.id, number=number, **said, **_signed(tx)))


async def _add_causes(tx: Tx, action: Action) -> None:
    lines = [{"action_id": action.id, "kind": one.kind.value, "reference": one.reference} for one in action.causes]
    await tx.session.execute(upsert(CauseRow).values(lines).on_conflict_do_nothing())


def _signed(tx: Tx) -> dict[str, Any]:
    return {"on_day": tx.today, "at": tx.now, "by": tx.actor.subject}


def _watch_values(item: WatchItem) -> dict[str, Any]:
    held = {name: getattr(item, name) for name in WatchItem.__dataclass_fields__ if name != "id"}
    return {**held, "kind": item.kind.value, "status": item.status.value}


def _risk_values(risk: Risk) -> dict[str, Any]:
    held = {name: getattr(risk, name) for name in Risk.__dataclass_fields__ if name != "id"}
    return {**held, "status": risk.status.value, "level": risk.level}


def _action_values(action: Action) -> dict[str, Any]:
    return {
        "reference": action.reference,
        "title": action.plan.title,
        "indicators": list(action.plan.indicators),
        "owner": action.plan.owner,
        "due_on": action.plan.due_on,
        "status": action.status.value,
        "restricted": action.restricted,
        "version": action.version,
    }
