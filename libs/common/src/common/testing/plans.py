"""How PostgreSQL carries out the statements that a service sends."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg

from common.testing.harness import ServiceUnderTest


async def indexes_of(service: ServiceUnderTest, statement: str, parameters: tuple[Any, ...]) -> set[str]:
    """Return the indexes that a statement is read by: ``[read] = sent; await indexes_of(service, *read)``."""
    connection = await asyncpg.connect(service.runtime.settings.database_url)
    try:
        [plan] = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters))
    finally:
        await connection.close()
    return {node["Index Name"] for node in _nodes(plan["Plan"]) if "Index Name" in node}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)
