"""The command ``coorace`` as ops type it, against services that answer on a port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from click.testing import Result
from starlette.types import ASGIApp, Receive, Scope, Send
from typer.testing import CliRunner

from common.cli import app
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.testing.issuer import TestIssuer
from devstack.ports import free_port

Coorace = Callable[..., Awaitable[Result]]


async def coorace(*words: str, **environment: str) -> Result:
    """Run the command beside the test's own loop, where services answer."""
    environ = {"COLUMNS": "200", "COORACE_ENVIRONMENT": "development", **environment}
    return await asyncio.to_thread(CliRunner().invoke, app, words, env=environ)


@asynccontextmanager
async def speaking_as_ops(issuer: TestIssuer, *services: ServiceUnderTest) -> AsyncIterator[Coorace]:
    """Serve services on one port, as the gateway does; yield ``coorace events`` with the token of ops."""
    port = free_port()
    gateway = _gateway({service.service.name: service.app for service in services})
    server = uvicorn.Server(uvicorn.Config(gateway, host="127.0.0.1", port=port, lifespan="off", log_config=None))
    serving = asyncio.ensure_future(server.serve())

    async def run(*words: str, **environment: str) -> Result:
        environ = {"PUBLIC_URL": f"http://127.0.0.1:{port}", "COORACE_TOKEN": issuer.token("ops"), **environment}
        return await coorace("events", *words, **environ)

    await eventually(lambda: server.started)
    yield run
    server.should_exit = True
    await serving


def _gateway(apps: dict[str, ASGIApp]) -> ASGIApp:
    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["path"].split("/")[1]](scope, receive, send)

    return route
