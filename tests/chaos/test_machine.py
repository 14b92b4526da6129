"""Cases 22 and 25: what can happen to the machine itself, its disk and its clock."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest

from chaos.conftest import TOPICS
from chaos.faults.clock import LEAP_TO_SUMMER_TIME, Clock, movable_clock
from chaos.faults.disk import SmallDisk, small_disk
from chaos.lengths import lasting
from chaos.load import Command
from chaos.servers import Servers, running_servers
from chaos.stage import ACCOUNTS, BOOKS, Role, in_parts
from chaos.trial import Arena, Case, Trial
from common.testing.awaiting import eventually
from common.testing.issuer import TestIssuer

HOUR = 3_600.0
UNAVAILABLE = "database_unavailable"
READING = (ACCOUNTS, *in_parts("books"))


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A small disk that PostgreSQL can fill."""
    with small_disk() as made:
        yield made


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that the servers and the processes go by."""
    with movable_clock() as made:
        yield made


@pytest.fixture
def own_servers(issuer: TestIssuer, request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Servers of the test's own, on its disk or under its clock."""
    with TemporaryDirectory(prefix="coorace-chaos-") as folder:
        told = request.getfixturevalue("clock").environment if "clock" in request.fixturenames else None
        launcher = request.getfixturevalue("disk").launcher if "disk" in request.fixturenames else ()
        with running_servers(Path(folder), issuer, TOPICS, told, launcher) as running:
            yield running


async def test_the_readers_disk_is_full(arena: Arena, own_servers: Servers, disk: SmallDisk) -> None:
    """PostgreSQL refuses every page more to the reader's inbox and effects; nothing is set aside, nothing skipped."""
    seconds = lasting(6, 60)
    case = Case("22", f"disque plein dans la base du lecteur, {seconds:.0f} s")
    async with replace(arena, servers=own_servers).trial(case, *READING) as trial:
        await trial.commands(10)
        await trial.recovered()
        url = trial.stage.urls["books"]
        await disk.take(url, "event_inbox", "applied", "event_outbox")
        await disk.fill(url)
        before = len(await trial.witness.fetch("books", "SELECT 1 FROM applied"))
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            await trial.commands(30)
        behind = await trial.witness.behind("books", await trial.witness.streams("accounts"))
        assert behind, f"the disk was not full: {before} effects before"
        assert await trial.witness.fetch("books", "SELECT 1 FROM event_parked") == []
        await disk.free(url)
        await trial.goes_on()


async def test_a_statement_that_takes_too_long(arena: Arena) -> None:
    """A lock that somebody holds makes the reader's batch run out of time, and then each half of it, down to one event.

    It tries again, and sets nothing aside.
    """
    case = Case("22", "verrou tenu dans la base du lecteur, au-delà du délai des requêtes")
    books = [replace(role, environment={"CHAOS_DATABASE_STATEMENT_SECONDS": "1"}) for role in in_parts("books")]
    async with arena.trial(case, ACCOUNTS, *books) as trial:
        await trial.commands(20)
        await trial.recovered()
        async with trial.holding("books", "page"):
            wanted = retries(trial) + lasting(1, 3)
            await eventually(lambda: retries(trial) >= wanted, awaited="one event tried again", seconds=120)
            assert await trial.witness.behind("books", await trial.witness.streams("accounts"))
        await trial.goes_on()
        assert await trial.witness.fetch("books", "SELECT 1 FROM event_parked") == []


def answer_of(command: Command) -> str:
    """Return the code of the problem that a client was answered, or what it met instead of an answer."""
    return str(orjson.loads(command.detail)["code"]) if command.detail.startswith("{") else command.detail


def retries(trial: Trial) -> int:
    """Return how often the reader has started again from what it could not apply."""
    return trial.stage.log("books-consume").count("consumer_retries")


@pytest.mark.full
async def test_the_writers_disk_is_full(arena: Arena, own_servers: Servers, disk: SmallDisk) -> None:
    """Commands are refused with the service's own word for it, and half of none is done."""
    seconds = lasting(6, 60)
    case = Case("22", f"disque plein dans la base de l'écrivain, {seconds:.0f} s")
    async with replace(arena, servers=own_servers).trial(case, *in_parts("accounts"), BOOKS) as trial:
        await trial.commands(10)
        await trial.recovered()
        url = trial.stage.urls["accounts"]
        await disk.take(url, "movement", "account", "event_stream", "event_outbox", "event_inbox", "event_archive")
        await disk.fill(url)
        before = trial.unserved()
        await eventually(lambda: len(trial.unserved()) > len(before) + 20, awaited="commands refused", seconds=60)
        await asyncio.sleep(seconds)  # the fault's own length
        refused = trial.unserved()[len(before) :]
        await disk.free(url)
        assert {command.outcome for command in refused} == {"unknown"}
        assert UNAVAILABLE in {answer_of(command) for command in refused} <= {UNAVAILABLE, "ReadTimeout"}
        await trial.goes_on()


LEAP_SECONDS = 8.0
"""The leap comes 5 seconds after the clock is set."""


async def shows(trial: Trial, instant: datetime) -> bool:
    """Tell whether PostgreSQL's clock shows an instant, give or take some seconds."""
    [row] = await trial.witness.fetch("accounts", "SELECT clock_timestamp() AS now")
    return bool(abs(row["now"] - instant) < timedelta(seconds=5))


async def is_moved(trial: Trial, seconds: float) -> bool:
    """Tell whether PostgreSQL's clock is so far from the true one."""
    return await shows(trial, datetime.now(UTC) + timedelta(seconds=seconds))


async def test_the_clock_jumps(arena: Arena, own_servers: Servers, clock: Clock) -> None:
    """Of every process at once: both services, PostgreSQL and the broker."""
    case = Case("25", "horloge de toute la machine : une heure en avant, une en arrière, puis juste")
    async with replace(arena, servers=own_servers).trial(case, *under(clock)) as trial:
        for hours in (1, -1, 0):
            clock.move(hours * HOUR)
            await eventually(partial(is_moved, trial, hours * HOUR))
            await trial.flows_for(lasting(2, 30))


@pytest.mark.full
async def test_the_leap_to_summer_time(arena: Arena, own_servers: Servers, clock: Clock) -> None:
    case = Case("25", "horloge de toute la machine : passage à l'heure d'été, en charge")
    async with replace(arena, servers=own_servers).trial(case, *under(clock)) as trial:
        await trial.commands(20)
        clock.move_to(LEAP_TO_SUMMER_TIME)
        await eventually(lambda: shows(trial, LEAP_TO_SUMMER_TIME))
        await trial.flows_for(LEAP_SECONDS)


def under(clock: Clock) -> list[Role]:
    """Return a cast that goes by a clock, and keeps as little as it may: an hour is no reason to forget anything."""
    keeping = {"CHAOS_ARCHIVE_DAYS": "14", "CHAOS_INBOX_DAYS": "14"}
    return [replace(role, environment={**clock.environment, **keeping}) for role in READING]


@pytest.mark.full
async def test_only_the_databases_clock_jumps(arena: Arena, own_servers: Servers, clock: Clock) -> None:
    """By days: the ledger's partitions are those of the database's clock, whatever the relay's says."""
    case = Case("25", "horloge de PostgreSQL seul : trois jours en avant, deux en arrière, puis juste")
    async with replace(arena, servers=own_servers).trial(case, ACCOUNTS, BOOKS) as trial:
        for days in (3, -2, 0):
            clock.move(days * 24 * HOUR)
            await eventually(partial(is_moved, trial, days * 24 * HOUR))
            await trial.flows_for(lasting(2, 30))
