"""Clocks that move under running processes: PostgreSQL, Python on uvloop, the broker of this machine."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaProducer

from chaos.faults.clock import LEAP_TO_SUMMER_TIME, Clock, movable_clock
from common.testing.awaiting import eventually
from devstack.broker import Broker, choose_lane, start_broker
from devstack.ports import free_port
from devstack.postgres import start_postgres
from devstack.processes import Program, launch

HOUR = 3_600
TOPIC = "membership.member"
MOVES = [pytest.param(HOUR, id="une heure en avance"), pytest.param(-HOUR, id="une heure en retard")]


@pytest.fixture(scope="module")
def clock() -> Iterator[Clock]:
    with movable_clock() as clock:
        yield clock


@pytest.fixture(autouse=True)
def _true_again(clock: Clock) -> Iterator[None]:
    yield
    clock.move(0)


def is_off_by(seconds: float, seen: datetime) -> bool:
    return abs(seen - datetime.now(UTC) - timedelta(seconds=seconds)) < timedelta(seconds=3)


@pytest.fixture(scope="module")
async def database(clock: Clock) -> AsyncIterator[asyncpg.Connection]:
    with TemporaryDirectory(prefix="coorace-clock-postgres-") as folder:
        server = start_postgres(Path(folder), free_port(), environment=clock.environment)
        connection = await asyncpg.connect(server.url)
        yield connection
        await connection.close()
        server.stop()


@pytest.mark.parametrize("seconds", MOVES)
async def test_postgresql_goes_by_the_moved_clock(clock: Clock, database: asyncpg.Connection, seconds: int) -> None:
    """In a session that exists and in the next one; time limits still last what they say."""

    async def has_moved() -> bool:
        return is_off_by(seconds, await database.fetchval("SELECT clock_timestamp()"))

    clock.move(seconds)
    await eventually(has_moved, seconds=5)
    started = time.monotonic()
    await database.execute("SET statement_timeout = 500")
    with pytest.raises(asyncpg.QueryCanceledError):
        await database.execute("SELECT pg_sleep(60)")
    await database.execute("RESET statement_timeout")
    await database.execute("SELECT pg_sleep(0.5)")
    assert 1 <= time.monotonic() - started < 5


async def test_postgresql_sees_the_leap_to_summer_time(clock: Clock, database: asyncpg.Connection) -> None:
    async def offset_in_paris() -> tuple[int, bool]:
        row = await database.fetchrow(
            "SELECT extract(hour FROM now() AT TIME ZONE 'Europe/Paris')::int AS hour, now() > $1 AS leapt",
            LEAP_TO_SUMMER_TIME + timedelta(seconds=5),
        )
        return row["hour"], row["leapt"]

    async def is_one_o_clock() -> bool:
        return await offset_in_paris() == (1, False)

    async def is_three_o_clock() -> bool:
        return await offset_in_paris() == (3, True)

    clock.move_to(LEAP_TO_SUMMER_TIME)
    await eventually(is_one_o_clock, seconds=4)
    await eventually(is_three_o_clock, seconds=10)


TICKER = """
import asyncio, time, uvloop
async def main():
    while True:
        started = time.monotonic()
        await asyncio.sleep(0.1)
        await asyncio.to_thread(time.sleep, 0.1)
        print(time.time(), time.monotonic() - started, flush=True)
uvloop.run(main())
"""


def test_the_file_can_be_read_by_another_user(clock: Clock) -> None:
    file = Path(clock.environment["FAKETIME_TIMESTAMP_FILE"])
    assert (file.stat().st_mode & 0o444, file.parent.stat().st_mode & 0o555) == (0o444, 0o555)


async def test_python_goes_by_the_moved_clock_and_its_loop_by_the_monotonic_one(clock: Clock, tmp_path: Path) -> None:
    log = tmp_path / "ticks.log"
    process = launch(
        Program("ticker", (sys.executable, "-c", TICKER), log, cwd=tmp_path, environment=clock.environment)
    )

    def last_tick() -> tuple[float, float] | None:
        lines = log.read_text().splitlines()
        return (float(lines[-1].split()[0]), float(lines[-1].split()[1])) if lines else None

    def is_at(seconds: float) -> bool:
        tick = last_tick()
        return tick is not None and is_off_by(seconds, datetime.fromtimestamp(tick[0], UTC))

    try:
        for seconds in (0, HOUR, -HOUR, 0):
            clock.move(seconds)
            await eventually(partial(is_at, seconds), seconds=5)
        durations = [float(line.split()[1]) for line in log.read_text().splitlines()]
        assert all(0.2 <= duration < 2 for duration in durations)
    finally:
        process.kill()


@pytest.fixture(scope="module")
def broker(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder, lane = tmp_path_factory.mktemp("kafka"), choose_lane().lane
    broker = start_broker(lane, folder, free_port(), {TOPIC: 1}, environment=clock.environment)
    yield broker
    broker.stop()


async def test_the_broker_lives_through_the_moves_and_stays_calm(clock: Clock, broker: Broker) -> None:
    """Apache Kafka's JVM included: it does not spin on waits that it takes for over."""
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        for seconds in (HOUR, -HOUR / 2, 0):
            clock.move(seconds)
            busy = await asyncio.to_thread(psutil.Process(broker.pid).cpu_percent, 3)
            assert busy < 60
            await producer.send_and_wait(TOPIC, b"x")


async def test_the_broker_goes_by_the_moved_clock(clock: Clock, broker: Broker) -> None:
    """Apache Kafka dates the records itself; the embedded broker looks at no clock and answers one made-up date."""

    async def is_ahead(seconds: float) -> bool:
        sent = await producer.send_and_wait(TOPIC, b"x")
        return bool(abs(sent.timestamp / 1000 - time.time() - seconds) < 5)

    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        if broker.lane == "embedded":
            before = await producer.send_and_wait(TOPIC, b"x")
            clock.move(-2 * HOUR)
            assert (await producer.send_and_wait(TOPIC, b"x")).timestamp == before.timestamp
            return
        for seconds in (-2 * HOUR, 0):
            clock.move(seconds)
            await eventually(partial(is_ahead, seconds), seconds=5)


async def test_what_a_killed_process_leaves_in_shared_memory_is_swept(tmp_path: Path) -> None:
    with movable_clock() as clock:
        program = Program("sleeper", ("sleep", "60"), tmp_path / "log", cwd=tmp_path, environment=clock.environment)
        process = launch(program)
        is_there = Path(f"/dev/shm/faketime_shm_{process.pid}").exists  # noqa: S108  # where libfaketime puts it
        await eventually(is_there)
        process.kill()
        assert is_there()
    assert not is_there()
