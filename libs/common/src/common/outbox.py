"""The way out: facts become outbox rows in the transaction that made them true.

Nothing is sent to the broker from a use case. The relay sends what is committed here, as often as it takes.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.errors import Invalid
from common.events import dump
from common.identifiers import new_id
from common.telemetry import current_traceparent
from common.transaction import PendingFact, Tx

BUCKETS = 16
_MAX_PAYLOAD_BYTES = 900_000
"""Below the broker's 1 MiB limit, so that a fact too large is refused before it is committed."""


class FactTooLarge(Invalid):
    """A fact larger than the broker accepts would block its aggregate for ever."""

    code = "fact_too_large"


# Taking the sequence locks the aggregate's stream row until the end of the transaction: two writers of one aggregate
# follow each other, and outbox ids grow in the order of sequences. Sorted, so that two batches cannot deadlock.
_ADVANCE = text(
    "INSERT INTO event_stream AS s (topic, aggregate_id, sequence)"
    " SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:aggregates AS uuid[]), CAST(:counts AS bigint[]))"
    " AS u (topic, aggregate_id, sequence) ORDER BY 1, 2"
    " ON CONFLICT (topic, aggregate_id) DO UPDATE SET sequence = s.sequence + excluded.sequence"
    " RETURNING topic, aggregate_id, sequence"
)

_INSERT = text(
    "INSERT INTO event_outbox"
    " (event_id, topic, aggregate_id, sequence, bucket, type, payload, traceparent, actor, reason, occurred_at)"
    " SELECT event_id, topic, aggregate_id, sequence, bucket, type, payload, :traceparent, :actor, reason, :now"
    " FROM unnest(CAST(:event_ids AS uuid[]), CAST(:topics AS text[]), CAST(:aggregates AS uuid[]),"
    " CAST(:sequences AS bigint[]), CAST(:buckets AS smallint[]), CAST(:types AS text[]),"
    " CAST(:payloads AS bytea[]), CAST(:reasons AS text[]))"
    " WITH ORDINALITY AS u (event_id, topic, aggregate_id, sequence, bucket, type, payload, reason, rank)"
    " ORDER BY rank"
)


def bucket_of(aggregate_id: UUID) -> int:
    """Return the bucket that holds all events of an aggregate, so that one relay at a time sends them."""
    return crc32(aggregate_id.bytes) % BUCKETS


async def write_outbox(tx: Tx) -> None:
    """Write the transaction's pending facts as outbox rows. Called once, by the door, last before the commit."""
    if not tx.pending:
        return
    sequences = await _sequences(tx.session, tx.pending)
    payloads = [dump(item.fact) for item in tx.pending]
    for item, payload in zip(tx.pending, payloads, strict=True):
        if len(payload) > _MAX_PAYLOAD_BYTES:
            raise FactTooLarge(f"L'événement {item.fact.wire_name} dépasse la taille que le bus accepte.")
    aggregates = [item.fact.state.id for item in tx.pending]
    parameters: dict[str, Any] = {
        "event_ids": [new_id() for _ in tx.pending],
        "topics": [item.fact.topic for item in tx.pending],
        "aggregates": aggregates,
        "sequences": sequences,
        "buckets": [bucket_of(aggregate) for aggregate in aggregates],
        "types": [item.fact.wire_name for item in tx.pending],
        "payloads": payloads,
        "reasons": [item.reason for item in tx.pending],
        "traceparent": current_traceparent(),
        "actor": tx.actor.subject,
        "now": tx.now,
    }
    await tx.session.execute(_INSERT, parameters)


async def _sequences(session: AsyncSession, pending: Sequence[PendingFact]) -> list[int]:
    """Advance each aggregate's stream by its number of facts, and number the facts in the order of publication."""
    counts: dict[tuple[str, UUID], int] = {}
    for item in pending:
        stream = (item.fact.topic, item.fact.state.id)
        counts[stream] = counts.get(stream, 0) + 1
    result = await session.execute(
        _ADVANCE,
        {
            "topics": [topic for topic, _ in counts],
            "aggregates": [aggregate for _, aggregate in counts],
            "counts": list(counts.values()),
        },
    )
    following = {(topic, aggregate): last - counts[topic, aggregate] + 1 for topic, aggregate, last in result}
    sequences = []
    for item in pending:
        stream = (item.fact.topic, item.fact.state.id)
        sequences.append(following[stream])
        following[stream] += 1
    return sequences
