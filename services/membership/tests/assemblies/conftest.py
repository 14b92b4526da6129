"""Members that may vote on the day of the assembly."""

import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .test_assembly import five_who_vote


@pytest_asyncio.fixture
async def ids(membership: ServiceUnderTest, arranged: Arrange) -> dict[str, str]:
    """Four members of Occitanie and Echo, of another region: their ids by their names."""
    return await arranged(membership, five_who_vote)
