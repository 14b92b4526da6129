"""What the tests of several folders begin with, for ``arranged``."""

from collections.abc import Awaitable, Callable
from typing import Any

from common.testing.harness import ServiceUnderTest


async def admitted_by(
    membership: ServiceUnderTest, admit: Callable[..., Awaitable[str]], *who: str | tuple[str, ...]
) -> list[str]:
    """Members, each admitted by what is given, called by its name, or by its name and its department."""
    async with membership.client("network", "board") as client:
        return [await admit(client, *((one,) if isinstance(one, str) else one)) for one in who]


async def by_staff(membership: ServiceUnderTest, act: Callable[..., Awaitable[Any]], *given: str) -> Any:
    """What an act of the network's staff, who sit on the board too, leads to."""
    async with membership.client("network", "board") as client:
        return await act(client, *given)
