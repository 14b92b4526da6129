import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from training.app import service


@pytest_asyncio.fixture
async def training(assemble: Assemble) -> ServiceUnderTest:
    return await assemble(service)
