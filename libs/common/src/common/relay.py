"""The relay: sends committed facts to the broker, in order per aggregate, until each is acknowledged.

It claims the outbox by hash bucket under a session advisory lock (never an id cursor: a slow transaction may commit a
lower id late; never SKIP LOCKED across relays: it reorders). A relay that lost its lock and still sends can only cause
late duplicates, which every inbox drops. A send that timed out is unknown, not failed: it is sent again.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    CorruptRecordException,
    InvalidMessageError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
)
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder
from opentelemetry.trace import SpanKind

from common import archive, failpoints, retention, telemetry
from common.db import Database
from common.events import Envelope
from common.outbox import BUCKETS
from common.sessions import BUCKET_LOCKS
from common.waiting import first_of, within

_CLAIM_ROWS = 1_000
_BATCH_BYTES = 1_000_000
"""Holds the largest payload the outbox accepts, with its headers, under the broker's 1 MiB."""
_SEND_DEADLINE_SECONDS = 15.0
_STOP_DEADLINE_SECONDS = 5.0
_IDLE_SECONDS = 0.25
_STANDBY_SECONDS = 1.0
_REFUSED = (MessageSizeTooLargeError, RecordTooLargeError, InvalidMessageError, CorruptRecordException)

_CLAIM = """
SELECT o.id, o.event_id, o.topic, o.aggregate_id, o.sequence, o.type, o.payload, o.traceparent,
       o.occurred_at, o.recorded_at, o.replayed
FROM event_outbox o
WHERE o.bucket = ANY($1::smallint[])
  AND NOT EXISTS (SELECT 1 FROM event_outbox q WHERE q.quarantined_at IS NOT NULL
                  AND q.topic = o.topic AND q.aggregate_id = o.aggregate_id)
ORDER BY o.id LIMIT $2
"""
_QUARANTINE = "UPDATE event_outbox SET quarantined_at = clock_timestamp(), fault = $2 WHERE id = $1"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One claimed row, ready to be sent."""

    id: int
    envelope: Envelope
    payload: bytes
    recorded_at: datetime
    replayed: bool

    @property
    def key(self) -> bytes:
        """The record's key: all events of an aggregate share a partition."""
        return str(self.envelope.aggregate_id).encode()


class Refused(Exception):
    """The broker, or its client, will never accept this record."""

    def __init__(self, row: Outgoing, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.row = row


class Relay:
    """One relay process: owns buckets, sends their rows, moves what was acknowledged to the archive."""

    def __init__(self, database: Database, *, bootstrap: str, source: str, max_buckets: int = BUCKETS) -> None:
        self._database = database
        self._bootstrap = bootstrap
        self._source = source
        self._max_buckets = max_buckets
        self._wakeup = database.new_wakeup()
        self.held: tuple[int, ...] | None = None
        """The buckets this relay holds; None while it lacks its session with the database or with the broker."""

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop. Any error throws the connection and the producer away and starts afresh."""
        while not stop.is_set():
            try:
                await self._session(stop)
            except (
                KafkaError,
                OSError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
                TimeoutError,
            ) as error:
                log.warning("relay_interrupted", error=f"{type(error).__name__}: {error}")
                await first_of(stop, seconds=_STANDBY_SECONDS)

    async def _session(self, stop: asyncio.Event) -> None:
        connection = await self._database.connect()
        producer = _new_producer(self._bootstrap)
        try:
            async with asyncio.timeout(_SEND_DEADLINE_SECONDS):
                await producer.start()
            self._hold(())
            await self._cycles(connection, producer, stop)
        finally:
            self._hold(None)
            await within(_STOP_DEADLINE_SECONDS, producer.stop())
            connection.terminate()

    async def _cycles(self, connection: asyncpg.Connection, producer: AIOKafkaProducer, stop: asyncio.Event) -> None:
        owned: list[int] = []
        prepared_until = swept_until = datetime.min.replace(tzinfo=UTC)
        while not stop.is_set():
            self._wakeup.clear()
            owned = await self._claim_buckets(connection, owned)
            self._hold(tuple(owned))
            now = datetime.now(UTC)
            if owned and now >= prepared_until:
                prepared_until = await archive.prepare_partitions(connection, now)
            sent = await self._cycle(connection, producer, owned) if owned else 0
            if owned and sent == 0 and now >= swept_until and await _swept(connection):
                swept_until = prepared_until
            if sent < _CLAIM_ROWS:
                await first_of(stop, self._wakeup, seconds=_IDLE_SECONDS if owned else _STANDBY_SECONDS)

    def _hold(self, buckets: tuple[int, ...] | None) -> None:
        self.held = buckets
        telemetry.RELAY_BUCKETS.set(len(buckets or ()))

    async def _claim_buckets(self, connection: asyncpg.Connection, owned: list[int]) -> list[int]:
        """Take free buckets up to this relay's share. Locks live as long as the connection."""
        for bucket in range(BUCKETS):
            if len(owned) >= self._max_buckets:
                break
            if bucket not in owned and await connection.fetchval(
                "SELECT pg_try_advisory_lock($1, $2)", BUCKET_LOCKS, bucket
            ):
                owned.append(bucket)
        return owned

    async def _cycle(self, connection: asyncpg.Connection, producer: AIOKafkaProducer, owned: list[int]) -> int:
        """Send one claim, archive what was acknowledged, then raise what went wrong."""
        rows = [
            Outgoing(
                id=row["id"],
                envelope=Envelope(
                    event_id=row["event_id"],
                    source=self._source,
                    type=row["type"],
                    topic=row["topic"],
                    aggregate_id=row["aggregate_id"],
                    sequence=row["sequence"],
                    occurred_at=row["occurred_at"],
                    traceparent=row["traceparent"],
                ),
                payload=row["payload"],
                recorded_at=row["recorded_at"],
                replayed=row["replayed"],
            )
            for row in await connection.fetch(_CLAIM, owned, _CLAIM_ROWS)
        ]
        if not rows:
            return 0
        failpoints.reached("relay.claimed")
        started_at = time.time_ns()
        async with asyncio.timeout(_SEND_DEADLINE_SECONDS):
            parts = await _by_partition(producer, rows)
        results = await asyncio.gather(
            *(_send_partition(producer, topic, partition, part) for (topic, partition), part in parts.items())
        )
        acknowledged = [row for sent, _ in results for row in sent]
        failpoints.reached("relay.acknowledged")
        await self._settle(connection, acknowledged, started_at)
        for fault in (fault for _, fault in results if fault is not None):
            if not isinstance(fault, Refused):
                raise fault
            log.error("event_quarantined", event_id=str(fault.row.envelope.event_id), fault=str(fault))
            await connection.execute(_QUARANTINE, fault.row.id, str(fault))
        return len(acknowledged)

    async def _settle(self, connection: asyncpg.Connection, acknowledged: Sequence[Outgoing], started_at: int) -> None:
        if not acknowledged:
            return
        await archive.move(connection, [row.id for row in acknowledged])
        now = datetime.now(UTC)
        for row in acknowledged:
            telemetry.PUBLISHED.labels(row.envelope.topic).inc()
            if not row.replayed:
                telemetry.PUBLISH_SECONDS.observe(max(0.0, (now - row.recorded_at).total_seconds()))
            telemetry.record_span(
                f"publish {row.envelope.type}",
                SpanKind.PRODUCER,
                row.envelope.traceparent,
                started_at=started_at,
                attributes={
                    "messaging.system": "kafka",
                    "messaging.destination.name": row.envelope.topic,
                    "messaging.message.id": str(row.envelope.event_id),
                },
            )


async def _swept(connection: asyncpg.Connection) -> bool:
    """Sweep a slice while there is nothing to send; a sweep that fails waits for the next day, not for the facts."""
    try:
        return await retention.sweep(connection)
    except asyncpg.PostgresError as error:
        log.warning("sweep_failed", error=f"{type(error).__name__}: {error}")
        return True


def _new_producer(bootstrap: str) -> AIOKafkaProducer:
    # Not idempotent: aiokafka's idempotent producer can be poisoned for ever by one refused batch and never times
    # out with the broker down (aio-libs/aiokafka#1017). Duplicates are the inbox's work.
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=False,
        compression_type="lz4",
        max_batch_size=_BATCH_BYTES,
        request_timeout_ms=8_000,
        metadata_max_age_ms=30_000,
    )


async def _by_partition(producer: AIOKafkaProducer, rows: Sequence[Outgoing]) -> dict[tuple[str, int], list[Outgoing]]:
    topics = {row.envelope.topic for row in rows}
    counts = {topic: len(await producer.partitions_for(topic)) for topic in topics}
    parts: dict[tuple[str, int], list[Outgoing]] = {}
    for row in rows:
        topic = row.envelope.topic
        partition = (murmur2(row.key) & 0x7FFFFFFF) % counts[topic]
        parts.setdefault((topic, partition), []).append(row)
    return parts


async def _send_partition(
    producer: AIOKafkaProducer, topic: str, partition: int, rows: list[Outgoing]
) -> tuple[list[Outgoing], Exception | None]:
    """Send one partition's rows in order, one batch in flight; stop at the first fault, keep what was acknowledged.

    A refused batch is narrowed until the record at fault stands alone.
    """
    sent: list[Outgoing] = []
    limit = len(rows)
    while len(sent) < len(rows):
        batch, taken = _fill(producer, rows[len(sent) : len(sent) + limit])
        try:
            async with asyncio.timeout(_SEND_DEADLINE_SECONDS):
                await (await producer.send_batch(batch, topic, partition=partition))
        except _REFUSED as cause:
            if len(taken) == 1:
                return sent, Refused(taken[0], cause)
            limit = len(taken) // 2
        except (KafkaError, OSError, TimeoutError) as fault:
            return sent, fault
        else:
            sent += taken
            failpoints.reached("relay.partition-acknowledged")
    return sent, None


def _fill(producer: AIOKafkaProducer, rows: Sequence[Outgoing]) -> tuple[BatchBuilder, list[Outgoing]]:
    """Fill one batch with as many rows as it holds, in order; a batch always takes its first row."""
    batch = producer.create_batch()
    taken: list[Outgoing] = []
    for row in rows:
        headers = row.envelope.headers()
        if batch.append(key=row.key, value=row.payload, timestamp=None, headers=headers) is None:
            break
        taken.append(row)
    batch.close()
    return batch, taken
