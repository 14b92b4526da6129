from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from common.mail_sending import MailSender
from common.testing.awaiting import running
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest, assembled
from common.testing.issuer import TestIssuer
from common.testing.mailbox import Mailbox
from common.testing.plugin import Assemble

from .notebook.app import service_with
from .notebook.letters import SOON
from .notebook.mortal_broker import MortalBroker


@pytest.fixture(scope="session", autouse=True)
def traces() -> None:
    """Give every request a trace, as a process does."""
    trace.set_tracer_provider(TracerProvider())


@pytest.fixture
def topic(spare_topics: Iterator[str]) -> str:
    """A topic of the session's broker that no other test uses."""
    return next(spare_topics)


@pytest_asyncio.fixture
async def notebook(assemble: Assemble) -> ServiceUnderTest:
    """A service of the test's own."""
    return await assemble(service_with())


@pytest_asyncio.fixture
async def postal(assemble: Assemble, mailbox: Mailbox) -> ServiceUnderTest:
    """A service of the test's own that sends its mails to the test's own server."""
    return await assemble(service_with(), SMTP_URL=mailbox.url, MAIL_FROM="L'équipe <carnet@notes.example>")


@pytest_asyncio.fixture
async def sender(postal: ServiceUnderTest) -> AsyncIterator[MailSender]:
    """Its sender at work, that tries again soon."""
    sender = postal.mail_sender(SOON)
    async with running(sender.run):
        yield sender


@pytest_asyncio.fixture(scope="session")
async def standing(
    databases: Databases, issuer: TestIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceUnderTest]:
    """One service for all the tests that leave nothing in it."""
    service, folder = service_with(), tmp_path_factory.mktemp("standing")
    async with assembled(service, await databases.fresh(service), issuer, folder) as running:
        yield running


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalBroker]:
    """Start a broker of the module's own, which its tests leave alive."""
    broker = MortalBroker(tmp_path_factory.mktemp("mortal"))
    broker.start()
    yield broker
    broker.kill()
