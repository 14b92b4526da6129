"""The mock cluster does what it is told: refuses, falls, comes back, gives its partitions and groups to another."""

from collections.abc import AsyncIterator, Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from devstack.embedded_broker import Api, MockCluster, Refusal
from devstack.errors import StackError

TOPIC = "membership.member"


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    with MockCluster({TOPIC: 1}, brokers=2) as cluster:
        yield cluster


@pytest.fixture
async def producer(cluster: MockCluster) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all", request_timeout_ms=2_000) as producer:
        yield producer


async def send(producer: AIOKafkaProducer, value: bytes = b"x") -> int:
    return int((await producer.send_and_wait(TOPIC, value)).offset)


async def test_a_refusal_is_answered_once(cluster: MockCluster, producer: AIOKafkaProducer) -> None:
    cluster.refuse_next(Api.PRODUCE, Refusal.MESSAGE_TOO_LARGE)
    with pytest.raises(MessageSizeTooLargeError):
        await send(producer)
    assert await send(producer) == 0


async def test_refusals_that_pass_are_tried_again(cluster: MockCluster, producer: AIOKafkaProducer) -> None:
    """The one that must not pass, behind them, proves that they were answered."""
    cluster.refuse_next(
        Api.PRODUCE, Refusal.NOT_ENOUGH_REPLICAS, Refusal.NOT_LEADER_OR_FOLLOWER, Refusal.MESSAGE_TOO_LARGE
    )
    with pytest.raises(MessageSizeTooLargeError):
        await send(producer)


async def test_a_broker_that_is_down_answers_nothing_and_forgets_nothing(
    cluster: MockCluster, producer: AIOKafkaProducer
) -> None:
    assert await send(producer) == 0
    for broker in (1, 2):
        cluster.take_down(broker)
    with pytest.raises(KafkaError):
        await send(producer)
    for broker in (1, 2):
        cluster.bring_up(broker)
    assert await send(producer) >= 1


async def test_a_partition_goes_to_another_broker(cluster: MockCluster, producer: AIOKafkaProducer) -> None:
    cluster.move_leader(TOPIC, 0, 1)
    assert await send(producer) == 0
    cluster.move_leader(TOPIC, 0, 2)
    assert await send(producer) == 1
    cluster.take_down(1)
    assert await send(producer) == 2


async def test_a_group_goes_to_another_coordinator(cluster: MockCluster, producer: AIOKafkaProducer) -> None:
    """Positions kept by the former are read from the new one, which alone is left."""
    partition = TopicPartition(TOPIC, 0)
    cluster.move_leader(TOPIC, 0, 2)
    cluster.move_coordinator("dues", 1)
    await send(producer)
    async with AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap, group_id="dues") as consumer:
        consumer.assign([partition])
        await consumer.commit({partition: 1})
        cluster.move_coordinator("dues", 2)
        cluster.take_down(1)
        await consumer.commit({partition: 1})
        assert await consumer.committed(partition) == 1


def test_what_the_cluster_does_not_know_is_refused(cluster: MockCluster) -> None:
    with pytest.raises(StackError, match="Le courtier embarqué refuse"):
        cluster.take_down(3)
