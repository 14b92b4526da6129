"""The PostgreSQL server and the databases in it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from devstack.databases import drop_database, prepare_database
from devstack.ports import free_port
from devstack.postgres import PostgresServer, start_postgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PostgresServer]:
    server = start_postgres(tmp_path / "postgres", free_port(), {"work_mem": "7MB"})
    yield server
    server.stop()
    assert not server.running.alive()


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_server_keeps_its_durability_and_takes_the_caller_s_settings(server: PostgresServer) -> None:
    assert await value(server.url, "SHOW fsync") == "on"
    assert await value(server.url, "SHOW work_mem") == "7MB"
    assert await value(server.url, "SHOW timezone") == "UTC"


async def test_a_service_reaches_its_own_database_and_no_other(server: PostgresServer, tmp_path: Path) -> None:
    dues = await prepare_database(server.url, "dues", tmp_path / "passwords")
    await prepare_database(server.url, "membership", tmp_path / "passwords")
    assert await value(dues, "SELECT current_user || ' ' || current_database()") == "dues dues"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await value(urlsplit(dues)._replace(path="/membership").geturl(), "SELECT 1")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await value(dues.replace("dues:", "dues:x"), "SELECT 1")


async def test_a_database_is_made_once_and_survives_the_loss_of_its_password(
    server: PostgresServer, tmp_path: Path
) -> None:
    first = await prepare_database(server.url, "dues", tmp_path / "passwords")
    await value(first, "CREATE TABLE kept ()")
    assert await prepare_database(server.url, "dues", tmp_path / "passwords") == first
    again = await prepare_database(server.url, "dues", tmp_path / "other-passwords")
    assert await value(again, "SELECT to_regclass('kept')::text") == "kept"


async def test_a_dropped_database_is_empty_when_made_again(server: PostgresServer, tmp_path: Path) -> None:
    url = await prepare_database(server.url, "dues", tmp_path / "passwords")
    await value(url, "CREATE TABLE gone ()")
    await drop_database(server.url, "dues")
    await prepare_database(server.url, "dues", tmp_path / "passwords")
    assert await value(url, "SELECT to_regclass('gone')::text") is None


async def test_committed_rows_survive_a_kill(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    server = start_postgres(data_dir, free_port())
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE fact AS SELECT 42 AS answer")
    server.kill()
    await connection.close(timeout=5)
    again = start_postgres(data_dir, free_port())
    try:
        assert await value(again.url, "SELECT answer FROM fact") == 42
    finally:
        again.stop()
