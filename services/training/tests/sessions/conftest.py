import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .arrangements import Means, means


@pytest_asyncio.fixture
async def held(training: ServiceUnderTest, arranged: Arrange) -> Means:
    made: Means = await arranged(training, means)
    return made
