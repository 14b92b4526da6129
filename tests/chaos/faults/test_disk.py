"""A full disk as PostgreSQL's clients meet it, and what goes on beside it."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from chaos.faults.disk import SmallDisk, small_disk
from devstack.ports import free_port
from devstack.postgres import PostgresServer, start_postgres

PAGE = bytes(7_000)


@dataclass(frozen=True)
class Stage:
    disk: SmallDisk
    server: PostgresServer


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with TemporaryDirectory(prefix="coorace-full-") as folder, small_disk(8) as disk:
        server = start_postgres(Path(folder), free_port(), launcher=disk.launcher)
        yield Stage(disk, server)
        server.stop()


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stage.server.url)
    await connection.execute("CREATE TABLE cramped (id int PRIMARY KEY, bytes bytea STORAGE PLAIN)")
    await connection.execute("CREATE TABLE roomy (LIKE cramped INCLUDING STORAGE)")
    yield connection
    await connection.execute("DROP TABLE cramped, roomy")
    await connection.close()


async def insert(client: asyncpg.Connection, table: str, number: int) -> None:
    await client.execute(f"INSERT INTO {table} VALUES ($1, $2)", number, PAGE)  # noqa: S608  # our own names


async def test_a_client_is_told_53100_until_somebody_makes_room(stage: Stage, client: asyncpg.Connection) -> None:
    url = stage.server.url
    await insert(client, "cramped", 1)
    await stage.disk.take(url, "cramped")
    await insert(client, "cramped", 2)
    await stage.disk.fill(url)
    for _ in range(2):
        with pytest.raises(asyncpg.DiskFullError) as refusal:
            await insert(client, "cramped", 3)
        assert refusal.value.sqlstate == "53100"
    await insert(client, "roomy", 3)
    assert [row["id"] for row in await client.fetch("SELECT id FROM cramped ORDER BY id")] == [1, 2]
    await stage.disk.free(url)
    await insert(client, "cramped", 3)
    assert await client.fetchval("SELECT count(*) FROM cramped") == 3


async def test_a_disk_fills_again(stage: Stage, client: asyncpg.Connection) -> None:
    await stage.disk.take(stage.server.url, "cramped")
    for number in range(2):
        await stage.disk.fill(stage.server.url)
        with pytest.raises(asyncpg.DiskFullError):
            await insert(client, "cramped", number)
        await stage.disk.free(stage.server.url)
        await insert(client, "cramped", number)


async def test_a_table_goes_there_with_its_indexes_and_its_partitions(stage: Stage, client: asyncpg.Connection) -> None:
    await client.execute("CREATE TABLE dated (day int PRIMARY KEY) PARTITION BY RANGE (day)")
    await client.execute("CREATE TABLE dated_1 PARTITION OF dated FOR VALUES FROM (1) TO (2)")
    await stage.disk.take(stage.server.url, "dated")
    await client.execute("CREATE TABLE dated_2 PARTITION OF dated FOR VALUES FROM (2) TO (3)")
    there = await client.fetch(
        "SELECT relname FROM pg_class JOIN pg_tablespace t ON t.oid = reltablespace WHERE spcname = 'small_disk'"
    )
    assert {row["relname"] for row in there} >= {
        *("dated", "dated_1", "dated_2"),
        *("dated_pkey", "dated_1_pkey", "dated_2_pkey"),
    }
    await client.execute("DROP TABLE dated")


def test_nothing_stays_mounted_when_a_test_fails() -> None:
    def fail() -> None:
        with small_disk(1) as disk:
            folders.append(disk.folder)
            os.chdir(disk.folder)  # somebody is still there
            raise RuntimeError

    folders: list[Path] = []
    home = Path.cwd()
    try:
        with pytest.raises(RuntimeError):
            fail()
    finally:
        os.chdir(home)
    assert not folders[0].exists()
