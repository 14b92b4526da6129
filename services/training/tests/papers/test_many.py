"""Papers among thousands, and papers that several people act on at once."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of
from common.testing.plugin import Assemble
from training.app import service

from ..enrolments.arrangements import refused
from .arrangements import body_file, carried, issued, of_kind, on_session, peopled

_MANY = 4_000
_COPIES = (
    """INSERT INTO paper SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(),
    'number', 'X-' || n, 'about', gen_random_uuid(), 'member_id', $2::uuid,
    'issued_at', p.issued_at - n * interval '1 hour'))).*
    FROM paper p, generate_series(1, $1) n WHERE p.kind = 'convention' AND p.number NOT LIKE 'X-%'""",
    """INSERT INTO paper_state
    SELECT (jsonb_populate_record(s, jsonb_build_object('paper_id', p.id, 'about', p.about))).*
    FROM paper p, paper_state s, paper o WHERE p.number LIKE 'X-%' AND s.paper_id = o.id AND o.kind = 'convention'
    AND o.number NOT LIKE 'X-%' AND $1 > 0 AND $2::uuid IS NOT NULL""",
)
"""Conventions of another structure, made after the first."""


@pytest_asyncio.fixture
async def training(assemble: Assemble, tmp_path: Any) -> ServiceUnderTest:
    return await assemble(service, entity_file=body_file(tmp_path))


async def test_a_list_among_thousands_finds_its_place_by_an_index(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    async with training.client("training") as team:
        await issued(team, made, "convention")
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        for copies in _COPIES:
            await connection.execute(copies, _MANY, UUID(int=2))
        await connection.execute("ANALYZE")
        async with training.client("member", member_id=UUID(int=1)) as mine:
            with training.statements() as sent:
                assert len((await mine.get("/papers")).json()["items"]) == 1
            assert "ix_paper_member" in await indexes_of(training, *sent[0])
        async with training.client("training") as team:
            with training.statements() as sent:
                assert len((await team.get("/papers", params={"limit": 20})).json()["items"]) == 20
            assert "ix_paper_issued" in await indexes_of(training, *sent[0])
    finally:
        await connection.close()


async def test_papers_are_compared_in_as_many_statements_whoever_comes(training: ServiceUnderTest) -> None:
    few, many = await peopled(training), None
    async with training.client("training") as team:
        await issued(team, few, "convention")
        counted = []
        for kinds in ([], ["convocation", "attendance_sheet", "contract", "programme", "rules"]):
            if kinds:
                many = await issued(team, few, *kinds)
            with training.statements() as sent:
                page = (await team.get(f"{few.path}/papers", params={"limit": 200})).json()["items"]
            counted.append(len(sent))
            assert len(page) == 1 + len(many or [])
    assert counted[0] == counted[1] <= 20


async def test_two_who_issue_at_once_issue_once(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    async with training.client("training") as team:
        answers = await asyncio.gather(
            *(on_session(team, made, "/papers/issue", {"kinds": ["convention", "convocation"]}) for _ in range(4))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        assert {refused(one)[1] for one in answers if one.status_code == 409} == {"paper_nothing_to_issue"}
        assert len(await of_kind(team, made, "convocation")) == 3


async def test_who_signs_while_the_session_changes_signs_before_or_not_at_all(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    today = training.runtime.clock.now().date().isoformat()
    async with training.client("training") as team:
        [convention] = await issued(team, made, "convention")
        path = f"/papers/{convention['id']}"
        tag = (await team.get(path)).headers["etag"]
        change = {"slots": await carried(team, made, 7), "reason": "Report"}

        async def sign() -> httpx.Response:
            files = {"file": ("convention.pdf", b"%PDF-1.7")}
            said = {"signed_on": today, "signatory": "Direction"}
            return await team.post(f"{path}/signed-copy", files=files, data=said, headers={"If-Match": tag})

        signed, changed = await asyncio.gather(sign(), on_session(team, made, "/changes", change))
        assert changed.status_code == 200, "a change waits for a signature, and then voids what was signed"
        after = (await team.get(path)).json()
        assert after["status"] == "voided"
        assert (after["signed_copy"] is not None) == (signed.status_code == 201)
        if signed.status_code != 201:
            assert signed.json()["code"] in ("paper_voided", "version_changed")
