"""A link that falls silent, a process that freezes: each is given up in a bounded time, and nothing else is."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import pytest_asyncio
from sqlalchemy import text

from chaos.faults.proxy import Proxy
from common.db import Database, computed
from common.faults import is_transient
from common.testing.awaiting import eventually
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest, assembled
from common.testing.issuer import TestIssuer
from common.transaction import Actor

from .notebook.app import service_with

SOMEBODY = Actor("somebody")
STATEMENT_SECONDS = 1
CLOSED_SECONDS = 2
"""What a connection gets to end politely before it is dropped."""
NOTICED_SECONDS = STATEMENT_SECONDS + 5 + 4
"""The longest statement, the silence after it, and the closing of a connection nobody answers on."""


@dataclass(frozen=True)
class Distant:
    """A service, and the link it reaches its database over."""

    service: ServiceUnderTest
    link: Proxy

    @property
    def database(self) -> Database:
        return self.service.runtime.database


@pytest_asyncio.fixture
async def distant(databases: Databases, issuer: TestIssuer, tmp_path: Path) -> AsyncIterator[Distant]:
    url = urlsplit(await databases.fresh(service_with()))
    limits = {"database_statement_seconds": STATEMENT_SECONDS}
    async with Proxy(url.port or 5432) as link:
        over_the_link = urlunsplit(url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{link.port}"))
        async with assembled(service_with(), over_the_link, issuer, tmp_path, **limits) as service:
            yield Distant(service, link)
            await link.heal()


async def write(database: Database) -> None:
    async with database.transaction(SOMEBODY) as tx:
        await tx.session.execute(text("INSERT INTO event_mark VALUES ('c', 't', gen_random_uuid(), 1)"))


async def test_a_silent_database_is_given_up_and_found_again(distant: Distant) -> None:
    database = distant.database
    await write(database)
    distant.link.stall()
    started = time.monotonic()
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever it is, it must pass by itself
        await write(database)
    assert is_transient(caught.value)
    assert time.monotonic() - started < NOTICED_SECONDS
    await distant.link.heal()
    await write(database)
    assert len(await distant.service.rows("SELECT 1 FROM event_mark")) >= 2


async def test_one_silent_connection_is_enough_to_give_up_all_of_the_pool(distant: Distant) -> None:
    """Those that were open are half-open for good; it must not take as many silences as there are connections."""
    await asyncio.gather(*(write(distant.database) for _ in range(4)))
    distant.link.forget()
    with pytest.raises(TimeoutError):
        await write(distant.database)
    for _ in range(4):
        await asyncio.wait_for(write(distant.database), CLOSED_SECONDS + STATEMENT_SECONDS)


async def test_a_database_that_falls_silent_within_a_transaction_is_given_up(distant: Distant) -> None:
    started = 0.0

    async def write_until_the_silence() -> None:
        nonlocal started
        async with distant.database.transaction(SOMEBODY) as tx:
            await tx.session.execute(text("INSERT INTO event_mark VALUES ('c', 't', gen_random_uuid(), 1)"))
            distant.link.stall()
            started = time.monotonic()

    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever it is, it must pass by itself
        await write_until_the_silence()
    assert is_transient(caught.value)
    assert time.monotonic() - started < NOTICED_SECONDS


async def test_a_connection_of_its_own_is_given_up_too(distant: Distant) -> None:
    connection = await distant.database.connect()
    distant.link.stall()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(connection.execute("SELECT 1"), NOTICED_SECONDS * 2)
    connection.terminate()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        await distant.database.connect()
    assert time.monotonic() - started < 15


async def limits(service: ServiceUnderTest, extra: dict[str, str] | None = None) -> dict[str, str]:
    """Return the time limits of a session, in the database's own words."""
    connection = await service.runtime.database.connect(extra)
    try:
        rows = await connection.fetch(
            "SELECT name, current_setting(name) AS value FROM pg_settings WHERE name ~ 'time'"
        )
        return {row["name"]: row["value"] for row in rows}
    finally:
        await connection.close()


async def test_only_who_asks_for_it_may_not_be_idle(notebook: ServiceUnderTest) -> None:
    """The relay asks; the worker holds its job by a connection that says nothing for as long as the job lasts."""
    ordinary = await limits(notebook)
    assert (ordinary["idle_session_timeout"], ordinary["idle_in_transaction_session_timeout"]) == ("0", "20s")
    assert ordinary["tcp_user_timeout"] == "30000"
    assert (await limits(notebook, {"idle_session_timeout": "60s"}))["idle_session_timeout"] == "1min"


async def test_a_transaction_that_computes_is_not_taken_for_dead(
    notebook: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.db._SIGN_OF_LIFE_SECONDS", 0.1)
    done = threading.Event()

    async def past_the_limit() -> bool:
        old = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND now() - xact_start > interval '2 s'"
        )
        return bool(await notebook.rows(old))

    async with notebook.runtime.database.transaction(SOMEBODY) as tx:
        await tx.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '1s'"))
        computing = asyncio.ensure_future(computed(tx.session, done.wait))
        await eventually(past_the_limit, awaited="a transaction older than it may be idle")
        done.set()
        assert await computing
        assert (await tx.session.execute(text("SELECT 1"))).scalar_one() == 1
