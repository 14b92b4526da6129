"""A hundred times the federation: the aged balance answers at once, and reads what is owed, not what ever was."""

import json
import time
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx

from common.testing.harness import ServiceUnderTest

from .scale import CALLS, large_federation

OWED = 4_000


async def test_everybody_owes_and_the_balance_answers_at_once(dues: ServiceUnderTest) -> None:
    async with large_federation(dues, paid=0), dues.client("finance") as client:
        told, seconds = await timed(client, "")
    assert (told["totals"]["calls"], told["totals"]["owed"]) == (CALLS, f"{CALLS * 800}.00")
    assert seconds < 1.0


async def test_what_was_paid_long_ago_is_not_read(dues: ServiceUnderTest) -> None:
    paid = CALLS - OWED
    async with large_federation(dues, paid=paid) as connection, dues.client("finance") as client:
        with dues.statements() as sent:
            told, _ = await timed(client, "sort=-overdue")
        read = {table: max([await rows_read(connection, table, *one) for one in sent]) for table in TABLES}
        before, _ = await timed(client, "as_of=2026-02-28")
        between, _ = await timed(client, "as_of=2026-05-31")
    assert (told["totals"]["calls"], before["totals"]["calls"]) == (OWED, CALLS)
    after = sum(1 for n in range(1, paid + 1) if n % 200 > 91)
    assert between["totals"]["calls"] == OWED + after
    assert read["invoice"] <= 3 * OWED
    assert read["receipt_movement"] == 0


TABLES = ("invoice", "receipt_movement")


async def timed(client: httpx.AsyncClient, query: str) -> tuple[dict[str, Any], float]:
    start = time.perf_counter()
    answer = await client.get(f"/accounts/aged-balance?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()), time.perf_counter() - start


async def rows_read(connection: asyncpg.Connection, table: str, statement: str, parameters: tuple[Any, ...]) -> int:
    """Return how many rows of a table a statement reads."""
    explained = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *parameters)
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes(json.loads(explained)[0]["Plan"])
        if node.get("Relation Name") == table
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)
