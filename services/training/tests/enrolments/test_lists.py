"""The lists that people work with, among thousands of rows: filters, and the index that each finds its place by."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of

from .arrangements import opened, person, seated

_MANY = 4_000
_COPIES = (
    """INSERT INTO quote SELECT (jsonb_populate_record(q, jsonb_build_object('id', gen_random_uuid(),
    'reference', 'X-' || n, 'quoted_on', q.quoted_on - n % 900))).*
    FROM quote q, generate_series(1, $1) n WHERE q.reference = (SELECT min(reference) FROM quote)""",
    """INSERT INTO enrolment_request SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(),
    'reference', q.reference, 'quote_id', q.id, 'place', 100 + split_part(q.reference, '-', 2)::int,
    'asked_at', e.asked_at - split_part(q.reference, '-', 2)::int * interval '1 hour'))).*
    FROM enrolment_request e, quote q WHERE q.reference LIKE 'X-%'
    AND e.reference = (SELECT min(reference) FROM enrolment_request) LIMIT $1""",
    """INSERT INTO enrolment SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(),
    'request_id', r.id, 'trainee_id', NULL, 'status', 'waiting'))).*
    FROM enrolment e, enrolment_request r WHERE r.reference LIKE 'X-%'
    AND e.trainee_id IS NULL AND e.request_id <> r.id LIMIT $1""",
)
"""Quotes, requests and seats made after the first of each."""


async def test_a_list_among_thousands_finds_its_place_by_an_index(training: ServiceUnderTest) -> None:
    held = await opened(training, 3, 1, 2)
    async with training.client("training") as team:
        one = await person(team, 2)
        await seated(team, held, 1)
        mine = await seated(team, held, 2, trainees=[one])
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        for copies in _COPIES:
            await connection.execute(copies, _MANY)
        await connection.execute("ANALYZE")
        async with training.client("member", member_id=UUID(int=2)) as client:
            for path, index in (
                ("/enrolments", "ix_enrolment_member"),
                ("/enrolment-requests", "ix_enrolment_request_member"),
                ("/quotes", "ix_quote_member"),
            ):
                with training.statements() as sent:
                    page = (await client.get(path)).json()
                assert len(page["items"]) == 1, path
                reads = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
                assert len(reads) <= 2, [statement for statement, _ in reads]
                assert index in await indexes_of(training, *reads[0])
        async with training.client("training") as team:
            with training.statements() as sent:
                page = (await team.get("/enrolment-requests", params={"limit": 20})).json()
            assert (len(page["items"]), page["items"][0]["id"]) == (20, mine["id"])
            assert "ix_enrolment_request_asked" in await indexes_of(training, *sent[0])
            with training.statements() as sent:
                found = (await team.get("/enrolments", params={"trainee_id": one})).json()["items"]
            assert [line["trainee_name"] for line in found] == ["Camille EXEMPLE"]
            assert "ix_enrolment_trainee" in await indexes_of(training, *sent[0])
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("params", "found"),
    [
        pytest.param({}, 3, id="tout"),
        pytest.param({"status": "confirmed"}, 2, id="prises"),
        pytest.param({"status": ["waiting", "offered"]}, 1, id="attendues ou proposées"),
        pytest.param({"member_id": str(UUID(int=2))}, 1, id="d'une structure"),
        pytest.param({"programme": "CIP-01"}, 3, id="d'un programme"),
        pytest.param({"programme": "CIP-02"}, 0, id="d'un autre"),
        pytest.param({"session_id": str(UUID(int=9))}, 0, id="d'une autre session"),
    ],
)
async def test_seats_are_found_by_what_one_looks_for(
    training: ServiceUnderTest, params: dict[str, Any], found: int
) -> None:
    held = await opened(training, 2, 1, 2)
    async with training.client("training") as team:
        await seated(team, held, 1, 2)
        await seated(team, held, 2)
        assert (await team.get("/enrolments", params={**params, "total": True})).json()["total"] == found
        exported = (await team.get("/enrolments/export", params=params)).text.splitlines()
        assert len(exported) == found + 1


async def test_seats_are_found_by_the_days_of_their_session(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1)
    first = held.means.first
    async with training.client("training") as team:
        await seated(team, held, 1)
        for params, found in (
            ({"first_day_from": first.isoformat(), "first_day_to": first.isoformat()}, 1),
            ({"first_day_from": (first + timedelta(1)).isoformat()}, 0),
            ({"first_day_to": (first - timedelta(1)).isoformat()}, 0),
        ):
            assert len((await team.get("/enrolments", params=params)).json()["items"]) == found
