"""The broker behind a link, on both lanes: clients have no way round it, and an answer is lost after the append."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from chaos.faults.kafka_proxy import KafkaProxy
from chaos.faults.proxy import HOST
from devstack.broker import Lane, choose_lane, start_broker
from devstack.ports import free_port

TOPIC = "membership.member"
PARTITION = TopicPartition(TOPIC, 0)


@dataclass(frozen=True)
class Stage:
    """A broker and a link to it."""

    link: KafkaProxy
    bootstrap: str
    """The broker's own address."""


@pytest.fixture(scope="module", params=sorted({"embedded", choose_lane().lane}))
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    lane: Lane = request.param
    folder: Path = tmp_path_factory.mktemp("kafka")
    port = free_port()
    async with KafkaProxy(port) as link:
        broker = await asyncio.to_thread(start_broker, lane, folder, port, {TOPIC: 1})
        yield Stage(link, broker.bootstrap)
        await asyncio.to_thread(broker.stop)


@pytest.fixture
async def producer(stage: Stage) -> AsyncIterator[AIOKafkaProducer]:
    """It knows the link alone."""
    async with AIOKafkaProducer(
        bootstrap_servers=f"{HOST}:{stage.link.port}", acks="all", request_timeout_ms=5_000, retry_backoff_ms=50
    ) as producer:
        yield producer
        await stage.link.heal()


async def values(stage: Stage, after: int) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=stage.bootstrap) as consumer:
        consumer.assign([PARTITION])
        consumer.seek(PARTITION, after)
        end = (await consumer.end_offsets([PARTITION]))[PARTITION]
        return [(await consumer.getone()).value for _ in range(end - after)]


async def test_a_client_of_the_link_stays_on_it_whatever_the_broker_advertises(
    stage: Stage, producer: AIOKafkaProducer
) -> None:
    await producer.send_and_wait(TOPIC, b"before")
    stage.link.cut()
    sending = await producer.send(TOPIC, b"meanwhile")
    assert not (await asyncio.wait([sending], timeout=0.5))[0]
    await stage.link.heal()
    await asyncio.wait_for(sending, 10)


async def test_a_lost_answer_leaves_the_record_appended_and_sent_again(
    stage: Stage, producer: AIOKafkaProducer
) -> None:
    first = (await producer.send_and_wait(TOPIC, b"first")).offset
    lost = stage.link.lose_next_produce_answer()
    again = await producer.send_and_wait(TOPIC, b"again")
    assert lost.is_set()
    await producer.send_and_wait(TOPIC, b"last")
    assert await values(stage, first) == [b"first", b"again", b"again", b"last"]
    assert again.offset == first + 2


async def test_other_requests_keep_their_answers(stage: Stage, producer: AIOKafkaProducer) -> None:
    """And a loss that has not come is called off."""
    first = (await producer.send_and_wait(TOPIC, b"first")).offset
    lost = stage.link.lose_next_produce_answer()
    assert await values(stage, first) == [b"first"]
    assert not lost.is_set()
    await stage.link.heal()
    await producer.send_and_wait(TOPIC, b"last")
    assert await values(stage, first) == [b"first", b"last"]


async def test_large_records_pass(stage: Stage, producer: AIOKafkaProducer) -> None:
    large = bytes(900_000)
    first = (await producer.send_and_wait(TOPIC, large)).offset
    assert await values(stage, first) == [large]
