"""Waiting in tests: for a condition, never for a time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.05


async def eventually(
    condition: Callable[[], T | Awaitable[T]], *, awaited: str = "the condition", seconds: float = 20.0
) -> T:
    """Return the condition's first true value. Fails, naming what was awaited, when it takes too long."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"after {seconds} s still not: {awaited}")
        await asyncio.sleep(_POLL_SECONDS)
