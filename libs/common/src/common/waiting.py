"""Waiting with an end: for the first of several signals, for what others wait for, for a clean-up that may hang."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


async def first_of(*events: asyncio.Event, seconds: float) -> None:
    """Wait until one of the events is set, or the time is over.

    >>> asyncio.run(first_of(asyncio.Event(), seconds=0.01))
    """
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Let a clean-up take its time, but not more: aiokafka's ``stop()`` can hang when the broker is gone.

    >>> asyncio.run(within(0.01, asyncio.sleep(3_600)))  # it hangs, and nobody waits for it
    """
    with suppress(Exception):
        async with asyncio.timeout(seconds):
            await work


@asynccontextmanager
async def at_most(seconds: float, *, stop: asyncio.Event, then: float) -> AsyncIterator[None]:
    """Give a block its time; once ``stop`` is set, only ``then`` seconds more. Raises TimeoutError.

    >>> async def told_to_stop():
    ...     stop = asyncio.Event()
    ...     stop.set()
    ...     async with at_most(3_600, stop=stop, then=0.01):
    ...         await asyncio.sleep(3_600)
    >>> asyncio.run(told_to_stop())
    Traceback (most recent call last):
    TimeoutError
    """
    async with asyncio.timeout(seconds) as limit:
        hurry = asyncio.ensure_future(_hurry(limit, stop, then))
        try:
            yield
        finally:
            hurry.cancel()


async def _hurry(limit: asyncio.Timeout, stop: asyncio.Event, seconds: float) -> None:
    await stop.wait()
    soon = asyncio.get_running_loop().time() + seconds
    if not limit.expired() and soon < (limit.when() or soon):
        limit.reschedule(soon)
