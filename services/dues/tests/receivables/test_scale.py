"""A hundred times the federation: the aged balance reads each call once, and of those that are owed only.

How long that takes is measured by ``make bench``, beside plain SQL.
"""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx

from common.testing.harness import ServiceUnderTest

from .scale import CALLS, large_federation

OWED = 4_000


async def test_everybody_owes_and_each_call_is_read_once_for_the_page_and_once_for_the_totals(
    dues: ServiceUnderTest,
) -> None:
    async with large_federation(dues, paid=0) as connection, dues.client("finance") as client:
        with dues.statements() as sent:
            told = await balance(client, "")
        plans = [await plan_of(connection, *one) for one in sent]
    assert (told["totals"]["calls"], told["totals"]["owed"]) == (CALLS, f"{CALLS * 800}.00")
    assert sum(rows_read(plan, "invoice") for plan in plans) <= 2 * CALLS


async def test_what_was_paid_long_ago_is_not_read(dues: ServiceUnderTest) -> None:
    paid = CALLS - OWED
    async with large_federation(dues, paid=paid) as connection, dues.client("finance") as client:
        with dues.statements() as sent:
            told = await balance(client, "sort=-overdue")
        plans = [await plan_of(connection, *one) for one in sent]
        before = await balance(client, "as_of=2026-02-28")
        between = await balance(client, "as_of=2026-05-31")
    assert (told["totals"]["calls"], before["totals"]["calls"]) == (OWED, CALLS)
    after = sum(1 for n in range(1, paid + 1) if n % 200 > 91)
    assert between["totals"]["calls"] == OWED + after
    assert [scan for plan in plans for scan in whole_scans(plan)] == []
    assert max(rows_read(plan, "invoice") for plan in plans) <= 3 * OWED
    assert max(rows_read(plan, "receipt_movement") for plan in plans) == 0


GROWING = ("invoice", "receipt", "receipt_movement")
"""What grows from year to year; members do not."""


async def balance(client: httpx.AsyncClient, query: str) -> dict[str, Any]:
    answer = await client.get(f"/accounts/aged-balance?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def plan_of(connection: asyncpg.Connection, statement: str, parameters: tuple[Any, ...]) -> dict[str, Any]:
    """Return how the database runs a statement."""
    explained = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *parameters)
    return dict(json.loads(explained)[0]["Plan"])


def rows_read(plan: dict[str, Any], table: str) -> int:
    """Return how many rows of a table a plan reads."""
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes(plan)
        if node.get("Relation Name") == table
    )


def whole_scans(plan: dict[str, Any]) -> list[str]:
    """Return the growing tables that a plan reads from end to end."""
    return [
        node["Relation Name"]
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING
    ]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)
