"""Tables filled with very many rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg


@asynccontextmanager
async def filling(connection: asyncpg.Connection, *tables: str) -> AsyncIterator[None]:
    """Let a connection fill tables without looking up what their rows refer to; then the planner knows how many."""
    await connection.execute("SET session_replication_role = replica")
    yield
    for table in tables:
        await connection.execute(f"VACUUM ANALYZE {table}")
    await connection.execute("RESET session_replication_role")
