"""A server that takes every connection and never says a word: a machine that hangs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


async def _listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Listen for as long as the block lasts; yield the address."""
    server = await asyncio.start_server(_listen, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
