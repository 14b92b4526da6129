"""A frozen server is silent with all its processes, and goes on where it was."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil

from chaos.faults.signals import frozen
from common.testing.awaiting import eventually
from devstack.ports import free_port
from devstack.postgres import start_postgres


async def test_a_frozen_server_answers_once_it_is_awake() -> None:
    with TemporaryDirectory(prefix="coorace-frozen-") as folder:
        server = start_postgres(Path(folder), free_port())
        try:
            connection = await asyncpg.connect(server.url)
            family = [psutil.Process(server.pid), *psutil.Process(server.pid).children()]
            with frozen(server.running):
                await eventually(lambda: {process.status() for process in family} == {psutil.STATUS_STOPPED})
                asking = asyncio.ensure_future(connection.fetchval("SELECT 42"))
                assert not (await asyncio.wait([asking], timeout=0.5))[0]
            assert await asyncio.wait_for(asking, 5) == 42
            await connection.close()
        finally:
            server.stop()


async def test_a_server_killed_while_frozen_wakes_nobody() -> None:
    with TemporaryDirectory(prefix="coorace-frozen-") as folder:
        server = start_postgres(Path(folder), free_port())
        with frozen(server.running):
            server.kill()
        assert not server.running.alive()
