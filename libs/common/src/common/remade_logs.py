"""Notices a topic that was deleted and made again under its reader: the same offsets, other records.

The broker says nothing to a reader whose place the new log has already passed: it would go on from there and never see
what stands before. Times tell. The broker dates records itself (``topics``), so nothing later than all that was read
stands at or before the place reached; where something does, the log is another one. A clock that went back can look
like that too: the log is then read again for nothing, and the inbox drops it all.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

_ANSWER_SECONDS = 2.0
"""aiokafka asks without end about a topic that does not exist."""


class _Read(NamedTuple):
    offset: int
    newest_ms: int


class RemadeLogs:
    """What one consumer has read of each log, in the broker's times."""

    def __init__(self) -> None:
        self._read: dict[TopicPartition, _Read] = {}
        self._vouched: dict[TopicPartition, _Read] = {}
        """What was read when the log was last looked at: it may have been made again since, and read on."""

    def settled(self, batches: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        """Note what was read to its end."""
        for partition, batch in batches.items():
            if not batch:
                continue
            newest = max(record.timestamp for record in batch)
            before = self._read.get(partition)
            if before and before.offset < batch[0].offset:
                newest = max(newest, before.newest_ms)
            self._read[partition] = _Read(batch[-1].offset, newest)
            self._vouched.setdefault(partition, self._read[partition])

    async def read_again(self, client: AIOKafkaConsumer) -> list[TopicPartition]:
        """Send the client back to the beginning of each log that is another one by now; return those.

        Raises KafkaError or TimeoutError when the broker does not answer: the next look tries again.
        """
        vouched = {one: self._vouched[one] for one in client.assignment() & self._vouched.keys()}
        if not vouched:
            return []
        async with asyncio.timeout(_ANSWER_SECONDS):
            later = await client.offsets_for_times({one: read.newest_ms + 1 for one, read in vouched.items()})
        remade = [one for one, first in later.items() if first and first.offset <= vouched[one].offset]
        if remade:
            await self._start_over(client, remade)
        for partition in vouched:
            if partition in remade:
                del self._read[partition], self._vouched[partition]
            else:
                self._vouched[partition] = self._read[partition]
        return remade

    async def _start_over(self, client: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        """Read from the beginning; whoever takes a partition over does too: what was committed was of another log."""
        async with asyncio.timeout(_ANSWER_SECONDS):
            beginnings = await client.beginning_offsets(partitions)
        for partition, offset in beginnings.items():
            client.seek(partition, offset)
        await client.commit(beginnings)
