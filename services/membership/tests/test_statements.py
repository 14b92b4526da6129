"""What reads cost: as many statements for three structures as for one, and an index for each list of the register."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg

from common.contracts.roles import Role
from common.testing.asking import Ids
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .test_scopes import API, furnish, one_furnished

EVERYBODY = [role for role in Role if role is not Role.ANYONE]


async def statements(membership: ServiceUnderTest, ids: Ids) -> dict[str, int]:
    """Return how many statements each read takes of somebody who may read everything."""
    counts = {}
    claims = {"member_id": UUID(ids["member_id"]), "delegation": ids["delegation"]}
    async with membership.client(*EVERYBODY, **claims) as client:
        for one in API.operations:
            if one.reads and one.named <= ids.keys():
                with membership.statements() as sent:
                    answer = await client.get(one.path.format(**ids))
                if answer.is_success:
                    counts[one.path] = len(sent)
    return counts


async def test_a_read_takes_as_many_statements_of_three_structures_as_of_one(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, one_furnished)
    alone = await statements(membership, ids["Garonne"])
    for name in ("Tarn", "Vilaine"):
        await furnish(membership, name, ids[name])
    beside = await statements(membership, ids["Garonne"])
    assert len(alone) > 100, "every route is asked"
    assert {path: (count, beside[path]) for path, count in alone.items() if beside[path] != count} == {}


STRUCTURES = 20_000
GROUP = "01890000-0000-7000-8000-000000000001"
REGISTER = """
INSERT INTO member (id, reference, name, normalized_name, status, category, activities, delegation, department, held,
    as_of, version, created_at, joined_on, left_on, answered_for)
SELECT gen_random_uuid(), 'STR-' || n, 'Structure ' || md5(n::text), 'structure ' || md5(n::text),
    CASE WHEN n % 100 = 0 THEN 'left' ELSE 'active' END, CASE WHEN n % 200 = 1 THEN 'associate' ELSE 'active' END,
    ARRAY[CASE WHEN n % 100 = 2 THEN 'ges' ELSE 'ai' END], 'region-' || n % 14, (n % 95)::text,
    CASE WHEN n % 200 = 3 THEN jsonb_build_object('group', jsonb_build_object($2::text, '{}'::jsonb)) ELSE '{}' END
        || '{"name": {"": {"name": "x"}}, "status": {"": {"status": "active"}},
             "category": {"": {"category": "active"}}}',
    current_date, 1, now() - n * interval '1 minute', date '2000-01-01' + n / 3,
    CASE WHEN n % 100 = 0 THEN date '2010-01-01' + n / 4 END, n % 100 <> 4
FROM generate_series(1, $1::integer) AS n
"""
SCREENS = [
    "",
    "sort=-name",
    "sort=reference",
    "sort=-created_at",
    "status=active",
    "status=left",
    "status=left&status=suspended",
    "delegation=region-3",
    "department=31&status=active",
    "category=associate",
    "kind=ges",
    f"group={GROUP}",
    "joined_from=2018-01-01",
    "left_from=2023-01-01&left_to=2024-12-31",
    "billing_contact=false",
    "billing_contact=true",
    "q=e4da3b7f",
    "called=2026",
    "not_called=2026",
]
FEW = 1_000
"""Rows of the register that a page of fifty may read; without an index it is all of them."""


async def test_no_list_of_the_register_reads_all_of_it(membership: ServiceUnderTest) -> None:
    connection = await asyncpg.connect(membership.runtime.settings.database_url)
    try:
        await connection.execute(REGISTER, STRUCTURES, GROUP)
        await connection.execute("VACUUM ANALYZE member")
        read = {}
        async with membership.client("network") as client:
            for screen in SCREENS:
                with membership.statements() as sent:
                    answer = await client.get(f"/members?{screen}")
                assert answer.status_code == 200, answer.text
                read[screen] = max([await rows_read(connection, *one) for one in sent])
    finally:
        await connection.close()
    assert {screen: rows for screen, rows in read.items() if rows > FEW} == {}


async def rows_read(connection: asyncpg.Connection, statement: str, parameters: tuple[Any, ...]) -> int:
    """Return how many rows of the register a statement reads."""
    explained = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *parameters)
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes(json.loads(explained)[0]["Plan"])
        if node.get("Relation Name") == "member"
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)
