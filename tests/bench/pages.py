"""Pages of a list as many people ask them at once, from a real process; and the same rows by plain SQL."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Self

import asyncpg
import httpx
import orjson

from common.testing.awaiting import eventually
from common.testing.issuer import TestIssuer
from devstack.ports import free_port
from devstack.processes import Program, launch

CLIENTS = 16
_ROUNDS = 25
_PAGES = (
    "/members",
    "/members?status=candidate&delegation=occitanie",
    "/members?sort=-reference",
    "/members?q=structure&limit=50",
)
_PLAIN = "SELECT * FROM member ORDER BY name, id LIMIT 50"


@asynccontextmanager
async def served(url: str, issuer: TestIssuer, folder: Path) -> AsyncIterator[str]:
    """Run membership's API as ops do, on a database; give its address."""
    port = free_port()
    environment = {
        "COORACE_ENVIRONMENT": "development",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "MEMBERSHIP_DATABASE_URL": url,
        "MEMBERSHIP_FILES_URL": folder.as_uri(),
        "MEMBERSHIP_HOST": "127.0.0.1",
        "MEMBERSHIP_PORT": str(port),
        "OIDC_ISSUER": issuer.url,
        "OIDC_JWKS_URL": issuer.jwks_url,
    }
    command = (sys.executable, "-m", "membership", "api")
    process = launch(Program("membership-api", command, folder / "api.log", folder, environment))
    address = f"http://127.0.0.1:{port}/membership"
    try:
        async with httpx.AsyncClient() as client:
            await eventually(lambda: _answers(client, f"{address}/health/live"), awaited="membership's API")
        yield f"{address}/v1"
    finally:
        process.stop()


async def page_seconds(address: str, token: str, pause: float = 0.0) -> float:
    """Return the 95th percentile of a page's time; each client waits so many seconds between two pages."""
    paths = cycle(_PAGES)
    connections = [await _Connection.open(address, token) for _ in range(CLIENTS)]

    async def page(rank: int) -> None:
        await connections[rank].get(next(paths))

    try:
        return await _slowest(page, pause)
    finally:
        for connection in connections:
            connection.close()


class _Connection:
    """A kept HTTP connection that reads an answer and does nothing with it.

    A client for people costs more time than a page does, and sits on the processors that are measured.
    """

    def __init__(self, address: httpx.URL, token: str, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]):
        self._request = f"GET {address.path}%s HTTP/1.1\r\nhost: {address.host}\r\nauthorization: Bearer {token}\r\n\r\n"
        self._reader, self._writer = streams

    @classmethod
    async def open(cls, address: str, token: str) -> Self:
        url = httpx.URL(address)
        return cls(url, token, await asyncio.open_connection(url.host, url.port))

    async def get(self, path: str) -> None:
        self._writer.write((self._request % path).encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        assert head.startswith(b"HTTP/1.1 200") and length, head
        await self._reader.readexactly(int(length[1]))

    def close(self) -> None:
        self._writer.close()


async def plain_seconds(url: str) -> float:
    """Return the same for the rows of the default page, read by SQL and written as JSON in this process."""
    pool = await asyncpg.create_pool(url, min_size=CLIENTS, max_size=CLIENTS)
    try:

        async def page(_: int) -> None:
            orjson.dumps([dict(row) for row in await pool.fetch(_PLAIN)], default=str)

        return await _slowest(page)
    finally:
        await pool.close()


async def _slowest(page: Callable[[int], Awaitable[None]], pause: float = 0.0) -> float:
    async def one_client(rank: int) -> list[float]:
        times = []
        await asyncio.sleep(pause * rank / CLIENTS)  # sixteen people do not turn their pages together
        for _ in range(_ROUNDS):
            started = time.perf_counter()
            await page(rank)
            times.append(time.perf_counter() - started)
            await asyncio.sleep(pause)
        return times

    await one_client(0)
    times = await asyncio.gather(*map(one_client, range(CLIENTS)))
    return statistics.quantiles([seconds for mine in times for seconds in mine], n=20)[-1]


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False
