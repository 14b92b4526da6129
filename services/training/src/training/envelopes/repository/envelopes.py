"""The envelopes and their ledger, as they are kept.

Whoever moves money writes the envelope first, then what is reserved on it: nobody waits for the other way round.
"""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import exists, func, insert, select, update
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from training.envelopes.domain import (
    Envelope,
    EnvelopeKind,
    EnvelopeMovementKind,
    EnvelopeNotFound,
    EnvelopeText,
    MemberType,
    Movement,
    Position,
    Rules,
    effect,
)
from training.envelopes.tables import EnvelopeRow, MovementRow, ReservationRow

_ENVELOPE: Any = EnvelopeRow.__table__  # type: ignore[attr-defined]
IN_USE: Any = exists().where(col(ReservationRow.envelope_id) == _ENVELOPE.c.id)
"""Whether something was ever reserved on an envelope."""


class Moved(NamedTuple):
    """The rank and the instant of a movement in its envelope's ledger."""

    number: int
    at: datetime


async def add_envelope(tx: Tx, said: EnvelopeText) -> UUID:
    """Insert an empty envelope; return its id."""
    envelope_id = new_id()
    values = {
        **_said(said),
        **asdict(Position()),
        "id": envelope_id,
        "movements": 0,
        "moved_at": tx.now,
        "created_at": tx.now,
        "created_by": tx.actor.subject,
        "version": 1,
    }
    await tx.session.execute(insert(EnvelopeRow).values(**values))
    return envelope_id


async def get_envelope(read: Read, envelope_id: UUID, *, for_update: bool = False) -> Envelope:
    """Load an envelope, and hold it if it is to change. Raises EnvelopeNotFound."""
    query = select(EnvelopeRow, IN_USE).where(_ENVELOPE.c.id == envelope_id)
    query = query.execution_options(populate_existing=True)
    if for_update:
        query = query.with_for_update(of=EnvelopeRow)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise EnvelopeNotFound("Cette enveloppe n'existe pas.")
    return envelope_of(row[0], in_use=row[1])


async def save_text(tx: Tx, envelope: Envelope) -> None:
    """Save what is said of a held envelope, one version later."""
    statement = update(EnvelopeRow).where(_ENVELOPE.c.id == envelope.id)
    await tx.session.execute(statement.values(**_said(envelope.said), version=envelope.version + 1))


async def take(tx: Tx, envelope_id: UUID, kind: EnvelopeMovementKind, amount: Decimal) -> Moved | None:
    """Move money in an envelope, if there is as much; None otherwise.

    One statement decides and writes: of those who come at once, each sees what the one before has left.
    """
    after = {name: _ENVELOPE.c[name] + change for name, change in asdict(effect(kind, amount)).items()}
    enough = after["contributed"] - after["reserved"] - after["consumed"] >= 0
    statement = (
        update(EnvelopeRow)
        .where(_ENVELOPE.c.id == envelope_id, enough)
        .values(**after, movements=_ENVELOPE.c.movements + 1, moved_at=func.greatest(_ENVELOPE.c.moved_at, tx.now))
        .returning(_ENVELOPE.c.movements, _ENVELOPE.c.moved_at)
    )
    moved = (await tx.session.execute(statement)).one_or_none()
    return None if moved is None else Moved(*moved)


async def note(tx: Tx, envelope_id: UUID, moved: Moved, movement: Movement) -> UUID:
    """Add to the ledger what has just moved; return the id of the movement."""
    movement_id = new_id()
    values = {
        **asdict(movement),
        "id": movement_id,
        "envelope_id": envelope_id,
        "number": moved.number,
        "kind": movement.kind.value,
        "recorded_at": moved.at,
        "recorded_by": tx.actor.subject,
    }
    await tx.session.execute(insert(MovementRow).values(**values))
    return movement_id


def envelope_of(row: EnvelopeRow, *, in_use: bool) -> Envelope:
    """Read a row as the rules know an envelope."""
    said = EnvelopeText(
        kind=EnvelopeKind(row.kind),
        title=row.title,
        year=row.year,
        funder=row.funder,
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        rules=Rules(
            member_types=tuple(MemberType(one) for one in row.member_types),
            hours_ceiling=row.hours_ceiling,
            hourly_ceiling=row.hourly_ceiling,
            source=row.source,
        ),
    )
    position = Position(contributed=row.contributed, reserved=row.reserved, consumed=row.consumed)
    return Envelope(id=row.id, said=said, position=position, in_use=in_use, version=row.version)


def _said(said: EnvelopeText) -> dict[str, object]:
    rules = said.rules
    return {
        "kind": said.kind.value,
        "title": said.title,
        "year": said.year,
        "funder": said.funder,
        "opens_on": said.opens_on,
        "closes_on": said.closes_on,
        "member_types": [one.value for one in rules.member_types],
        "hours_ceiling": rules.hours_ceiling,
        "hourly_ceiling": rules.hourly_ceiling,
        "source": rules.source,
    }
