"""Waiting for what other processes and tasks will do: a condition, never a delay."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, overload

T = TypeVar("T")

_LOOK_EVERY_SECONDS = 0.02
_STOP_SECONDS = 30.0


@overload
async def eventually(look: Callable[[], Awaitable[T]], *, awaited: str = ..., seconds: float = ...) -> T: ...


@overload
async def eventually(look: Callable[[], T], *, awaited: str = ..., seconds: float = ...) -> T: ...


async def eventually(look: Callable[[], Any], *, awaited: str = "a true answer", seconds: float = 20.0) -> Any:
    """Look again and again until what is seen is true (non-empty, non-zero), and return it.

    Raises AssertionError naming what was awaited and the last thing seen when the time is over.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        seen = look()
        if inspect.isawaitable(seen):
            seen = await seen
        if seen:
            return seen
        if loop.time() > deadline:
            raise AssertionError(f"not within {seconds} s: {awaited}; last seen: {seen!r}")
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


@asynccontextmanager
async def running(part: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[asyncio.Event]:
    """Run a part of a process (a relay, a consumer, a worker) for as long as the block lasts; yield its stop signal."""
    stop = asyncio.Event()
    task = asyncio.ensure_future(part(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, _STOP_SECONDS)
