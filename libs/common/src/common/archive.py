"""The ledger: every fact the broker acknowledged. Audit trail, source of every replay and feed.

Its days are made and dropped by ``partitions``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import text

from common.transaction import Read, Tx

LOCK = "SELECT pg_advisory_xact_lock(hashtext('event_archive'))"
"""Held by who gives positions, or changes what the ledger is made of."""
_MOVE = """
WITH sent AS (DELETE FROM event_outbox WHERE id = ANY($1::bigint[]) RETURNING *)
INSERT INTO event_archive (event_id, topic, aggregate_id, sequence, bucket, type, payload, traceparent,
                           actor, reason, occurred_at, recorded_at)
SELECT event_id, topic, aggregate_id, sequence, bucket, type, payload, traceparent,
       actor, reason, occurred_at, recorded_at
FROM sent WHERE NOT replayed ORDER BY id
"""
_HELD = """
    SELECT a.*, d.sequence AS dropped_through
    FROM event_archive a LEFT JOIN event_dropped d ON d.topic = a.topic AND d.aggregate_id = a.aggregate_id
    WHERE a.sequence > coalesce(d.sequence, 0)"""
_REPLAY = f"""
WITH page AS ({_HELD}
      AND a.position > :from AND (CAST(:topic AS text) IS NULL OR a.topic = :topic)
      AND (CAST(:aggregate AS uuid) IS NULL OR a.aggregate_id = :aggregate) AND a.sequence > :after
    ORDER BY a.position LIMIT :limit
)"""
_REPLAY_SELECTED = f"WITH page AS ({_HELD} AND a.event_id = ANY(CAST(:ids AS uuid[])))"
_SEND_AGAIN = """, sent AS (
    INSERT INTO event_outbox (event_id, topic, aggregate_id, sequence, bucket, type, payload, traceparent,
                              actor, reason, occurred_at, recorded_at, replayed, dropped_through)
    SELECT event_id, topic, aggregate_id, sequence, bucket, type, payload, NULL,
           actor, reason, occurred_at, recorded_at, true, dropped_through
    FROM page ORDER BY position
    ON CONFLICT ON CONSTRAINT uq_event_outbox_aggregate DO NOTHING
    RETURNING 1
)
SELECT (SELECT max(position) FROM page) AS last, (SELECT count(*) FROM page) AS held,
       (SELECT count(*) FROM sent) AS sent
"""
MOST_REPLAYED = 10_000
"""Facts that one statement sends again."""
LAST_POSITION = 2**63 - 1
"""No position is beyond: a request that names one is malformed."""
_LATEST = """
SELECT position, event_id, topic, aggregate_id, sequence, type, payload, actor, reason, occurred_at
FROM event_archive WHERE CAST(:topic AS text) IS NULL OR topic = :topic
ORDER BY position DESC LIMIT :limit
"""
_FEED = """
SELECT position, event_id, topic, aggregate_id, sequence, type, payload, actor, reason, occurred_at
FROM event_archive
WHERE position > :after AND (CAST(:topic AS text) IS NULL OR topic = :topic)
ORDER BY position LIMIT :limit
"""


async def move(connection: asyncpg.Connection, ids: Sequence[int]) -> None:
    """Move acknowledged rows to the archive; rows that were sent again from it are only removed.

    Serialised by a lock of a few milliseconds, so that positions are visible in the order they were given.
    """
    async with connection.transaction():
        await connection.execute(LOCK)
        await connection.execute(_MOVE, list(ids))


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One fact in the ledger: what happened to what, when, by whom and why."""

    position: int
    event_id: UUID
    topic: str
    aggregate_id: UUID
    sequence: int
    type: str
    payload: bytes
    actor: str
    reason: str | None
    occurred_at: datetime


async def entries(read: Read, *, after: int, limit: int, topic: str | None = None) -> list[LedgerEntry]:
    """Return the ledger's entries after a position, oldest first."""
    result = await read.session.execute(text(_FEED), {"after": after, "topic": topic, "limit": limit})
    return [LedgerEntry(**row._mapping) for row in result]


async def latest(read: Read, *, limit: int, topic: str | None = None) -> list[LedgerEntry]:
    """Return the newest entries, oldest of them first."""
    result = await read.session.execute(text(_LATEST), {"topic": topic, "limit": limit})
    return [LedgerEntry(**row._mapping) for row in reversed(result.all())]


async def last_position(read: Read) -> int:
    """Return the position of the newest entry, 0 in an empty ledger."""
    result = await read.session.execute(text("SELECT coalesce(max(position), 0) FROM event_archive"))
    return int(result.scalar_one())


async def extent(read: Read, topic: str) -> tuple[int, int]:
    """Return the positions that a topic's feed can be resumed from: all that follows them is there, none is beyond."""
    query = text(
        "SELECT (SELECT coalesce(max(position), 0) FROM event_feed_start WHERE topic = :topic), last_value"
        " FROM event_archive_position"
    )
    start, end = (await read.session.execute(query, {"topic": topic})).one()
    return start, end


async def replay(tx: Tx, *, topic: str | None = None, aggregate_id: UUID | None = None, after_sequence: int = 0) -> int:
    """Put archived facts back in the outbox, to be sent again under their own ids; return how many.

    Readers that have them skip them; readers that missed them fill their hole. Where the beginning of an aggregate was
    dropped, each of its facts says so: a reader goes on from there.
    """
    sent, place = 0, 0
    while True:
        some, last = await replay_page(
            tx, topic=topic, aggregate_id=aggregate_id, after_sequence=after_sequence, after_position=place
        )
        sent += some
        if last is None:
            return sent
        place = last


async def replay_page(
    tx: Tx,
    *,
    topic: str | None,
    aggregate_id: UUID | None,
    after_sequence: int,
    after_position: int,
    limit: int = MOST_REPLAYED,
) -> tuple[int, int | None]:
    """Do as ``replay`` for one page of the ledger after a position; return how many, and where the next page begins.

    A page that is not full is the last; what the broker acknowledges meanwhile is not chased.
    """
    parameters = {
        "from": after_position,
        "topic": topic,
        "aggregate": aggregate_id,
        "after": after_sequence,
        "limit": limit,
    }
    page = (await tx.session.execute(text(_REPLAY + _SEND_AGAIN), parameters)).one()
    return page.sent, page.last if page.held == limit else None


async def replay_selected(tx: Tx, ids: Sequence[UUID]) -> int:
    """Put just these archived facts back in the outbox, in the order of the ledger; return how many."""
    page = (await tx.session.execute(text(_REPLAY_SELECTED + _SEND_AGAIN), {"ids": list(ids)})).one()
    return int(page.sent)
