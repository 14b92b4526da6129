"""The relay: sends committed facts to the broker, in order per aggregate, until each is acknowledged.

It claims the outbox by hash bucket under a session advisory lock (never an id cursor: a slow transaction may commit a
lower id late; never SKIP LOCKED across relays: it reorders). A relay that lost its lock and still sends can only cause
late duplicates, which every inbox drops. A send that timed out is unknown, not failed: it is sent again.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from opentelemetry.trace import SpanKind

from common import archive, failpoints, retention, telemetry
from common.database_sessions import BUCKET_LOCKS
from common.db import Database
from common.events import Envelope
from common.outbox import BUCKETS
from common.retention import Keeping
from common.sending import SEND_DEADLINE_SECONDS, Destinations, Outgoing, Refused, new_producer, send_partition
from common.upkeep import Upkeep
from common.waiting import first_of, within

_CLAIM_ROWS = 1_000
_STOP_DEADLINE_SECONDS = 5.0
_IDLE_SECONDS = 0.25
_STANDBY_SECONDS = 1.0
_SESSION_LIMITS = {"idle_session_timeout": "60s"}
"""A relay that lives asks every second; one that is frozen or cut off gives its buckets up."""

_CLAIM = """
SELECT o.id, o.event_id, o.topic, o.aggregate_id, o.sequence, o.type, o.payload, o.traceparent,
       o.occurred_at, o.recorded_at, o.replayed, o.dropped_through
FROM event_outbox o
WHERE o.bucket = ANY($1::smallint[]) AND o.topic <> ALL($3::text[])
  AND NOT EXISTS (SELECT 1 FROM event_outbox q WHERE q.quarantined_at IS NOT NULL
                  AND q.topic = o.topic AND q.aggregate_id = o.aggregate_id)
ORDER BY o.id LIMIT $2
"""
_QUARANTINE = "UPDATE event_outbox SET quarantined_at = clock_timestamp(), fault = $2 WHERE id = $1"

log = structlog.get_logger(__name__)


class Relay:
    """One relay process: owns buckets, sends their rows, moves what was acknowledged to the archive."""

    def __init__(
        self,
        database: Database,
        *,
        bootstrap: str,
        source: str,
        max_buckets: int = BUCKETS,
        keeping: Keeping = retention.DEFAULT,
    ) -> None:
        self._database = database
        self._bootstrap = bootstrap
        self._source = source
        self._max_buckets = max_buckets
        self._keeping = keeping
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
        connection = await self._database.connect(_SESSION_LIMITS)
        producer = new_producer(self._bootstrap)
        destinations = Destinations(producer)
        try:
            async with asyncio.timeout(SEND_DEADLINE_SECONDS):
                await producer.start()
            self._hold(())
            await self._cycles(connection, producer, destinations, stop)
        finally:
            self._hold(None)
            destinations.close()
            await within(_STOP_DEADLINE_SECONDS, producer.stop())
            connection.terminate()

    async def _cycles(
        self,
        connection: asyncpg.Connection,
        producer: AIOKafkaProducer,
        destinations: Destinations,
        stop: asyncio.Event,
    ) -> None:
        owned: list[int] = []
        upkeep = Upkeep(connection, self._keeping)
        while not stop.is_set():
            self._wakeup.clear()
            owned = await self._claim_buckets(connection, owned)
            self._hold(tuple(owned))
            sent = 0
            if owned:
                await upkeep.turn(alone=0 in owned)
                sent = await self._cycle(connection, producer, destinations, owned)
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

    async def _cycle(
        self,
        connection: asyncpg.Connection,
        producer: AIOKafkaProducer,
        destinations: Destinations,
        owned: list[int],
    ) -> int:
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
                    dropped_through=row["dropped_through"],
                ),
                payload=row["payload"],
                recorded_at=row["recorded_at"],
                replayed=row["replayed"],
            )
            for row in await connection.fetch(_CLAIM, owned, _CLAIM_ROWS, destinations.missing)
        ]
        if not rows:
            return 0
        failpoints.reached("relay.claimed")
        started_at = time.time_ns()
        parts = await destinations.parts(rows)
        results = await asyncio.gather(
            *(send_partition(producer, topic, partition, part) for (topic, partition), part in parts.items())
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
