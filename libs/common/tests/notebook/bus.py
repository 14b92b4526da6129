"""The broker as a test looks at it: what a topic holds, how far a group has read, and records of any shape."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from common.consumer import Consumer
from common.inbox import Inbox
from common.relay import Relay
from common.retention import DEFAULT, Keeping
from common.subscriptions import follow, on
from common.testing.harness import ServiceUnderTest

from .contracts import NoteState, written_on
from .effects import Reader
from .tables import NoteCopy

PARTITIONS = 6
Headers = Sequence[tuple[str, bytes | None]]


def relay_of(service: ServiceUnderTest, broker: str, *, max_buckets: int = 16, keeping: Keeping = DEFAULT) -> Relay:
    """Return a relay of a service, as its process makes one."""
    return Relay(
        service.runtime.database,
        bootstrap=broker,
        source="/coorace/notebook",
        max_buckets=max_buckets,
        keeping=keeping,
    )


def consumer_of(service: ServiceUnderTest, broker: str, topic: str, reader: Reader) -> Consumer:
    """Return a consumer that copies and reads the notes of a topic. Its group bears the topic's name."""
    fact = written_on(topic)
    inbox = Inbox(topic, (follow(NoteState, into=NoteCopy, contracts=(fact,)), on(fact, reader.handle)))
    return Consumer(service.runtime.database, inbox, bootstrap=broker)


@asynccontextmanager
async def _looking(broker: str, topic: str, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    client = AIOKafkaConsumer(
        bootstrap_servers=broker, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await client.start()
    try:
        client.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        yield client
    finally:
        await client.stop()


async def records(broker: str, topic: str) -> list[ConsumerRecord]:
    """Return all that a topic holds now, partition by partition."""
    async with _looking(broker, topic) as client:
        ends = await client.end_offsets(client.assignment())
        found: list[ConsumerRecord] = []
        while len(found) < sum(ends.values()):
            for batch in (await client.getmany(timeout_ms=1_000)).values():
                found += batch
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def has_read_everything(broker: str, topic: str) -> bool:
    """Tell whether the topic's consumer has committed the end of every partition that holds something."""
    async with _looking(broker, topic, group=topic) as client:
        ends = await client.end_offsets(client.assignment())
        return all([end in (0, await client.committed(partition)) for partition, end in ends.items()])


async def deliver_again(broker: str, topic: str) -> None:
    """Send all that a topic holds once more, to the same partitions, as a consumer meets it that lost its offsets."""
    held = await records(broker, topic)
    await produce(broker, topic, *((one.partition, one.key, one.value, one.headers) for one in held))


async def produce(broker: str, topic: str, *sent: tuple[int, bytes | None, bytes | None, Headers]) -> None:
    """Send records as they are: partition, key, value, headers."""
    async with AIOKafkaProducer(bootstrap_servers=broker) as producer:
        for partition, key, value, headers in sent:
            await producer.send_and_wait(topic, value, key, partition=partition, headers=list(headers))
