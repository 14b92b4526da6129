"""What each side of a topic holds, day by day and bucket by bucket: the figures that prove a reader has everything.

A producer digests its ledger, a reader its inbox: per UTC day of occurrence and bucket, how many events, and a hash of
their ids that no order changes (the exclusive or of the first 64 bits of each id's SHA-256; PostgreSQL's own hash
functions may differ from one version to the next, and the two sides are two servers).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from common.transaction import Read

MOST_DAYS = 30
"""As long as an inbox row lives (``common.retention``): further back, a reader no longer knows which events came."""

_PUBLISHED = text("""
SELECT CAST(occurred_at AT TIME ZONE 'UTC' AS date) AS day, bucket,
       count(*) FILTER (WHERE sent) AS events, count(*) FILTER (WHERE NOT sent) AS waiting,
       lpad(to_hex(coalesce(bit_xor(CAST(CAST('x' || encode(substr(sha256(uuid_send(event_id)), 1, 8), 'hex')
           AS bit(64)) AS bigint)) FILTER (WHERE sent), 0)), 16, '0') AS hash
FROM (
    SELECT occurred_at, bucket, event_id, true AS sent FROM event_archive
    WHERE topic = :topic AND occurred_at >= :since
    UNION ALL
    SELECT occurred_at, bucket, event_id, false FROM event_outbox
    WHERE topic = :topic AND occurred_at >= :since AND NOT replayed
) AS held GROUP BY 1, 2 ORDER BY 1, 2
""")
_RECEIVED = text("""
SELECT day, bucket, count(*) AS events, 0 AS waiting,
       lpad(to_hex(bit_xor(CAST(CAST('x' || encode(substr(sha256(uuid_send(event_id)), 1, 8), 'hex')
           AS bit(64)) AS bigint))), 16, '0') AS hash
FROM event_inbox WHERE consumer = :consumer AND topic = :topic AND day >= :day GROUP BY 1, 2 ORDER BY 1, 2
""")
_PUBLISHED_EVENTS = text("""
SELECT * FROM (
    SELECT event_id, type, aggregate_id, sequence, occurred_at, true AS sent FROM event_archive
    WHERE topic = :topic AND occurred_at >= :from AND occurred_at < :until AND bucket = :bucket
    UNION ALL
    SELECT event_id, type, aggregate_id, sequence, occurred_at, false FROM event_outbox
    WHERE topic = :topic AND occurred_at >= :from AND occurred_at < :until AND bucket = :bucket AND NOT replayed
) AS held WHERE CAST(:after AS uuid) IS NULL OR event_id > :after ORDER BY event_id LIMIT :limit
""")
_RECEIVED_EVENTS = text("""
SELECT event_id, received_at FROM event_inbox
WHERE consumer = :consumer AND topic = :topic AND day = :day AND bucket = :bucket
  AND (CAST(:after AS uuid) IS NULL OR event_id > :after) ORDER BY event_id LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Bucket:
    """The events of a topic that occurred on one UTC day, of the aggregates of one bucket.

    ``events`` and ``hash`` speak of what the broker acknowledged (producer) or what came (reader); ``waiting`` of what
    the producer has still to send.
    """

    day: date
    bucket: int
    events: int
    hash: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Place:
    """One bucket of one day of a topic."""

    topic: str
    day: date
    bucket: int


def first_day(read: Read, days: int) -> date:
    """Return the first of the last ``days`` UTC days, today included."""
    return read.now.astimezone(UTC).date() - timedelta(days=days - 1)


async def published(read: Read, topic: str, since: date) -> list[Bucket]:
    """Digest the ledger from a day on."""
    result = await read.session.execute(_PUBLISHED, {"topic": topic, "since": _midnight(since)})
    return [Bucket(**row._mapping) for row in result]


async def received(read: Read, consumer: str, topic: str, since: date) -> list[Bucket]:
    """Digest a consumer's inbox from a day on: all it took charge of, applied or parked."""
    result = await read.session.execute(_RECEIVED, {"consumer": consumer, "topic": topic, "day": since})
    return [Bucket(**row._mapping) for row in result]


async def published_events(read: Read, place: Place, *, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """Return one bucket's events from the ledger, and those still to send, by id."""
    parameters = {
        "topic": place.topic,
        "from": _midnight(place.day),
        "until": _midnight(place.day) + timedelta(days=1),
        "bucket": place.bucket,
        "after": after,
        "limit": limit,
    }
    return (await read.session.execute(_PUBLISHED_EVENTS, parameters)).all()


async def received_events(
    read: Read, consumer: str, place: Place, *, after: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """Return one bucket's events from a consumer's inbox, by id."""
    parameters = {
        "consumer": consumer,
        "topic": place.topic,
        "day": place.day,
        "bucket": place.bucket,
        "after": after,
        "limit": limit,
    }
    return (await read.session.execute(_RECEIVED_EVENTS, parameters)).all()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
