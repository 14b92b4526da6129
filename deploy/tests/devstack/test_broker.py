"""The broker's lanes: which one a machine gets, and that each carries records."""

from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from devstack.broker import Broker, LaneChoice, Machine, choose_lane, decide_lane, start_broker
from devstack.errors import StackError
from devstack.ports import free_port

EQUIPPED = Machine(java=17, maven=True, jars=False)
BARE = Machine(java=None, maven=False, jars=False)


@pytest.mark.parametrize(
    ("forced", "machine", "choice"),
    [
        pytest.param(None, EQUIPPED, LaneChoice("apache", "Java 17 répond"), id="Java 17 et Maven"),
        pytest.param(None, Machine(21, False, True), LaneChoice("apache", "Java 21 répond"), id="fichiers déjà là"),
        pytest.param(None, Machine(21, False, False), LaneChoice("embedded", "Maven ne répond pas"), id="sans Maven"),
        pytest.param(
            None,
            Machine(11, True, True),
            LaneChoice("embedded", "Java 11 est trop ancien (17 au moins)"),
            id="Java trop ancien",
        ),
        pytest.param(None, BARE, LaneChoice("embedded", "Java ne répond pas"), id="sans Java"),
        pytest.param("embedded", EQUIPPED, LaneChoice("embedded", "BROKER=embedded"), id="imposé : de test"),
        pytest.param("apache", EQUIPPED, LaneChoice("apache", "BROKER=apache"), id="imposé : Apache"),
    ],
)
def test_lane(forced: str | None, machine: Machine, choice: LaneChoice) -> None:
    assert decide_lane(forced, machine) == choice


@pytest.mark.parametrize(
    ("forced", "machine", "message"),
    [
        pytest.param("apache", BARE, "BROKER=apache est impossible ici : Java ne répond pas", id="Apache sans Java"),
        pytest.param("redpanda", EQUIPPED, "BROKER=redpanda n'existe pas", id="inconnu"),
    ],
)
def test_lane_refused(forced: str, machine: Machine, message: str) -> None:
    with pytest.raises(StackError, match=message):
        decide_lane(forced, machine)


async def consume(bootstrap: str, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(
        "membership.member", bootstrap_servers=bootstrap, group_id="dues", auto_offset_reset="earliest"
    )
    async with consumer:
        records = [await consumer.getone() for _ in range(count)]
        await consumer.commit()
        assert len(consumer.assignment()) == 3
    return sorted(record.value for record in records)


async def assert_carries_records(broker: Broker) -> None:
    values = [b"%d" % number for number in range(20)]
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        for value in values:
            await producer.send_and_wait("membership.member", value, key=value)
    assert await consume(broker.bootstrap, len(values)) == sorted(values)


async def test_the_embedded_broker_carries_records_on_the_port_asked_for(tmp_path: Path) -> None:
    port = free_port()
    broker = start_broker("embedded", tmp_path, port, {"membership.member": 3})
    try:
        assert broker.bootstrap == f"127.0.0.1:{port}"
        await assert_carries_records(broker)
    finally:
        broker.stop()


async def test_the_broker_that_this_machine_gets_carries_records(tmp_path: Path) -> None:
    broker = start_broker(choose_lane().lane, tmp_path, free_port(), {"membership.member": 3})
    try:
        await assert_carries_records(broker)
    finally:
        broker.stop()


async def test_the_broker_comes_back_after_a_kill(tmp_path: Path) -> None:
    lane, port, topics = choose_lane().lane, free_port(), {"membership.member": 3}
    start_broker(lane, tmp_path, port, topics).kill()
    broker = start_broker(lane, tmp_path, port, topics)
    try:
        await assert_carries_records(broker)
    finally:
        broker.stop()
