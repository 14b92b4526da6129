"""Facts that the broker refuses: held with their aggregate until ops have them sent again, or give them up.

A fact that is given up leaves its place to another, of a type that nobody subscribes to. Readers count that one like
any other: what follows has no hole before it, now or in a replay, and both sides of a reconciliation agree.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text

from common.errors import NotFound
from common.transaction import Read, Tx

DISCARDED = "fact.discarded"
"""The type on the bus of what stands in the place of a fact that was given up."""

_WAITING = text(
    "SELECT q.event_id, q.topic, q.aggregate_id, q.sequence, q.type, q.quarantined_at, q.fault,"
    " (SELECT count(*) FROM event_outbox b"
    "  WHERE b.topic = q.topic AND b.aggregate_id = q.aggregate_id AND b.id > q.id) AS behind"
    " FROM event_outbox q WHERE q.quarantined_at IS NOT NULL AND (CAST(:topic AS text) IS NULL OR q.topic = :topic)"
    " AND (CAST(:after AS uuid) IS NULL OR q.event_id > :after) ORDER BY q.event_id LIMIT :limit"
)
_DETAIL = "event_id, topic, aggregate_id, sequence, type, payload, actor, occurred_at, quarantined_at, fault"
# Refused again after it was given up, a fact is in both: where it waits now comes first.
_FIND = text(
    f"SELECT {_DETAIL}, NULL AS discarded_at, NULL AS discarded_by, NULL AS reason, 1 AS place FROM event_outbox"  # noqa: S608
    " WHERE event_id = :id AND quarantined_at IS NOT NULL"
    f" UNION ALL SELECT {_DETAIL}, discarded_at, discarded_by, reason, 2 FROM event_discarded WHERE event_id = :id"
    " ORDER BY place LIMIT 1"
)
_RETRY = text(
    "UPDATE event_outbox SET quarantined_at = NULL, fault = NULL"
    " WHERE event_id = :id AND quarantined_at IS NOT NULL RETURNING 1"
)
# What stands in a fact's place may be refused too: the fact itself is kept, whatever is given up after it.
_KEEP = text(
    f"INSERT INTO event_discarded ({_DETAIL}, discarded_by, reason)"  # noqa: S608
    f" SELECT {_DETAIL}, :by, :reason FROM event_outbox WHERE event_id = :id AND quarantined_at IS NOT NULL"
    " FOR UPDATE ON CONFLICT (event_id) DO UPDATE SET quarantined_at = excluded.quarantined_at, fault = excluded.fault,"
    " discarded_at = excluded.discarded_at, discarded_by = excluded.discarded_by, reason = excluded.reason RETURNING 1"
)
_REPLACED = (
    "type = :type, payload = CASE WHEN type = :type THEN payload"
    " ELSE convert_to(json_build_object('type', type)::text, 'UTF8') END WHERE event_id = :id"
)
_REPLACE = text(f"UPDATE event_outbox SET quarantined_at = NULL, fault = NULL, {_REPLACED}")  # noqa: S608
# One that was acknowledged once and is refused now, sent again, would otherwise come back with each replay.
_REPLACE_IN_LEDGER = text(f"UPDATE event_archive SET {_REPLACED}")  # noqa: S608


class NotQuarantined(NotFound):
    """The broker did not refuse this fact, or it was settled meanwhile."""

    code = "event_not_quarantined"


async def waiting(read: Read, *, topic: str | None, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """Return the facts refused and not settled, oldest first, each with how many wait behind it."""
    return (await read.session.execute(_WAITING, {"topic": topic, "after": after, "limit": limit})).all()


async def find(read: Read, event_id: UUID) -> Row[Any]:
    """Return a refused fact, given up or not. Raises NotQuarantined."""
    row = (await read.session.execute(_FIND, {"id": event_id})).one_or_none()
    if row is None:
        raise NotQuarantined("Le bus n'a pas refusé ce fait, ou il est parti depuis.")
    return row


async def retry(tx: Tx, event_id: UUID) -> None:
    """Have a refused fact sent again, and then what waits behind it. Raises NotQuarantined."""
    await _settle(tx, _RETRY, id=event_id)


async def discard(tx: Tx, event_id: UUID, reason: str) -> None:
    """Give a refused fact up for good: no reader will ever have it. It is kept here, with who, when and why.

    Raises NotQuarantined.
    """
    await _settle(tx, _KEEP, id=event_id, by=tx.actor.subject, reason=reason)
    for statement in (_REPLACE, _REPLACE_IN_LEDGER):
        await tx.session.execute(statement, {"id": event_id, "type": DISCARDED})


async def _settle(tx: Tx, statement: TextClause, **parameters: Any) -> None:
    if (await tx.session.execute(statement, parameters)).one_or_none() is None:
        raise NotQuarantined("Ce fait n'est pas (ou plus) retenu dans la file d'envoi.")
