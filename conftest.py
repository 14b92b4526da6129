"""Servers for the test session: real PostgreSQL and a real Kafka protocol, started once when a test needs them.

``DATABASE_URL`` and ``KAFKA_BOOTSTRAP_SERVERS`` point the session at servers that run already; ``BROKER`` forces the
broker's lane.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from common.contracts import TOPICS
from devstack.broker import choose_lane, start_broker
from devstack.ports import free_port
from devstack.postgres import start_postgres

pytest_plugins = ["common.testing.plugin"]

os.environ.pop("COLUMNS", None)  # a process of pytest-xdist's is told of a terminal that it does not have

_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "scram_iterations": "1"}
"""This session's server need not survive its machine, nor keep its password from who guesses: a database per test is
made and dropped in half the time, and so is a connection."""
_PARTITIONS = 6
_SPARE_TOPICS = ("notebook.note", *(f"spare-{number:02}.note" for number in range(50)))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Administrator's URL of the session's PostgreSQL."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    # Not in pytest's own folder: another session closes that to the user that PostgreSQL runs as.
    with TemporaryDirectory(prefix="coorace-postgres-") as folder:
        server = start_postgres(Path(folder), free_port(), _FORGETFUL)
        yield server.url
        server.stop()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the session's Kafka, with every topic of the contracts, and some to spare."""
    topics = dict.fromkeys((*TOPICS, *_SPARE_TOPICS), _PARTITIONS)
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        _create_missing_topics(given, topics)
        yield given
        return
    server = start_broker(choose_lane().lane, tmp_path_factory.mktemp("kafka"), free_port(), topics)
    yield server.bootstrap
    server.stop()


@pytest.fixture(scope="session")
def spare_topics() -> Iterator[str]:
    """Topics nobody wrote to: the embedded broker has no way to make one later, so each is handed out once."""
    return iter(_SPARE_TOPICS[1:])


def _create_missing_topics(bootstrap: str, topics: dict[str, int]) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    existing = admin.list_topics(timeout=10).topics
    missing = [NewTopic(name, partitions, 1) for name, partitions in topics.items() if name not in existing]
    for created in admin.create_topics(missing).values() if missing else ():
        created.result(timeout=30)
