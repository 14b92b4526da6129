"""The link's faults, on PostgreSQL: what its client sees, and what the server does."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from chaos.faults.proxy import HOST, Proxy
from common.testing.awaiting import eventually

LONG_ENOUGH_TO_TELL = 0.5
"""Seconds in which a healthy link would have answered many times over."""


@pytest.fixture
async def link(postgres_url: str) -> AsyncIterator[Proxy]:
    async with Proxy(urlsplit(postgres_url).port or 0) as link:
        yield link


@pytest.fixture
async def direct(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that does without the link."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE UNLOGGED TABLE arrival (number int)")
    yield connection
    await connection.execute("DROP TABLE arrival")
    await connection.close()


@pytest.fixture
async def client(postgres_url: str, link: Proxy, direct: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(postgres_url, link)
    yield connection
    connection.terminate()


async def connect(postgres_url: str, link: Proxy) -> asyncpg.Connection:
    return await asyncpg.connect(postgres_url, host=HOST, port=link.port, timeout=10)


async def arrivals(direct: asyncpg.Connection) -> list[int]:
    return [row["number"] for row in await direct.fetch("SELECT number FROM arrival ORDER BY number")]


async def stays_pending(task: asyncio.Future[object]) -> bool:
    return not (await asyncio.wait([task], timeout=LONG_ENOUGH_TO_TELL))[0]


async def test_a_healthy_link_carries_everything_both_ways(client: asyncpg.Connection) -> None:
    text = "é" * 3_000_000
    assert await client.fetchval("SELECT $1::text", text) == text


async def test_a_client_that_leaves_is_gone_from_the_link_and_from_the_server(
    link: Proxy, client: asyncpg.Connection, direct: asyncpg.Connection
) -> None:
    process = client.get_server_pid()
    await client.close()
    await eventually(lambda: link.connections == 0)
    await eventually(
        lambda: direct.fetchval("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", process)
    )


async def test_a_server_that_refuses_is_a_reset(postgres_url: str) -> None:
    async with Proxy(1) as link:
        with pytest.raises(ConnectionError):
            await connect(postgres_url, link)


async def test_a_cut_resets_who_is_there_and_refuses_who_comes(
    postgres_url: str, link: Proxy, client: asyncpg.Connection, direct: asyncpg.Connection
) -> None:
    asking = asyncio.ensure_future(client.execute("SELECT pg_sleep(60)"))
    await eventually(lambda: direct.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))
    link.cut()
    with pytest.raises((ConnectionResetError, asyncpg.ConnectionDoesNotExistError)):
        await asyncio.wait_for(asking, 5)
    with pytest.raises(ConnectionRefusedError):
        await connect(postgres_url, link)
    await link.heal()
    again = await connect(postgres_url, link)
    assert await again.fetchval("SELECT 1") == 1
    await again.close()


async def test_a_cut_is_a_reset_and_no_polite_end(link: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, link.port)
    await eventually(lambda: link.connections == 1)
    link.cut()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(1), 5)
    writer.close()


async def test_a_stalled_link_says_nothing_to_anybody(
    postgres_url: str, link: Proxy, client: asyncpg.Connection, direct: asyncpg.Connection
) -> None:
    link.stall()
    asking = asyncio.ensure_future(client.execute("INSERT INTO arrival VALUES (1)"))
    coming = asyncio.ensure_future(connect(postgres_url, link))
    assert await stays_pending(asking)
    assert await stays_pending(coming)
    assert await arrivals(direct) == []
    await link.heal()
    assert await asyncio.wait_for(asking, 5) == "INSERT 0 1"
    await (await asyncio.wait_for(coming, 5)).close()
    assert await arrivals(direct) == [1]


async def test_a_stalled_link_does_not_tell_that_the_other_end_is_gone(
    link: Proxy, client: asyncpg.Connection, direct: asyncpg.Connection
) -> None:
    link.stall()
    await direct.execute("SELECT pg_terminate_backend($1, 5000)", client.get_server_pid())
    asking = asyncio.ensure_future(client.execute("SELECT 1"))
    assert await stays_pending(asking)
    await link.heal()
    with pytest.raises((asyncpg.PostgresError, ConnectionError)):
        await asyncio.wait_for(asking, 5)


async def test_a_stalled_link_can_be_cut(link: Proxy, client: asyncpg.Connection) -> None:
    link.stall()
    asking = asyncio.ensure_future(client.execute("SELECT 1"))
    assert await stays_pending(asking)
    link.cut()
    with pytest.raises((ConnectionResetError, asyncpg.ConnectionDoesNotExistError)):
        await asyncio.wait_for(asking, 5)
    await eventually(lambda: link.connections == 0)


async def test_a_forgotten_connection_is_silent_for_good_and_a_new_one_healthy(
    postgres_url: str, link: Proxy, client: asyncpg.Connection, direct: asyncpg.Connection
) -> None:
    link.forget()
    asking = asyncio.ensure_future(client.execute("INSERT INTO arrival VALUES (1)"))
    coming = await connect(postgres_url, link)
    assert await coming.fetchval("SELECT 1") == 1
    await link.heal()
    assert await stays_pending(asking)
    assert await arrivals(direct) == []
    await coming.close()
    asking.cancel()


async def test_held_answers_leave_the_request_done_and_the_client_waiting(
    link: Proxy, client: asyncpg.Connection, direct: asyncpg.Connection
) -> None:
    link.hold_answers()
    asking = asyncio.ensure_future(client.execute("INSERT INTO arrival VALUES (1)"))
    await eventually(lambda: direct.fetchval("SELECT count(*) FROM arrival"))
    assert await stays_pending(asking)
    await link.heal()
    assert await asyncio.wait_for(asking, 5) == "INSERT 0 1"


async def test_a_delay_counts_each_way_and_keeps_the_order(
    link: Proxy, client: asyncpg.Connection, direct: asyncpg.Connection
) -> None:
    link.delay(0.2)
    started = time.monotonic()
    assert await client.fetchval("SELECT 1") == 1
    assert time.monotonic() - started >= 0.4
    await client.copy_records_to_table("arrival", records=[(number,) for number in range(200_000)])
    await link.heal()
    rows = await direct.fetch("SELECT number FROM arrival ORDER BY ctid")
    assert [row["number"] for row in rows] == list(range(200_000))
