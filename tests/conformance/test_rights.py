"""The rights table of every service, held against the running application: every route, every role, and no token."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi.routing import RouteContext

from common.contracts.roles import Role
from common.discovery import find_services
from common.openapi import act_of, described_routes
from common.service import Service
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest, assembled
from common.testing.issuer import TestIssuer

ROOT = Path(__file__).parents[2]
SERVICES = [found.service for found in find_services(ROOT)]
ROUTES = [
    pytest.param(service, route, id=f"{'/'.join(sorted(route.methods or ()))} {route.path}")
    for service in SERVICES
    for route in described_routes(service.described)
    if act_of(route) is not None
]
NOBODY = "no token"
STRANGER = "a role nobody knows"
CALLERS = [NOBODY, STRANGER, *(role for role in Role if role is not Role.ANYONE)]

Running = dict[str, ServiceUnderTest]


@pytest_asyncio.fixture(scope="module")
async def running(
    databases: Databases, issuer: TestIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """Every service on a database of its own, for the whole table: a refusal leaves nothing behind."""
    async with AsyncExitStack() as stack:
        found: Running = {}
        for service in SERVICES:
            url = await databases.fresh(service)
            stack.push_async_callback(databases.drop, url)
            folder = tmp_path_factory.mktemp(service.name)
            found[service.name] = await stack.enter_async_context(assembled(service, url, issuer, folder))
        yield found


@pytest.mark.parametrize(("service", "route"), ROUTES)
async def test_a_route_lets_through_whom_the_table_says(
    running: Running, issuer: TestIssuer, service: Service, route: RouteContext
) -> None:
    answered = {caller: await _status(running[service.name], route, _token(issuer, caller)) for caller in CALLERS}
    expected = {caller: _expected(service, route, caller) for caller in CALLERS}
    assert {caller: _verdict(status) for caller, status in answered.items()} == expected, answered


def _expected(service: Service, route: RouteContext, caller: str) -> str:
    act = act_of(route)
    assert act is not None
    roles = service.rights[act]
    if Role.ANYONE in roles or caller in roles:
        return "let through"
    return "401" if caller == NOBODY else "403"


def _verdict(status: int) -> str:
    assert status < 500, status
    return str(status) if status in (401, 403) else "let through"


def _token(issuer: TestIssuer, caller: str) -> str | None:
    if caller == NOBODY:
        return None
    return issuer.token(caller, member_id=uuid4(), delegation="occitanie")


async def _status(running: ServiceUnderTest, route: RouteContext, token: str | None) -> int:
    """Ask, and hear no more than the status: a live stream would never end."""
    [method] = route.methods or ()
    path = re.sub(r"\{[a-z_]+\}", lambda _: str(uuid4()), str(route.path))
    headers = [(b"content-type", b"application/json"), (b"host", b"test")]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    bodies = iter([{"type": "http.request", "body": b"{}", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for body in bodies:
            return body
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.set_result(message["status"])

    serving = asyncio.ensure_future(running.app(scope, receive, send))
    await asyncio.wait([started, serving], return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        serving.cancel()
    await asyncio.wait([serving])
    return started.result()
