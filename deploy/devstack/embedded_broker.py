"""librdkafka's test broker as a process: ``python -m devstack.embedded_broker --port N --topics name:partitions …``.

It speaks Kafka's protocol, keeps everything in memory (5 MiB a partition) and has no administration API, which
is why its topics are given here. Its C functions come with the `confluent-kafka` wheel and have no Python face.
"""

import argparse
import ctypes
import os
import signal
import socket
from collections.abc import Iterable, Sequence

import psutil
from confluent_kafka import cimpl

PRODUCER = 0
REBALANCE_DELAY_MS = 50


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="devstack.embedded_broker")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--topics", nargs="*", default=[], type=_topic)
    options = parser.parse_args(arguments)
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # before librdkafka's threads, which inherit it
    serve(options.port, options.topics)
    signal.sigwait(stops)


def serve(port: int, topics: Iterable[tuple[str, int]]) -> None:
    """Start the broker's threads on 127.0.0.1:``port`` with ``topics``; they end with the process."""
    library = _library()
    reason = ctypes.create_string_buffer(512)
    configuration = library.rd_kafka_conf_new()
    for option, value in ((b"bootstrap.servers", b"127.0.0.1:1"), (b"log_level", b"0")):
        library.rd_kafka_conf_set(configuration, option, value, reason, len(reason))
    handle = library.rd_kafka_new(PRODUCER, configuration, reason, len(reason))
    if not handle:
        raise SystemExit(f"Le courtier embarqué n'a pas pu démarrer : {reason.value.decode()}")
    cluster = library.rd_kafka_mock_cluster_new(handle, 1)
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, REBALANCE_DELAY_MS)
    for name, partitions in topics:
        library.rd_kafka_mock_topic_create(cluster, name.encode(), partitions, 1)
    _listen_on(port, library.rd_kafka_mock_cluster_bootstraps(cluster).decode())
    library.rd_kafka_mock_broker_set_host_port(cluster, 1, b"127.0.0.1", port)


def _listen_on(port: int, own_address: str) -> None:
    """Move the broker to the port we want: librdkafka always picks its own.

    Its listening descriptor is replaced by one bound to our port; the thread that polls it never notices.
    """
    own_port = int(own_address.rpartition(":")[2])
    descriptor = next(
        connection.fd
        for connection in psutil.Process().net_connections("tcp4")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == own_port
    )
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setblocking(False)
        os.dup2(listener.fileno(), descriptor)


def _library() -> ctypes.CDLL:
    """librdkafka, found through the extension module that is linked to it, with the signatures we call."""
    library = ctypes.CDLL(cimpl.__file__)
    pointer, integer, text, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t
    signatures: dict[str, tuple[object, list[object]]] = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (integer, [pointer, text, text, text, size]),
        "rd_kafka_new": (pointer, [integer, pointer, text, size]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, integer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (integer, [pointer, text, integer, integer]),
        "rd_kafka_mock_broker_set_host_port": (integer, [pointer, ctypes.c_int32, text, integer]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
    }
    for name, (result, parameters) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, parameters
    return library


def _topic(text: str) -> tuple[str, int]:
    name, _, partitions = text.rpartition(":")
    return name, int(partitions)


if __name__ == "__main__":
    main()
