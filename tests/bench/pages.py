"""Pages of a list as many people ask them at once, from real processes: ours, and a bare server of the same rows."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

import httpx

from common.testing.awaiting import eventually
from common.testing.issuer import TestIssuer
from devstack.ports import free_port
from devstack.processes import Program, launch

CLIENTS = 16
_ROUNDS = 25
_PAGES = (
    "/members?limit=50",
    "/members?status=candidate&delegation=occitanie",
    "/members?sort=-reference",
    "/members?q=structure",
)
SCREENS = {
    "adhérents": _PAGES,
    "adhérents d'un autre jour": tuple(f"{page}&as_of=2999-12-31" for page in _PAGES),
    "candidatures": ("/applications", "/applications?ready=true", "/applications?status=open&sort=-received_on"),
}
"""Lists of as many structures, each with the pages that people ask of it."""
_TESTS = Path(__file__).parents[1]


async def page_seconds(
    url: str, issuer: TestIssuer, folder: Path, screen: Sequence[str], *, pause: float = 0.0
) -> float:
    """Return the 95th percentile of a page's time; each client waits so many seconds between two pages."""
    environment = {
        "COORACE_ENVIRONMENT": "development",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "MEMBERSHIP_DATABASE_URL": url,
        "MEMBERSHIP_FILES_URL": folder.as_uri(),
        "MEMBERSHIP_HOST": "127.0.0.1",
        "MEMBERSHIP_PORT": (port := str(free_port())),
        "OIDC_ISSUER": issuer.url,
        "OIDC_JWKS_URL": issuer.jwks_url,
    }
    command = (sys.executable, "-m", "membership", "api")
    async with _served(command, int(port), folder, environment):
        return await _slowest(int(port), [f"/membership/v1{page}" for page in screen], issuer.token("network"), pause)


async def bare_seconds(url: str, folder: Path, *, pause: float = 0.0) -> float:
    """Return the same for the bare server, which knows one page."""
    port = free_port()
    command = (sys.executable, "-m", "bench.bare", str(port), url)
    async with _served(command, port, folder, {"PYTHONPATH": str(_TESTS)}):
        return await _slowest(port, ["/page"], "", pause)


@asynccontextmanager
async def _served(
    command: tuple[str, ...], port: int, folder: Path, environment: Mapping[str, str]
) -> AsyncIterator[None]:
    process = launch(Program("bench", command, folder / f"{port}.log", folder, environment))
    try:
        async with httpx.AsyncClient() as client:
            await eventually(lambda: _answers(client, port), awaited="the server of the pages")
        yield
    finally:
        process.stop()


async def _slowest(port: int, paths: list[str], token: str, pause: float) -> float:
    turn = cycle(paths)

    async def one_client(rank: int) -> list[float]:
        times = []
        await asyncio.sleep(pause * rank / CLIENTS)  # sixteen people do not turn their pages together
        async with _connected(port, token) as connection:
            for _ in range(_ROUNDS):
                started = time.perf_counter()
                await connection.get(next(turn))
                times.append(time.perf_counter() - started)
                await asyncio.sleep(pause)
        return times

    await one_client(0)
    times = await asyncio.gather(*map(one_client, range(CLIENTS)))
    return statistics.quantiles([seconds for mine in times for seconds in mine], n=20)[-1]


class _Connection:
    """A kept connection that reads answers and makes nothing of them.

    A client for people costs more than a page does, on the very processors that are measured.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader, self._writer, self._token = reader, writer, token

    async def get(self, path: str) -> None:
        request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        self._writer.write(request.encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length is None or not head.startswith(b"HTTP/1.1 200 "):
            raise ValueError(f"no page: {head.decode()}")
        await self._reader.readexactly(int(length[1]))


@asynccontextmanager
async def _connected(port: int, token: str) -> AsyncIterator[_Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield _Connection(reader, writer, token)
    finally:
        writer.close()


async def _answers(client: httpx.AsyncClient, port: int) -> bool:
    try:
        await client.get(f"http://127.0.0.1:{port}/")
    except httpx.HTTPError:
        return False
    return True
