"""Servers of the proof's own, and the tables at its end."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chaos import report
from chaos.bank.contracts import account_topic, page_topic
from chaos.lengths import FULL
from chaos.report import Line
from chaos.servers import Servers, running_servers
from chaos.trial import Arena
from common.contracts.platform import ReplayRequested
from common.testing.issuer import TestIssuer
from devstack.broker import choose_lane

RUNS = 100
PARTITIONS = 4
_NAMES = [f"{number:02}" for number in range(RUNS)]
TOPICS = dict.fromkeys(
    [ReplayRequested.topic, *(topic for run in _NAMES for topic in (account_topic(run), page_topic(run)))], PARTITIONS
)
"""Every topic of every run: the embedded broker can make none later."""
_LINES: list[Line] = []
_MUTANTS: list[Line] = []


@pytest.fixture(scope="session")
def servers(issuer: TestIssuer) -> Iterator[Servers]:
    """PostgreSQL, the broker and the issuer, for all trials."""
    with (
        TemporaryDirectory(prefix="coorace-chaos-") as folder,
        running_servers(Path(folder), issuer, TOPICS) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def runs() -> Iterator[str]:
    """Names of runs; each is used once."""
    return (f"{number:02}" for number in count())


@pytest.fixture
def arena(servers: Servers, runs: Iterator[str]) -> Arena:
    """Where a test's trials take place."""
    return Arena(servers, lambda: next(runs), _LINES, _MUTANTS)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run write its tables into the documentation."""
    parser.addoption("--write-report", action="store_true", help="écrit les tableaux dans docs/reliability.md")


def pytest_terminal_summary(exitstatus: int, config: pytest.Config) -> None:
    """End with the tables. Those of a run that failed are not for the documentation."""
    report.show("Ce qui a été cassé, et ce qu'il en reste", _LINES)
    report.show("Ce que le vérificateur voit quand une protection manque", _MUTANTS)
    if config.getoption("--write-report") and exitstatus == 0 and _LINES and _MUTANTS:
        measured = report.measured("jeu complet" if FULL else "jeu court")
        report.write(f"cas {choose_lane().lane}", f"{measured}\n\n{report.markdown(_LINES)}")
        report.write("mutants", f"{measured}\n\n{report.markdown(_MUTANTS)}")
