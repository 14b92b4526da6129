from collections.abc import Iterator

import pytest
import pytest_asyncio
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble

from .notebook.app import service_with


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
    return await assemble(service_with())
