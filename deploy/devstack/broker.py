"""The broker in its two lanes: real Apache Kafka, or librdkafka's test broker where there is no Java."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from devstack import apache
from devstack.errors import StackError
from devstack.processes import Program, Running, launch, wait_for, wait_until_ready

Lane = Literal["apache", "embedded"]

LANE_NAMES: dict[Lane, str] = {
    "apache": "Apache Kafka",
    "embedded": "courtier de test de librdkafka, en mémoire",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides the lane: the Java that answers, whether Maven does, whether Kafka's jars are there already."""

    java: int | None
    maven: bool
    jars: bool


@dataclass(frozen=True, slots=True)
class LaneChoice:
    """A lane and the reason shown for it."""

    lane: Lane
    reason: str


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker. ``bootstrap`` is its address, to which it sends its clients too."""

    bootstrap: str
    lane: Lane
    running: Running

    @property
    def pid(self) -> int:
        """The broker's process."""
        return self.running.pid

    def stop(self) -> None:
        """End the broker; Apache Kafka keeps its records for the next start, the embedded one loses them."""
        self.running.stop()

    def kill(self) -> None:
        """End the broker as a power cut would."""
        self.running.kill()


def choose_lane(forced: str | None = None) -> LaneChoice:
    """The lane for this machine; ``forced``, else BROKER in the environment, imposes one."""
    machine = Machine(apache.java_version(), apache.maven_answers(), apache.jars_present())
    return decide_lane(forced or os.environ.get("BROKER") or None, machine)


def decide_lane(forced: str | None, machine: Machine) -> LaneChoice:
    """Apache Kafka wherever Java 17 answers and its jars can be had; else the embedded broker."""
    obstacle = _obstacle(machine)
    if forced is None:
        if obstacle is None:
            return LaneChoice("apache", f"Java {machine.java} répond")
        return LaneChoice("embedded", obstacle)
    if forced == "embedded":
        return LaneChoice("embedded", "BROKER=embedded")
    if forced != "apache":
        raise StackError(f"BROKER={forced} n'existe pas : BROKER=apache ou BROKER=embedded.")
    if obstacle is not None:
        raise StackError(f"BROKER=apache est impossible ici : {obstacle}.")
    return LaneChoice("apache", "BROKER=apache")


def start_broker(
    lane: Lane,
    data_dir: Path,
    port: int,
    topics: Mapping[str, int],
    *,
    environment: Mapping[str, str] | None = None,
) -> Broker:
    """Start a broker on 127.0.0.1:``port`` with ``topics`` (name to partitions); return when it serves them.

    ``environment`` is added to ours. The log is ``data_dir/kafka.log``. On the apache lane the
    same ``data_dir`` finds its records again.
    """
    program = broker_program(lane, data_dir, port, topics, data_dir / "kafka.log")
    program = replace(program, environment=environment or {})
    running = launch(program)
    bootstrap = f"127.0.0.1:{port}"
    wait_until_ready(lambda: answers(bootstrap), running, program, seconds=60)
    if lane == "apache":
        _create_missing_topics(bootstrap, topics)
    return Broker(bootstrap, lane, running)


def broker_program(lane: Lane, data_dir: Path, port: int, topics: Mapping[str, int], log: Path) -> Program:
    """Prepare the broker's folder and give its command line. Only the embedded broker is told its topics so."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if lane == "apache":
        apache.fetch_jars()
        apache.prepare_node(data_dir, port)
        return apache.node_program(data_dir, port, log)
    listed = [f"{name}:{partitions}" for name, partitions in sorted(topics.items())]
    return Program(
        name="kafka",
        command=(sys.executable, "-m", "devstack.embedded_broker", "--port", str(port), "--topics", *listed),
        log=log,
        cwd=data_dir,
    )


def answers(bootstrap: str) -> bool:
    """Whether a broker at ``bootstrap`` gives its metadata now."""
    try:
        return bool(_admin(bootstrap).list_topics(timeout=1).brokers)
    except KafkaException:
        return False


def forget_reading(bootstrap: str, service: str) -> None:
    """Forget how far ``service`` has read, so that it reads every topic again. Its consumer group bears its name.

    Tried for a minute: the group's coordinator may still be loading, or hold the seat of a process just stopped.
    """
    if not wait_for(lambda: _group_is_gone(bootstrap, service), seconds=60):
        raise StackError(f"Kafka garde la position de lecture de {service} : un processus la tient-il encore ?")


def _group_is_gone(bootstrap: str, group: str) -> bool:
    admin = _admin(bootstrap)  # named, because answers stop coming once it is collected
    try:
        admin.delete_consumer_groups([group], request_timeout=5)[group].result(timeout=10)
    except KafkaException as error:
        return bool(error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND)
    return True


def _create_missing_topics(bootstrap: str, topics: Mapping[str, int]) -> None:
    admin = _admin(bootstrap)
    existing = admin.list_topics(timeout=10).topics
    missing = [NewTopic(name, partitions, 1) for name, partitions in topics.items() if name not in existing]
    if missing:
        for created in admin.create_topics(missing).values():
            created.result(timeout=30)


def _admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})


def _obstacle(machine: Machine) -> str | None:
    """What keeps Apache Kafka from running here."""
    if machine.java is None:
        return "Java ne répond pas"
    if machine.java < apache.LEAST_JAVA:
        return f"Java {machine.java} est trop ancien ({apache.LEAST_JAVA} au moins)"
    if not (machine.maven or machine.jars):
        return "Maven ne répond pas"
    return None
