"""librdkafka's test broker in this process, told to refuse: it answers as a broker whose limit was passed."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import cimpl

PRODUCER = 0
PRODUCE_REQUEST = 0
MESSAGE_TOO_LARGE = 10


@dataclass(frozen=True)
class RefusingBroker:
    """A broker with one topic of six partitions."""

    bootstrap: str
    _library: Any
    _cluster: Any

    def refuse_next(self) -> None:
        """Refuse the next produce request for the size of its records."""
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, PRODUCE_REQUEST, ctypes.c_size_t(1), (ctypes.c_int * 1)(MESSAGE_TOO_LARGE)
        )


@contextmanager
def refusing_broker(topic: str) -> Iterator[RefusingBroker]:
    """Run the broker for as long as the block lasts."""
    library = ctypes.CDLL(cimpl.__file__)
    for function in ("conf_new", "new", "mock_cluster_new"):
        getattr(library, f"rd_kafka_{function}").restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    reason = ctypes.create_string_buffer(512)
    configuration = ctypes.c_void_p(library.rd_kafka_conf_new())
    for option, value in ((b"bootstrap.servers", b"127.0.0.1:1"), (b"log_level", b"0")):
        library.rd_kafka_conf_set(configuration, option, value, reason, ctypes.c_size_t(len(reason)))
    handle = library.rd_kafka_new(PRODUCER, configuration, reason, ctypes.c_size_t(len(reason)))
    cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(ctypes.c_void_p(handle), 1))
    library.rd_kafka_mock_topic_create(cluster, topic.encode(), 6, 1)
    try:
        yield RefusingBroker(library.rd_kafka_mock_cluster_bootstraps(cluster).decode(), library, cluster)
    finally:
        library.rd_kafka_mock_cluster_destroy(cluster)
        library.rd_kafka_destroy(ctypes.c_void_p(handle))
