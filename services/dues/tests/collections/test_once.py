"""Nothing is collected twice, whatever runs at once or dies; a run of many takes as many statements as one of few."""

import asyncio
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from dues.collections import queries, repository
from dues.collections.domain import CollectionState, Past, Run, propose
from dues.legal_entities.queries import DEMO_ENTITY, load_entity
from dues.mandates.domain import Scheme

from .conftest import Desk, Presented, call

_MANY = 22
"""More than a step of the settlement receives."""
_LINES = "SELECT claim_key, count(*) AS lines FROM collection_line GROUP BY claim_key"
READS = (
    "/collections",
    "/collections/rules",
    "/collections/preview?collection_on={day}",
    "/collections/{run}",
    "/collections/lines",
    "/collections/lines/export",
)
_RECEIPTS = "SELECT bank_reference, count(*) AS receipts FROM receipt GROUP BY bank_reference"


async def test_of_runs_prepared_at_once_one_has_each_claim(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.ask() for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "nothing_to_collect"}
    assert [row.lines for row in await desk.dues.rows(_LINES)] == [1, 1]


async def test_the_database_refuses_a_claim_in_two_live_collections(desk: Desk) -> None:
    await desk.prepare()
    copied = (
        "INSERT INTO collection_line (id, run_id, rank, end_to_end, claim_key, member_id, member_name, calls, amount,"
        " mandate_id, rum, sequence, debtor_name, iban, state, version) SELECT gen_random_uuid(), run_id, rank + 10,"
        " end_to_end || 'x', claim_key, member_id, member_name, calls, amount, mandate_id, rum, sequence, debtor_name,"
        " iban, state, version FROM collection_line"
    )
    async with desk.dues.runtime.database.transaction(Actor("test")) as tx:
        with pytest.raises(IntegrityError, match="uq_collection_line_live"):
            await tx.session.execute(text(copied))
        await tx.session.rollback()


async def test_what_another_run_took_meanwhile_is_left_to_it(desk: Desk) -> None:
    await desk.prepare()
    entity = load_entity(DEMO_ENTITY)
    async with desk.dues.runtime.database.transaction(Actor("test")) as tx:
        setting = queries.setting_for(entity, Scheme.CORE, desk.day)
        claims = await queries.due_claims(tx, desk.day)
        mandates = await queries.mandates_on(tx, {one.member_id for one in claims}, desk.day)
        unaware = propose(claims, mandates, Past({}, {}), setting)
        state, last = CollectionState.PREPARED, setting.rules.last_notice_on(desk.day)
        run = Run(id=UUID(int=5), reference="PRV-X", state=state, collection_on=desk.day, last_notice_on=last)
        row = await repository.add(tx, run, entity, setting)
        assert len(unaware.lines) == 2
        assert await repository.add_lines(tx, row, unaware.lines) == set()


async def test_two_settlements_asked_for_at_once_are_one(presented: Presented) -> None:
    desk, run = presented
    days = (desk.day - desk.today).days
    async with desk.dues.days_later(days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        asked = [then.act(dict(run), "settle", settled_on=str(desk.day)) for _ in range(3)]
        assert sorted(answer.status_code for answer in await asyncio.gather(*asked)) == [202, 412, 412]
    assert [row.receipts for row in await desk.dues.rows(_RECEIPTS)] == [1, 1]


async def test_a_settlement_killed_in_the_middle_of_a_step_receives_nothing_twice(
    dues: ServiceUnderTest, tmp_path: Path
) -> None:
    async with dues.client("finance") as client:
        desk = await many_called(dues, Desk(dues, client))
        run = await desk.presented()
        days = (desk.day - desk.today).days
        async with dues.days_later(days) as later, later.client("finance") as then:
            asked = await then.post(
                f"/collections/{run['id']}/settle",
                json={"settled_on": str(desk.day)},
                headers={"If-Match": etag(run["version"])},
            )
            assert asked.status_code == 202, asked.text
            await die(dues, tmp_path, asked.json()["job_id"], "transaction.written:SIGKILL:2", days)
            assert len(await dues.rows(_RECEIPTS)) == 20
            await later.run_jobs()
            settled = (await then.get(f"/collections/{run['id']}")).json()
            assert settled["state"] == "settled"
            told = (await then.get(f"/jobs/{asked.json()['job_id']}/receipt")).json()["items"]
            assert [(line["row"], line["outcome"]) for line in told] == [(row, "settled") for row in range(1, 23)]
    assert [row.receipts for row in await dues.rows(_RECEIPTS)] == [1] * _MANY


async def test_a_run_of_many_takes_as_many_statements_as_one_of_few(dues: ServiceUnderTest, desk: Desk) -> None:
    few = await counted(desk)
    await call(dues, desk.client, *range(4, 9))
    for rank in range(4, 9):
        await desk.mandates.signed(UUID(int=rank))
    assert len((await desk.preview())["lines"]) == 7
    assert await counted(desk) == few


async def many_called(dues: ServiceUnderTest, desk: Desk) -> Desk:
    """Call more structures than a step receives, each with its mandate."""
    ranks = range(1, _MANY + 1)
    await call(dues, desk.client, *ranks)
    for rank in ranks:
        await desk.mandates.signed(UUID(int=rank))
    return desk


async def die(dues: ServiceUnderTest, folder: Path, job: str, point: str, days: int) -> None:
    """Let a jobs process work on a job until it dies at a point."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, Path(__file__).parent / "doomed_worker.py"),
        *(dues.runtime.settings.database_url, f"file://{folder}/dues", job, point, str(days)),
    )
    assert await process.wait() == -signal.SIGKILL


async def counted(desk: Desk) -> dict[str, int]:
    """Prepare, announce and file a run, read it, and give it up; return what each took."""
    counts = {}
    with desk.dues.statements() as sent:
        run = await desk.prepare()
    counts["prepare"] = len(sent)
    await desk.done(run, "announce")
    with desk.dues.statements() as sent:
        filed = await desk.client.post(
            f"/collections/{run['id']}/file", headers={"If-Match": etag(run["version"])}, params={"dry_run": "true"}
        )
    assert filed.status_code == 200, filed.text
    counts["file"] = len(sent)
    for path in READS:
        with desk.dues.statements() as sent:
            answer = await desk.client.get(path.format(run=run["id"], day=desk.day))
        assert answer.status_code == 200, answer.text
        counts[path] = len(sent)
    await desk.done(run, "cancel", reason="Essai")
    return counts
