"""Servers for the test session: real PostgreSQL and a real Kafka protocol, started once when a test needs them.

``DATABASE_URL`` and ``KAFKA_BOOTSTRAP_SERVERS`` point the session at servers that run already.
"""

import os
from collections.abc import Iterator

import pytest

from devstack.ports import free_port
from devstack.postgres import start_postgres

pytest_plugins = ["common.testing.plugin"]


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Administrator's URL of the session's PostgreSQL."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    server = start_postgres(tmp_path_factory.mktemp("postgres"), free_port())
    yield server.url
    server.stop()
