"""Apache Kafka on this machine: one KRaft node, its jars fetched from Maven Central into a cache."""

import base64
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path
from xml.etree import ElementTree

from devstack.errors import StackError
from devstack.ports import free_port
from devstack.processes import Program, run
from devstack.settings import ROOT

POM = ROOT / "deploy" / "kafka" / "pom.xml"
LEAST_JAVA = 17

JVM_OPTIONS = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",  # a short-lived broker gains more from a quick start than from full optimisation
    "-XX:+ExitOnOutOfMemoryError",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
)


def java_version() -> int | None:
    """The major version of the ``java`` that answers on this machine."""
    if not shutil.which("java"):
        return None
    result = subprocess.run(("java", "-version"), capture_output=True, text=True, check=False)  # noqa: S607
    found = re.search(r'version "(\d+)', result.stderr)
    return int(found[1]) if found and result.returncode == 0 else None


def maven_answers() -> bool:
    """Whether jars could be fetched."""
    return shutil.which("mvn") is not None


def kafka_version() -> str:
    """The version that deploy/kafka/pom.xml pins."""
    version = ElementTree.parse(POM).findtext(".//{*}kafka.version")  # noqa: S314  # our own file
    if version is None:
        raise StackError(f"{POM} ne dit pas la version de Kafka (kafka.version).")
    return version


def jars_folder() -> Path:
    """Where this version's jars are kept, for every clone on the machine."""
    cache = Path(os.environ.get("COORACE_CACHE") or "~/.cache/coorace").expanduser()
    return cache / "kafka" / kafka_version()


def jars_present() -> bool:
    """Whether the jars have been fetched; a fetch that was cut off leaves no folder."""
    return jars_folder().is_dir()


def fetch_jars() -> None:
    """Fetch the jars unless they are there (about 45 MB)."""
    if jars_present():
        return
    folder = jars_folder()
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={partial}")
    try:
        run(("mvn", "--batch-mode", "--quiet", f"--file={POM}", *goal))
        if not jars_present():
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def prepare_node(data_dir: Path, port: int) -> Path:
    """Write the node's configuration for ``port`` and format its storage once; give the configuration's path."""
    data_dir.mkdir(parents=True, exist_ok=True)
    configuration = data_dir / f"node-{port}.properties"
    configuration.write_text(_properties(data_dir, port, controller_port=free_port()))
    if not (data_dir / "data" / "meta.properties").exists():
        shutil.rmtree(data_dir / "data", ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # `=` keeps a cluster id that begins with `-` from being read as an option.
        run((*_java("kafka.tools.StorageTool"), "format", f"--cluster-id={cluster}", f"--config={configuration}"))
    return configuration


def node_program(data_dir: Path, port: int, log: Path) -> Program:
    """The broker's command line, for a node that ``prepare_node`` has prepared."""
    return Program(
        name="kafka",
        command=(*_java("kafka.Kafka"), str(data_dir / f"node-{port}.properties")),
        log=log,
        cwd=data_dir,
    )


def _java(main: str) -> tuple[str, ...]:
    return ("java", *JVM_OPTIONS, "-cp", f"{jars_folder()}/*", main)


def _properties(data_dir: Path, port: int, controller_port: int) -> str:
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        # Static voters: the quorum's address stands in this file alone, so a start may choose another port.
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        # A killed broker may come back once its lease has run out: 3 s instead of 9.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "log.dirs": str(data_dir / "data"),
        "auto.create.topics.enable": "false",
        "log.message.timestamp.type": "LogAppendTime",  # as `coorace topics create` asks for each topic
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "3000",  # a reader that was killed finds its seat free soon
        "offsets.topic.num.partitions": "8",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())
