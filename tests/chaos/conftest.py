"""Servers of the proof's own, and the table at its end."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chaos.bank.contracts import account_topic, page_topic
from chaos.report import Line, show
from chaos.stage import Servers
from chaos.trial import Arena
from common.contracts.platform import ReplayRequested
from common.testing.databases import Databases
from common.testing.issuer import TestIssuer
from devstack.broker import Broker, choose_lane, start_broker
from devstack.ports import free_port
from devstack.postgres import start_postgres

RUNS = 60
PARTITIONS = 4
_LINES: list[Line] = []
_MUTANTS: list[Line] = []


@pytest.fixture(scope="session")
def chaos_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker with topics for every run: the embedded one cannot make any later."""
    runs = [f"{number:02}" for number in range(RUNS)]
    topics = {topic: PARTITIONS for run in runs for topic in (account_topic(run), page_topic(run))}
    folder = tmp_path_factory.mktemp("chaos-kafka")
    server = start_broker(choose_lane().lane, folder, free_port(), {ReplayRequested.topic: PARTITIONS, **topics})
    yield server
    server.stop()


@pytest.fixture(scope="session")
def servers(chaos_broker: Broker, issuer: TestIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL, the broker and the issuer, for all trials."""
    with TemporaryDirectory(prefix="coorace-chaos-") as folder:
        postgres = start_postgres(Path(folder), free_port())
        databases = Databases(postgres.url, issuer, tmp_path_factory.mktemp("templates"))
        yield Servers(databases, chaos_broker.bootstrap, issuer, tmp_path_factory.mktemp("logs"))
        postgres.stop()


@pytest.fixture(scope="session")
def runs() -> Iterator[str]:
    """Names of runs; each is used once."""
    return (f"{number:02}" for number in count())


@pytest.fixture
def arena(servers: Servers, runs: Iterator[str]) -> Arena:
    """Where a test's trials take place."""
    return Arena(servers, lambda: next(runs), _LINES, _MUTANTS)


def pytest_terminal_summary() -> None:
    """End with the table."""
    show("Ce qui a été cassé, et ce qu'il en reste", _LINES)
    show("Ce que le vérificateur voit quand une protection manque", _MUTANTS)
