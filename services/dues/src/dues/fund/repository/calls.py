"""The calls for regional projects, as they are kept."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import insert

from common.identifiers import new_id
from common.transaction import Tx
from dues.fund.domain import FundCall, FundCallNotFound, FundCallText
from dues.fund.tables import FundCallRow


async def add_call(tx: Tx, said: FundCallText) -> UUID:
    """Insert a draft; return its id."""
    call_id = new_id()
    values = {
        **_said(said),
        "id": call_id,
        "created_at": tx.now,
        "created_by": tx.actor.subject,
        "version": 1,
    }
    await tx.session.execute(insert(FundCallRow).values(**values))
    return call_id


async def hold_call(tx: Tx, call_id: UUID) -> FundCall:
    """Load a call and hold it. Raises FundCallNotFound."""
    return call_of(await _held(tx, call_id))


async def save_call(tx: Tx, call: FundCall) -> FundCall:
    """Save a held call, one version later; return it so."""
    row = await _held(tx, call.id)
    for name, value in _said(call.said).items():
        setattr(row, name, value)
    if row.opened_on is None and call.opened_on is not None:
        row.opened_by = tx.actor.subject
    row.opened_on, row.decided_on = call.opened_on, call.decided_on
    row.version = call.version + 1
    await tx.session.flush()
    return replace(call, version=row.version)


async def delete_call(tx: Tx, call_id: UUID) -> None:
    """Delete a held draft."""
    await tx.session.delete(await _held(tx, call_id))
    await tx.session.flush()


def call_of(row: FundCallRow) -> FundCall:
    """Read a row as the rules know a call."""
    return FundCall(
        id=row.id,
        said=FundCallText(**{name: getattr(row, name) for name in FundCallText.__slots__}),
        opened_on=row.opened_on,
        decided_on=row.decided_on,
        version=row.version,
    )


async def _held(tx: Tx, call_id: UUID) -> FundCallRow:
    row = await tx.session.get(FundCallRow, call_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise FundCallNotFound("Cet appel à projets n'existe pas.")
    return row


def _said(said: FundCallText) -> dict[str, object]:
    return {name: getattr(said, name) for name in FundCallText.__slots__}
