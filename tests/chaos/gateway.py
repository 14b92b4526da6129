"""The gateway before a service of a run, as production has it: balanced over its APIs by ``deploy/service.caddy``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from chaos.stage import Side, Stage
from common.testing.awaiting import eventually
from devstack.gateway import caddy_command
from devstack.ports import free_port
from devstack.processes import Program, launch
from devstack.settings import ROOT

_SITE = """
{{
	admin off
	auto_https off
	persist_config off
	default_bind 127.0.0.1
	servers {{
		enable_full_duplex
	}}
}}

import {root}/deploy/service.caddy

:{port} {{
	import service {service} {addresses}
}}
"""


@asynccontextmanager
async def gateway(stage: Stage, side: Side) -> AsyncIterator[str]:
    """Stand before the APIs that a service has on stage now; they may leave and come back. Yield its address."""
    port, service = free_port(), stage.service(side).name
    addresses = " ".join(f"127.0.0.1:{stage.port(name)}" for name in stage.serving(side))
    folder = stage.servers.folder / f"gateway-{service}"
    folder.mkdir()
    caddyfile = folder / "Caddyfile"
    caddyfile.write_text(_SITE.format(root=ROOT, port=port, service=service, addresses=addresses))
    running = launch(
        Program(
            name=f"gateway-{service}",
            command=caddy_command(caddyfile),
            log=stage.servers.logs / f"gateway-{service}.log",
            cwd=folder,
            environment={"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)},
        )
    )
    try:
        await eventually(lambda: _passes(f"http://127.0.0.1:{port}/{service}/health/live"), awaited="the gateway")
        yield f"http://127.0.0.1:{port}/{service}"
    finally:
        running.kill()


async def _passes(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False
