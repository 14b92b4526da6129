"""The ceilings: the same rows written by plain SQL, the same files by their libraries, with nothing of ours around."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import facturx
import typst

_MEMBERS = """
CREATE TEMP TABLE b_member AS SELECT gen_random_uuid() AS id, 748664::numeric AS base FROM generate_series(1, $1)
"""
_CAMPAIGN = """
CREATE TABLE b_invoice (id uuid PRIMARY KEY, number text UNIQUE, member_id uuid UNIQUE, total numeric);
CREATE TABLE b_share (invoice_id uuid, beneficiary text, amount numeric, PRIMARY KEY (invoice_id, beneficiary));
CREATE TABLE b_outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload bytea);
INSERT INTO b_invoice
  SELECT gen_random_uuid(), 'COT-2026-' || lpad((row_number() OVER ())::text, 5, '0'), id,
         800 + least(round(base * 0.006, 2), 4808)
  FROM b_member;
INSERT INTO b_share
  SELECT id, s.code, round(total * s.part, 2)
  FROM b_invoice, (VALUES ('national-offer', 0.5), ('delegation', 0.4), ('mutual-fund', 0.1)) AS s (code, part);
INSERT INTO b_outbox (payload) SELECT convert_to(row_to_json(b_invoice)::text, 'UTF8') FROM b_invoice;
"""
_IMPORTED = (
    "member",
    "member_entry",
    "member_period",
    "application",
    "import_file",
    "import_line",
    "job",
    "job_receipt",
)
_CALLED = (
    "campaign",
    "invoice_terms",
    "invoice",
    "invoice_share",
    "ledger_book",
    "ledger_entry",
    "ledger_line",
    "event_stream",
    "event_outbox",
    "number_series",
    "job",
    "job_receipt",
)
_SIMULATED = ("grid_draft", "simulation", "simulation_line", "job", "job_receipt")


async def campaign_seconds(url: str, members: int) -> float:
    """Write a campaign's invoices, shares and events in one transaction."""

    async def work(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await connection.execute(_MEMBERS, members)
            await connection.execute(_CAMPAIGN)

    return await _timed(url, work)


def files_seconds(template: Path, documents: Sequence[Mapping[str, Any]], xml: bytes) -> float:
    """Set each document by Typst, and put one same file in it by the library of Factur-X, one after the other."""
    fonts = typst.Fonts(include_system_fonts=False)
    started = time.perf_counter()
    for document in documents:
        pdf = typst.compile(
            template,
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(document), "attached": ""},
            pdf_standards=["a-3b", "ua-1"],
        )
        facturx.generate_from_binary(pdf, xml, level="en16931", check_xsd=False)
    return time.perf_counter() - started


def pages_seconds(pages: Sequence[tuple[Path, Mapping[str, Any]]]) -> float:
    """Set each page by Typst, one after the other."""
    fonts = typst.Fonts(include_system_fonts=False)
    started = time.perf_counter()
    for template, document in pages:
        typst.compile(
            template,
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(document), "attached": ""},
            pdf_standards=["a-3b", "ua-1"],
        )
    return time.perf_counter() - started


async def import_seconds(done_url: str, empty_url: str) -> float:
    """Copy every row that an import left into the same empty tables, in one transaction."""
    return await _copy_seconds(_IMPORTED, done_url, empty_url)


async def called_seconds(done_url: str, empty_url: str) -> float:
    """Copy every row that the run of a campaign left into the same empty tables, in one transaction."""
    return await _copy_seconds(_CALLED, done_url, empty_url)


async def aged_seconds(url: str) -> float:
    """Sum what each member owes, by the age of its debts, and order it; then the same of all of them."""
    return await _timed(url, lambda connection: _fetched(connection, _AGED_LINES, _AGED_TOTALS))


async def dashboard_seconds(url: str) -> float:
    """Sum what became of the calls, together and by delegation and kind, and read who was not called."""
    return await _timed(url, lambda connection: _fetched(connection, _RECOVERIES, _NOT_CALLED))


async def issuing_seconds(url: str, writers: int, each: int) -> float:
    """Take a number and insert the row that bears it, so many times by each of some writers; return how long one took.

    All of them are on one series: they wait for each other.
    """
    connections = [await asyncpg.connect(url) for _ in range(writers)]

    async def write(connection: asyncpg.Connection) -> None:
        for _ in range(each):
            async with connection.transaction():
                last = await connection.fetchval(_TAKE)
                await connection.execute("INSERT INTO b_note VALUES ($1, $2)", last, f"AVO-{last:05d}")

    try:
        await connections[0].execute(_NOTES)
        started = time.perf_counter()
        await asyncio.gather(*map(write, connections))
        return (time.perf_counter() - started) / (writers * each)
    finally:
        for connection in connections:
            await connection.close()


async def _fetched(connection: asyncpg.Connection, *statements: str) -> None:
    for statement in statements:
        await connection.fetch(statement)


async def simulation_seconds(done_url: str, empty_url: str) -> float:
    """Copy every row that a simulation left into the same empty tables, in one transaction."""
    return await _copy_seconds(_SIMULATED, done_url, empty_url)


async def _copy_seconds(tables: Sequence[str], done_url: str, empty_url: str) -> float:
    rows = {table: BytesIO() for table in tables}
    done = await asyncpg.connect(done_url)
    try:
        for table, content in rows.items():
            await done.copy_from_table(table, output=content, format="binary")
            content.seek(0)
    finally:
        await done.close()

    async def work(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            for table, content in rows.items():
                await connection.copy_to_table(table, source=content, format="binary")

    return await _timed(empty_url, work)


async def settle(url: str) -> None:
    """Do now what the server would do by itself beside what is measured next."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _timed(url: str, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> float:
    connection = await asyncpg.connect(url)
    try:
        started = time.perf_counter()
        await work(connection)
        return time.perf_counter() - started
    finally:
        await connection.close()


async def declare(url: str, year: int, declarations: int, questions: int) -> None:
    """Enter that many structures, each with a declaration of a year for one activity, without any rule."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_STRUCTURES, declarations)
        await connection.execute(_DECLARATIONS, year)
        await connection.execute(_FIGURES, questions)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def portrait_seconds(url: str, questions: int) -> float:
    """Return how long the quartiles of as many plain columns take, of one table that holds nothing else."""
    names = [f"q{rank}" for rank in range(1, questions + 1)]
    columns = ", ".join(f"amounts[{rank}] AS {name}" for rank, name in enumerate(names, start=1))
    quartiles = ", ".join(
        f"percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY {name}), sum({name})" for name in names
    )
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE TABLE plain AS SELECT {columns} FROM declaration_figures")  # noqa: S608
        await connection.execute("VACUUM ANALYZE plain")
        started = time.perf_counter()
        await connection.fetch(f"SELECT {quartiles} FROM plain")  # noqa: S608  # names of ours
        return time.perf_counter() - started
    finally:
        await connection.close()


_STRUCTURES = """
INSERT INTO member (id, reference, name, normalized_name, status, category, activities, delegation, held, as_of,
    version, created_at, joined_on)
SELECT gen_random_uuid(), 'STR-' || n, 'Structure ' || n, 'structure ' || n, 'active', 'active', ARRAY['ai'],
    'region-' || n % 14, '{}', current_date, 1, now(), '2020-01-01'
FROM generate_series(1, $1::integer) AS n
"""
_DECLARATIONS = """
INSERT INTO activity_declaration (id, member_id, year, revisions, declared_on, late, version)
SELECT gen_random_uuid(), id, $1::integer, 1, current_date, false, 1 FROM member
"""
_FIGURES = """
INSERT INTO declaration_figures (declaration_id, activity, year, member_id, amounts)
SELECT id, 'ai', year, member_id,
    (SELECT array_agg(round((random() * 1000000)::numeric, 2)::float8)
     FROM generate_series(1, $1::integer) WHERE id IS NOT NULL)
FROM activity_declaration
"""
_AGES = ", ".join(
    f"sum(total - paid - credited) FILTER (WHERE current_date - due_on BETWEEN {least} AND {most})"
    for least, most in ((-9_999, 0), (1, 30), (31, 60), (61, 90), (91, 9_999))
)
_OWED = "FROM invoice WHERE paid + credited < total"
_AGED_LINES = f"""
SELECT member_id, count(*), min(due_on), sum(total - paid - credited) AS owed, {_AGES} {_OWED}
GROUP BY member_id ORDER BY owed DESC, member_id LIMIT 50
"""  # texts of ours
_AGED_TOTALS = f"SELECT count(DISTINCT member_id), count(*), sum(total - paid - credited), {_AGES} {_OWED}"
_RECOVERIES = f"""
SELECT delegation, activity, count(DISTINCT member_id), sum(total), sum(paid), sum(credited), {_AGES}
FROM invoice WHERE voided_on IS NULL GROUP BY GROUPING SETS ((), delegation, activity)
"""  # noqa: S608
_NOT_CALLED = "SELECT * FROM member WHERE id NOT IN (SELECT member_id FROM invoice WHERE voided_on IS NULL)"
_NOTES = """
CREATE TABLE b_series (last bigint);
INSERT INTO b_series VALUES (0);
CREATE TABLE b_note (rank bigint PRIMARY KEY, number text UNIQUE);
"""
_TAKE = "UPDATE b_series SET last = last + 1 RETURNING last"
