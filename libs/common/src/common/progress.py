"""How far a consumer has read: how many records it has not settled, and how old what it has not settled is."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from common import telemetry

_POSITION_SECONDS = 0.1


class Progress:
    """Where one consumer stands. It says so itself, after each poll; its age is reckoned when somebody asks."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._client: Any = None
        self._in_hand: float | None = None
        """The instant of the oldest record polled and not settled."""
        self._current_at: float | None = None
        """The latest instant up to which everything is known to be settled."""
        self._polled_at = 0.0
        self.unread = 0
        """Records not settled, as of the last poll."""
        self.outcomes: Counter[str] = Counter()
        """What became of the records that this process has read."""

    def attach(self, client: AIOKafkaConsumer | None) -> None:
        """Note which client reads from now on; None when there is none."""
        self._client = client
        telemetry.CONSUMER_LAG_SECONDS.labels(self._consumer).set_function(self.lag_seconds)

    @property
    def has_polled(self) -> bool:
        """Whether the broker has been asked at all: before, nobody knows what is not read."""
        return self._polled_at > 0

    @property
    def partitions(self) -> int:
        """How many partitions the group gave this consumer."""
        return len(self._assignment())

    def _assignment(self) -> set[TopicPartition]:
        return self._client.assignment() if self._client else set()

    async def polled(self, records: Sequence[ConsumerRecord]) -> None:
        """Note that a poll brought these records, and that none of them is settled yet."""
        self._in_hand = min((record.timestamp / 1000 for record in records), default=None)
        await self._count_unread(len(records))

    async def settled(self, records: Sequence[ConsumerRecord]) -> None:
        """Note that these records, all that the last poll brought, are applied or set aside."""
        self._in_hand = None
        newest = max((record.timestamp / 1000 for record in records), default=None)
        await self._count_unread(0)
        self._current_at = time.time() if self.unread == 0 else newest or self._current_at

    def count(self, outcome: str, number: int) -> None:
        """Note what became of so many records."""
        if number:
            self.outcomes[outcome] += number
            telemetry.CONSUMED.labels(self._consumer, outcome).inc(number)

    async def _count_unread(self, in_hand: int) -> None:
        self._polled_at = time.time()
        self.unread = in_hand
        client = self._client
        for partition in list(self._assignment()):
            if partition not in self._assignment():
                continue  # a rebalance took it away meanwhile
            end = client.highwater(partition)
            if end is not None:
                self.unread += max(0, end - await self._position(partition, end))
        telemetry.CONSUMER_LAG.labels(self._consumer).set(self.unread)

    async def _position(self, partition: TopicPartition, end: int) -> int:
        """Return where the client reads; the end while it cannot say, because it waits for the broker's word."""
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(_POSITION_SECONDS):
                return int(await self._client.position(partition))
        return end

    def lag_seconds(self) -> float:
        """Return the age of the oldest record not settled (at most: that of the last one settled); 0 without any."""
        if self._in_hand is not None:
            return max(0.0, time.time() - self._in_hand)
        if self.unread == 0 or self._current_at is None:
            return 0.0
        return max(0.0, time.time() - self._current_at)

    def silent_seconds(self) -> float:
        """Return since when nothing was polled, or the broker gave no answer about one of the partitions."""
        answers = [self._polled_at]
        answers += [(self._client.last_poll_timestamp(one) or 0) / 1000 for one in self._assignment()]
        return max(0.0, time.time() - min(answers))


class CountsRebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Counts how often the group shares its partitions out anew."""

    def __init__(self, consumer: str) -> None:
        self._rebalances = telemetry.REBALANCES.labels(consumer)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Offsets are committed with each batch."""

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Count."""
        self._rebalances.inc()
