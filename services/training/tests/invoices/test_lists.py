"""The list of invoices among thousands: the index that it finds its place by, and how many statements it takes."""

from typing import Any

import asyncpg

from common.testing.harness import ServiceUnderTest

from .arrangements import arranged, billed, issued, own

_MANY = 4_000
_COPIES = """INSERT INTO invoice SELECT (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(),
    'number', 'X-' || n, 'member_id', NULL, 'paid', i.total, 'issued_on', i.issued_on - 1 - n % 900))).*
    FROM invoice i, generate_series(1, $1) n"""


async def test_a_list_among_thousands_finds_its_place_by_an_index(training: ServiceUnderTest) -> None:
    _, request = await arranged(training)
    async with training.client("training") as team:
        made = await issued(team, await billed(team, request))
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        await connection.execute(_COPIES, _MANY)
        await connection.execute("ANALYZE")
        async with training.client("finance") as finance, training.client("member", **own(1)) as buyer:
            for client, params, index in (
                (finance, {"limit": 20}, "ix_invoice_issued"),
                (buyer, {}, "ix_invoice_member"),
                (finance, {"status": "issued"}, "ix_invoice_owed"),
            ):
                with training.statements() as sent:
                    page = (await client.get("/invoices", params=params)).json()
                assert page["items"][0]["number"] == made["number"]
                assert index in await _plan(connection, *sent[0])
                assert len(sent) == 1, [statement for statement, _ in sent]
    finally:
        await connection.close()


async def test_a_page_of_billings_takes_four_statements(training: ServiceUnderTest) -> None:
    _, request = await arranged(training)
    async with training.client("training") as team:
        await billed(team, request)
        with training.statements() as sent:
            await team.get("/billings")
    assert len(sent) == 4, [statement for statement, _ in sent]


async def _plan(connection: asyncpg.Connection, statement: str, parameters: tuple[Any, ...]) -> str:
    return str(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters))
