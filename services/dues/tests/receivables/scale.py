"""A federation a hundred times as large: a member and its call each, most of them paid long ago."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from common.testing.harness import ServiceUnderTest

from ..filling import filling

CALLS = 55_000
CAMPAIGN = "01890000-0000-7000-8000-00000000000c"
_CAMPAIGN = """
INSERT INTO campaign (id, year, status, use_published_medians, seller, job_id, version, opened_at, opened_by)
VALUES ($1, 2026, 'open', true, '{}', NULL, 1, now(), 'test')
"""
_MEMBERS = """
INSERT INTO member (id, sequence, name, status, category, activities, delegation, joined_on, renewed_years)
SELECT md5('member' || n)::uuid, 1, 'Structure ' || md5(n::text), 'active', 'active', '[]', 'region-' || n % 14,
    date '2020-01-01', '{2026}'
FROM generate_series(1, $1::integer) AS n
"""
_CALLS = """
INSERT INTO invoice (id, number, campaign_id, member_id, kind, rank, year, status, member_name, delegation, activity,
    fixed, variable, total, issued_on, due_on, explanation, document, paid, credited)
SELECT md5('call' || n)::uuid, 'COT-2026-' || n, $3::uuid, md5('member' || n)::uuid, 'call', 0, 2026,
    CASE WHEN n > $2 THEN 'issued' ELSE 'paid' END, 'Structure ' || md5(n::text), 'region-' || n % 14, 'ges',
    800, 0, 800, date '2026-01-01' + n % 30, date '2026-02-01' + n % 200, '[]', '{}',
    CASE WHEN n > $2 THEN 0 ELSE 800 END, 0
FROM generate_series(1, $1::integer) AS n
"""
_RECEIPTS = """
INSERT INTO receipt (id, number, entity, method, amount, received_on, member_id, member_name, delegation, allocated,
    refunded, status, version, recorded_at, recorded_by)
SELECT md5('receipt' || n)::uuid, 'REC-2026-' || n, 'e', 'transfer', 800, date '2026-03-01', md5('member' || n)::uuid,
    'Structure', 'region-' || n % 14, 800, 0, 'allocated', 1, now(), 'test'
FROM generate_series(1, $1::integer) AS n
"""
_MOVEMENTS = """
INSERT INTO receipt_movement (id, receipt_id, invoice_id, amount, paid_after, day, recorded_on, recorded_at,
    recorded_by)
SELECT md5('movement' || n)::uuid, md5('receipt' || n)::uuid, md5('call' || n)::uuid, 800, 800,
    date '2026-03-01' + n % 200, date '2026-03-01' + n % 200, now(), 'test'
FROM generate_series(1, $1::integer) AS n
"""


@asynccontextmanager
async def large_federation(dues: ServiceUnderTest, *, paid: int) -> AsyncIterator[asyncpg.Connection]:
    """Call 55,000 members, of which so many paid, over two hundred days."""
    connection = await asyncpg.connect(dues.runtime.settings.database_url)
    try:
        await connection.execute(_CAMPAIGN, CAMPAIGN)
        async with filling(connection, "member", "invoice", "receipt", "receipt_movement"):
            await connection.execute(_MEMBERS, CALLS)
            await connection.execute(_CALLS, CALLS, paid, CAMPAIGN)
            await connection.execute(_RECEIPTS, paid)
            await connection.execute(_MOVEMENTS, paid)
        yield connection
    finally:
        await connection.close()
