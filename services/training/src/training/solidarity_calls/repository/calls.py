"""The calls, as they are kept."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Tx
from training.solidarity_calls.domain import NOTHING, Call, CallText, Criterion, SolidarityCallNotFound
from training.solidarity_calls.tables import CallRow

_ID: Any = col(CallRow.id)


async def add_call(tx: Tx, said: CallText) -> UUID:
    """Insert a draft; return its id."""
    call_id = new_id()
    values = {
        **asdict(said),
        "id": call_id,
        "awarded": NOTHING,
        "created_at": tx.now,
        "created_by": tx.actor.subject,
        "version": 1,
    }
    await tx.session.execute(insert(CallRow).values(**values))
    return call_id


async def hold_call(tx: Tx, call_id: UUID) -> Call:
    """Load a call and hold it. Raises SolidarityCallNotFound."""
    query = select(CallRow).where(call_id == _ID).with_for_update().execution_options(populate_existing=True)
    row = (await tx.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise SolidarityCallNotFound("Cet appel n'existe pas.")
    return call_of(row)


async def save_call(tx: Tx, call: Call, **changes: Decimal) -> None:
    """Save a held call, one version later."""
    values = {
        **asdict(call.said),
        "opened_on": call.opened_on,
        "ranked_on": call.ranked_on,
        "decided_on": call.decided_on,
        "version": call.version + 1,
    }
    await tx.session.execute(update(CallRow).where(call.id == _ID).values(**values, **changes))


async def delete_call(tx: Tx, call_id: UUID) -> None:
    """Delete a held draft."""
    await tx.session.execute(delete(CallRow).where(call_id == _ID))


def call_of(row: CallRow) -> Call:
    """Read a row as the rules know a call."""
    said = {name: getattr(row, name) for name in CallText.__slots__}
    return Call(
        id=row.id,
        said=CallText(**{**said, "criteria": tuple(Criterion(**one) for one in row.criteria)}),
        opened_on=row.opened_on,
        ranked_on=row.ranked_on,
        decided_on=row.decided_on,
        version=row.version,
    )
