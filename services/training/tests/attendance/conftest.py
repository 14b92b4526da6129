import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .arrangements import Class, planned_class


@pytest_asyncio.fixture
async def held(training: ServiceUnderTest, arranged: Arrange) -> Class:
    made: Class = await arranged(training, planned_class)
    return made
