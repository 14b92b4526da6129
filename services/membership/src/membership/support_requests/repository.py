"""Loads and saves requests for support and their plans; the only writer of their tables."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.transaction import Read, Tx
from membership.support_requests.domain import (
    SupportAction,
    SupportActionState,
    SupportOrigin,
    SupportOutcome,
    SupportReopening,
    SupportRequest,
    SupportStatus,
)
from membership.support_requests.tables import SupportActionRow, SupportRequestRow

_REOPENINGS = TypeAdapter(tuple[SupportReopening, ...])


async def get_for_update(tx: Tx, request_id: UUID) -> SupportRequest:
    """Load a request that was reached, and hold it until the end of the transaction."""
    query = select(SupportRequestRow).where(col(SupportRequestRow.id) == request_id).with_for_update()
    return to_domain((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def add(tx: Tx, request: SupportRequest) -> None:
    """Insert a request; one that fg2i told already is left as it stands."""
    statement = upsert(SupportRequestRow).values(**_values(request))
    told = {"index_elements": ["fg2i_id"], "index_where": col(SupportRequestRow.fg2i_id).is_not(None)}
    await tx.session.execute(statement.on_conflict_do_nothing(**told))  # type: ignore[arg-type]


async def save(tx: Tx, request: SupportRequest) -> None:
    """Write a request that was loaded for update."""
    statement = update(SupportRequestRow).where(col(SupportRequestRow.id) == request.id)
    await tx.session.execute(statement.values(**_values(request)))


async def actions_of(source: Read, request_ids: Sequence[UUID]) -> dict[UUID, list[SupportAction]]:
    """Return the plans of some requests, what is due first before the rest."""
    query = select(SupportActionRow).where(col(SupportActionRow.request_id).in_(request_ids))
    rows = await source.session.execute(query.order_by(col(SupportActionRow.due_on), col(SupportActionRow.id)))
    found: dict[UUID, list[SupportAction]] = {request_id: [] for request_id in request_ids}
    for row in rows.scalars():
        found[row.request_id].append(SupportAction(**{**row.model_dump(), "state": SupportActionState(row.state)}))
    return found


async def add_action(tx: Tx, action: SupportAction) -> None:
    """Insert an action into the plan of a request that is held for update."""
    await tx.session.execute(insert(SupportActionRow).values(**{**asdict(action), "state": action.state.value}))


async def save_action(tx: Tx, action: SupportAction) -> None:
    """Write an action of a request that is held for update."""
    statement = update(SupportActionRow).where(col(SupportActionRow.id) == action.id)
    await tx.session.execute(statement.values(**{**asdict(action), "state": action.state.value}))


def to_domain(row: SupportRequestRow) -> SupportRequest:
    """Read a row as the rules know a request."""
    read = {
        "origin": SupportOrigin(row.origin),
        "status": SupportStatus(row.status),
        "outcome": SupportOutcome(row.outcome) if row.outcome else None,
        "reopenings": _REOPENINGS.validate_python(row.reopenings),
    }
    return SupportRequest(**{**row.model_dump(), **read})


def _values(request: SupportRequest) -> dict[str, object]:
    return {
        **asdict(request),
        "origin": request.origin.value,
        "status": request.status.value,
        "outcome": request.outcome.value if request.outcome else None,
        "reopenings": _REOPENINGS.dump_python(request.reopenings, mode="json"),
    }
