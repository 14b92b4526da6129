"""librdkafka's test broker, in a process of its own or in a test's: memory only, and it refuses on demand.

``python -m devstack.embedded_broker --port N --topics name:partitions …`` serves until SIGTERM or SIGINT. It speaks
Kafka's protocol, keeps 5 MiB a partition and has no administration API, which is why its topics are given here.
Its C functions come with the `confluent-kafka` wheel and have no Python face.
"""

import argparse
import ctypes
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from functools import cache
from types import TracebackType
from typing import Self

import psutil
from confluent_kafka import cimpl

from devstack.errors import StackError

REBALANCE_DELAY_MS = 50

_PRODUCER = 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="devstack.embedded_broker")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--topics", nargs="*", default=[], type=_topic)
    options = parser.parse_args(arguments)
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # before librdkafka's threads, which inherit it
    with MockCluster(dict(options.topics)) as cluster:
        cluster.listen_on(options.port)
        signal.sigwait(stops)


class Api(IntEnum):
    """Requests of Kafka's protocol, by their key."""

    PRODUCE = 0
    FETCH = 1
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    SYNC_GROUP = 14


class Refusal(IntEnum):
    """Errors of Kafka's protocol, by their code. All but the first are over after a while: clients try again."""

    MESSAGE_TOO_LARGE = 10
    NOT_LEADER_OR_FOLLOWER = 6
    REQUEST_TIMED_OUT = 7
    COORDINATOR_LOAD_IN_PROGRESS = 14
    COORDINATOR_NOT_AVAILABLE = 15
    NOT_COORDINATOR = 16
    NOT_ENOUGH_REPLICAS = 19
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20
    REBALANCE_IN_PROGRESS = 27


class MockCluster:
    """Brokers numbered from 1 on free ports of 127.0.0.1, with ``topics`` (name to partitions), until ``close``.

    Every partition's replicas stand on all brokers. Raises StackError when librdkafka cannot start it.
    """

    def __init__(self, topics: Mapping[str, int], brokers: int = 1) -> None:
        self._library = _library()
        reason = ctypes.create_string_buffer(512)
        configuration = self._library.rd_kafka_conf_new()
        for option, value in ((b"bootstrap.servers", b"127.0.0.1:1"), (b"log_level", b"0")):
            self._library.rd_kafka_conf_set(configuration, option, value, reason, len(reason))
        self._handle = self._library.rd_kafka_new(_PRODUCER, configuration, reason, len(reason))
        if not self._handle:
            raise StackError(f"Le courtier embarqué n'a pas pu démarrer : {reason.value.decode()}")
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._handle, brokers)
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, REBALANCE_DELAY_MS)
        # One by one each would wait, up to a second, until librdkafka's thread looks again: together they wait once.
        with ThreadPoolExecutor(max_workers=max(1, len(topics))) as pool:
            made = [pool.submit(self._make_topic, name, partitions, brokers) for name, partitions in topics.items()]
        for topic in made:
            topic.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def bootstrap(self) -> str:
        """Addresses of the brokers, as librdkafka chose them: ``listen_on`` does not change what this says."""
        return str(self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode())

    def listen_on(self, port: int) -> None:
        """Move a cluster of one broker to ``port``, and send its clients there.

        librdkafka always picks its own port: the listening descriptor is replaced by one bound to ours, and the
        thread that polls it never notices.
        """
        own_port = int(self.bootstrap.rpartition(":")[2])
        descriptor = next(
            connection.fd
            for connection in psutil.Process().net_connections("tcp4")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == own_port
        )
        with socket.create_server(("127.0.0.1", port)) as listener:
            listener.setblocking(False)
            os.dup2(listener.fileno(), descriptor)
        self._require(self._library.rd_kafka_mock_broker_set_host_port(self._cluster, 1, b"127.0.0.1", port))

    def refuse_next(self, api: Api, *refusals: Refusal) -> None:
        """Answer the next requests of ``api`` with ``refusals``, one request each, after those still waiting."""
        codes = (ctypes.c_int * len(refusals))(*refusals)
        self._library.rd_kafka_mock_push_request_errors_array(self._cluster, api, len(refusals), codes)

    def take_down(self, broker: int = 1) -> None:
        """Close the broker's connections, and those that are opened from now on. It forgets nothing."""
        self._require(self._library.rd_kafka_mock_broker_set_down(self._cluster, broker))

    def bring_up(self, broker: int = 1) -> None:
        """Let the broker answer again."""
        self._require(self._library.rd_kafka_mock_broker_set_up(self._cluster, broker))

    def move_coordinator(self, group: str, broker: int) -> None:
        """Make ``broker`` the coordinator of ``group``: the former one answers NOT_COORDINATOR from now on."""
        self._require(self._library.rd_kafka_mock_coordinator_set(self._cluster, b"group", group.encode(), broker))

    def move_leader(self, topic: str, partition: int, broker: int) -> None:
        """Make ``broker`` the leader of a partition: the former one answers NOT_LEADER_OR_FOLLOWER from now on."""
        self._require(
            self._library.rd_kafka_mock_partition_set_leader(self._cluster, topic.encode(), partition, broker)
        )

    def close(self) -> None:
        """End the brokers and their threads; their records go with them."""
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._handle)

    def _make_topic(self, name: str, partitions: int, replicas: int) -> None:
        self._require(self._library.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, replicas))

    def _require(self, error: int) -> None:
        if error:
            raise StackError(f"Le courtier embarqué refuse : {self._library.rd_kafka_err2str(error).decode()}")


@cache
def _library() -> ctypes.CDLL:
    """librdkafka, found through the extension module that is linked to it, with the signatures we call."""
    library = ctypes.CDLL(cimpl.__file__)
    pointer, integer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_int32, ctypes.c_char_p
    size, codes = ctypes.c_size_t, ctypes.POINTER(ctypes.c_int)
    signatures: dict[str, tuple[object, list[object]]] = {
        "conf_new": (pointer, []),
        "conf_set": (integer, [pointer, text, text, text, size]),
        "new": (pointer, [integer, pointer, text, size]),
        "destroy": (None, [pointer]),
        "err2str": (text, [integer]),
        "mock_cluster_new": (pointer, [pointer, integer]),
        "mock_cluster_destroy": (None, [pointer]),
        "mock_cluster_bootstraps": (text, [pointer]),
        "mock_topic_create": (integer, [pointer, text, integer, integer]),
        "mock_broker_set_host_port": (integer, [pointer, number, text, integer]),
        "mock_broker_set_down": (integer, [pointer, number]),
        "mock_broker_set_up": (integer, [pointer, number]),
        "mock_coordinator_set": (integer, [pointer, text, text, number]),
        "mock_partition_set_leader": (integer, [pointer, text, number, number]),
        "mock_push_request_errors_array": (None, [pointer, ctypes.c_int16, size, codes]),
        "mock_group_initial_rebalance_delay_ms": (None, [pointer, number]),
    }
    for name, (result, parameters) in signatures.items():
        function = getattr(library, f"rd_kafka_{name}")
        function.restype, function.argtypes = result, parameters
    return library


def _topic(text: str) -> tuple[str, int]:
    name, _, partitions = text.rpartition(":")
    return name, int(partitions)


if __name__ == "__main__":
    main()
