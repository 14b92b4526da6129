"""Two records of one structure, each admitted."""

import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by
from ..departures.test_departures import joined

Twins = tuple[str, str]
"""The paths of the record that stays in most tests, and of the one that goes."""


@pytest_asyncio.fixture
async def twins(membership: ServiceUnderTest, arranged: Arrange) -> Twins:
    """Régain, and Regain."""
    stays, goes = await arranged(membership, admitted_by, joined, "Régain", "Regain")
    return stays, goes
