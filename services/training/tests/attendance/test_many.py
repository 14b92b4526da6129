"""Among tens of thousands of half-days signed, a page costs the same reads, and finds its place by an index."""

from typing import Any

import asyncpg

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of

from .arrangements import Class

_MARKS = """
    INSERT INTO attendance_mark (slot_id, enrolment_id, session_id, day, half, kind, hours, reason, method, number, at)
    SELECT gen_random_uuid(), ($1::uuid[])[1 + n % 3], $2, date '2020-01-01' + n % 3000, 'morning',
        CASE WHEN n % 10 = 0 THEN 'absent' ELSE 'present' END, CASE WHEN n % 10 = 0 THEN 0 ELSE 3.5 END,
        CASE WHEN n % 10 = 0 THEN 'unsaid' END, 'own_link', n, now()
    FROM generate_series(1, 20000) AS n
"""
_FINDINGS = """
    INSERT INTO rehearsal_finding (id, session_id, code, key, said, state, found_at, version)
    SELECT gen_random_uuid(), $1, 'not_signed', n::text, 'Essai', 'open', now() - n * interval '1 hour', 1
    FROM generate_series(1, 20000) AS n
"""


async def test_a_page_costs_the_same_among_thousands(training: ServiceUnderTest, held: Class) -> None:
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        await connection.execute(_MARKS, list(held.seats), held.id)
        await connection.execute(_FINDINGS, held.id)
        await connection.execute("VACUUM ANALYZE attendance_mark, rehearsal_finding")
        async with training.client("training") as team:
            for filters in ({}, {"day_from": "2024-01-01", "day_to": "2024-01-01"}, {"reason": "unsaid"}):
                reads = await _reads(training, team, "/attendance", filters)
                assert len(reads) == 2, "the page, then the names of those on it"
                assert "ix_attendance_mark_day" in await indexes_of(training, *reads[0]), filters
            [read] = await _reads(training, team, "/rehearsal-findings", {"state": "open"})
            assert await indexes_of(training, *read) & {"ix_rehearsal_finding_found", "ix_rehearsal_finding_state"}
    finally:
        await connection.close()


async def _reads(training: ServiceUnderTest, team: Any, path: str, filters: dict[str, str]) -> list[Any]:
    with training.statements() as sent:
        page = (await team.get(path, params=filters)).json()
    assert page["items"], filters
    return [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
