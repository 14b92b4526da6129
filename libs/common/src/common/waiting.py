"""Waiting with an end: for the first of several signals, or for a clean-up that may hang."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


async def first_of(*events: asyncio.Event, seconds: float) -> None:
    """Wait until one of the events is set, or the time is over."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Let a clean-up take its time, but not more: aiokafka's ``stop()`` can hang when the broker is gone."""
    with suppress(Exception):
        async with asyncio.timeout(seconds):
            await work
