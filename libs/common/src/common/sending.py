"""How rows of the outbox reach the broker: one batch in flight per partition, in order, each with a deadline."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

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

from common import failpoints
from common.events import Envelope

SEND_DEADLINE_SECONDS = 15.0
_NO_MORE_BATCHES_SECONDS = 15.0
"""After that a claim is not taken further: the relay shows its database again that it lives."""
_BATCH_BYTES = 1_000_000
"""Holds the largest payload the outbox accepts, with its headers, under the broker's 1 MiB."""
_LOOK_UP_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 1.0
_REFUSED = (MessageSizeTooLargeError, RecordTooLargeError, InvalidMessageError, CorruptRecordException)

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


def new_producer(bootstrap: str) -> AIOKafkaProducer:
    """Make the relay's producer, not started."""
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


class Destinations:
    """How many partitions each topic has. One that the broker lacks is looked for aside: only its rows wait for it."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._counts: dict[str, int] = {}
        self._searches: dict[str, asyncio.Task[None]] = {}

    @property
    def missing(self) -> list[str]:
        """The topics still looked for."""
        return [topic for topic, search in self._searches.items() if not search.done()]

    async def parts(self, rows: Iterable[Outgoing]) -> dict[tuple[str, int], list[Outgoing]]:
        """Sort rows by topic and partition, in order; those of a missing topic are left out."""
        rows = list(rows)
        await self._look_up({row.envelope.topic for row in rows})
        parts: dict[tuple[str, int], list[Outgoing]] = {}
        for row in rows:
            topic = row.envelope.topic
            if topic in self._counts:
                partition = (murmur2(row.key) & 0x7FFFFFFF) % self._counts[topic]
                parts.setdefault((topic, partition), []).append(row)
        return parts

    async def _look_up(self, topics: set[str]) -> None:
        new = topics - self._searches.keys()
        for topic in new:
            self._searches[topic] = asyncio.ensure_future(self._search(topic))
        if new:
            await asyncio.wait([self._searches[topic] for topic in new], timeout=_LOOK_UP_SECONDS)
            absent = new - self._counts.keys()
            if absent:
                log.error("topics_missing", topics=sorted(absent))
        for search in self._searches.values():
            if search.done():
                search.result()

    async def _search(self, topic: str) -> None:
        while topic not in self._counts:
            try:
                self._counts[topic] = len(await self._producer.partitions_for(topic))
            except KafkaError:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    def close(self) -> None:
        """Look no further."""
        for search in self._searches.values():
            search.cancel()


async def send_partition(
    producer: AIOKafkaProducer, topic: str, partition: int, rows: list[Outgoing]
) -> tuple[list[Outgoing], Exception | None]:
    """Send one partition's rows in order, one batch in flight; stop at the first fault, keep what was acknowledged.

    A refused batch is narrowed until the record at fault stands alone. What a slow broker leaves is for the next claim.
    """
    loop = asyncio.get_running_loop()
    last_batch_at = loop.time() + _NO_MORE_BATCHES_SECONDS
    sent: list[Outgoing] = []
    limit = len(rows)
    while len(sent) < len(rows) and loop.time() < last_batch_at:
        batch, taken = _fill(producer, rows[len(sent) : len(sent) + limit])
        try:
            async with asyncio.timeout(SEND_DEADLINE_SECONDS):
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
