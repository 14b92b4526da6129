"""The pytest plugin: databases, tokens, mail and assembled services as fixtures.

It needs one fixture from the project, ``postgres_url``: the administrator's URL of a PostgreSQL server.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from common.service import Service
from common.telemetry import set_up_logs
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest, assembled
from common.testing.issuer import TestIssuer, running_issuer
from common.testing.mailbox import Mailbox, running_mailbox

Arrange = Callable[..., Awaitable[Any]]
Assemble = Callable[..., Awaitable[ServiceUnderTest]]


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Log as a process does, so that a failing test shows lines and not a library's drawing of them."""
    set_up_logs("test", "pytest")


@pytest.fixture(scope="session")
def issuer() -> Iterator[TestIssuer]:
    """Serve a token issuer for the session."""
    with running_issuer() as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def databases(
    postgres_url: str, issuer: TestIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Databases]:
    """Make databases on the session's server."""
    made = Databases(postgres_url, issuer, tmp_path_factory.mktemp("templates"))
    yield made
    await made.close()


@pytest_asyncio.fixture
async def assemble(databases: Databases, issuer: TestIssuer, tmp_path: Path) -> AsyncIterator[Assemble]:
    """Assemble services, each alone on a database as the migrations leave it, for as long as the test lasts."""
    async with AsyncExitStack() as stack:

        async def make(service: Service, **overrides: Any) -> ServiceUnderTest:
            lent = await databases.lend(service)
            stack.push_async_callback(databases.take_back, service, lent)
            folder = tmp_path / service.name
            if overrides:
                return await stack.enter_async_context(assembled(service, lent.url, issuer, folder, **overrides))
            return ServiceUnderTest(service, lent.runtime_of(service, folder), issuer)

        yield make


@pytest.fixture
def arranged(databases: Databases) -> Arrange:
    """Bring a service to where others were brought before: ``await arranged(dues, called, 2026)``."""
    return databases.arranged


@pytest_asyncio.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """Run a mail server of the test's own: assemble a service with ``SMTP_URL=mailbox.url`` to have it send there."""
    async with running_mailbox() as running:
        yield running
