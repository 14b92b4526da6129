"""The notebook's own processes: started as in production, asked over HTTP, ended by a signal."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from devstack.ports import free_port

_TESTS = Path(__file__).parents[1]
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class NotebookProcess:
    """A running process, and where it answers about its health."""

    process: Process
    url: str

    async def health(self, probe: str = "ready") -> int:
        """Return the status a probe answers; 0 when nobody answers."""
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{self.url}/health/{probe}", timeout=5)).status_code
        except httpx.HTTPError:
            return 0

    async def is_ready(self) -> bool:
        """Tell whether the process says that it can do its work."""
        return await self.health() == 200

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        self.process.send_signal(signal.SIGTERM)

    async def stop(self) -> int:
        """Ask the process to end and return its exit code. Raises TimeoutError when it takes too long."""
        self.ask_to_stop()
        return await asyncio.wait_for(self.process.wait(), STOP_SECONDS)


@asynccontextmanager
async def notebook_process(
    service: ServiceUnderTest,
    part: str,
    broker: str = "127.0.0.1:1",
    *,
    platform: Mapping[str, str] | None = None,
    **settings: str,
) -> AsyncIterator[NotebookProcess]:
    """Run one process on the database of a service under test, until the block ends; wait until it answers.

    ``platform`` is what it is told beside the settings under its own prefix.
    """
    port, of = free_port(), service.runtime.settings
    environment = {
        "NOTEBOOK_DATABASE_URL": of.database_url,
        "NOTEBOOK_FILES_URL": of.files_url,
        "NOTEBOOK_METRICS_PORT": str(port),
        "NOTEBOOK_PORT": str(port),
        "COORACE_ENVIRONMENT": "development",
        "KAFKA_BOOTSTRAP_SERVERS": broker,
        "OIDC_ISSUER": of.oidc_issuer,
        "OIDC_JWKS_URL": of.oidc_jwks_url,
        **(platform or {}),
        **{f"NOTEBOOK_{name.upper()}": value for name, value in settings.items()},
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "notebook", part), cwd=_TESTS, env={**os.environ, **environment}
    )
    path = "/notebook" if part in ("api", "all") else ""
    running = NotebookProcess(process, f"http://127.0.0.1:{port}{path}")
    try:
        await eventually(lambda: running.health("live"), awaited=f"an answer of {part}")
        yield running
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
