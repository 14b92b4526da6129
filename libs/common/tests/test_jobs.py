"""Long work: it survives any end of its process, repeats no row, and tells what became of each."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from common.clock import PARIS, legal_day
from common.errors import Conflict
from common.identifiers import new_id
from common.jobs import JobKind, JobRun, enqueue
from common.testing.acts import try_acts
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from common.transaction import Actor, Tx
from common.worker import Worker

from .notebook.app import copy_notes, service_with, write_note
from .test_refusals import assert_problem

ASKER = Actor("test-network")
Step = Callable[[Tx, JobRun], Awaitable[bool]]


async def ask(service: ServiceUnderTest, kind: str = "notes.copy", count: int = 5, **more: Any) -> UUID:
    async with service.runtime.database.transaction(ASKER) as tx:
        return await enqueue(tx, kind, count=count, **more)


async def job(service: ServiceUnderTest, job_id: UUID) -> Any:
    [row] = await service.rows("SELECT * FROM job WHERE id = :id", id=job_id)
    return row


async def has_ended(service: ServiceUnderTest, job_id: UUID) -> bool:
    return (await job(service, job_id)).status in ("succeeded", "failed", "cancelled")


async def copies(service: ServiceUnderTest, job_id: UUID) -> list[int]:
    """Return the rows whose copy lasted."""
    rows = await service.rows("SELECT rank FROM note WHERE title LIKE :like ORDER BY rank", like=f"copy % of {job_id}")
    return [row.rank for row in rows]


async def receipt(service: ServiceUnderTest, job_id: UUID) -> list[tuple[int, str]]:
    rows = await service.rows("SELECT row, outcome FROM job_receipt WHERE job_id = :id ORDER BY row", id=job_id)
    return [(row.row, row.outcome) for row in rows]


def worker_of(service: ServiceUnderTest) -> Worker:
    return Worker(service.runtime.database, service.runtime.clock, service.runtime.files, service.service.jobs)


async def make_due(service: ServiceUnderTest) -> None:
    """Let the time of a postponed job come."""
    async with service.runtime.database.transaction(Actor("test")) as tx:
        await tx.session.execute(text("UPDATE job SET run_after = created_at"))


async def test_a_job_exists_if_and_only_if_its_transaction_commits(notebook: ServiceUnderTest) -> None:
    async def ask_and_fail() -> None:
        async with notebook.runtime.database.transaction(ASKER) as tx:
            await enqueue(tx, "notes.copy", count=1)
            raise Conflict("non")

    with pytest.raises(Conflict):
        await ask_and_fail()
    async with notebook.client("network") as client:
        await client.post("/notes/copying?dry_run=true")
    assert await notebook.rows("SELECT 1 FROM job") == []


async def test_a_job_does_its_rows_and_says_what_became_of_each(notebook: ServiceUnderTest) -> None:
    job_id = await ask(notebook)
    async with running(worker_of(notebook).run):
        await eventually(lambda: has_ended(notebook, job_id))
    done = await job(notebook, job_id)
    assert (done.status, done.done, done.total, done.counts) == ("succeeded", 5, 5, {"created": 5})
    assert done.started_at <= done.ended_at
    assert await copies(notebook, job_id) == [1, 2, 3, 4, 5]
    assert await receipt(notebook, job_id) == [(row, "created") for row in range(1, 6)]
    assert len(await notebook.rows("SELECT 1 FROM event_outbox WHERE actor = 'test-network'")) == 5


async def test_a_process_killed_in_the_middle_of_a_step_repeats_no_row(
    notebook: ServiceUnderTest, tmp_path: Path
) -> None:
    job_id = await ask(notebook)
    database = notebook.runtime.settings.database_url
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "notebook.doomed_worker", database, f"file://{tmp_path}", "3"),
        cwd=Path(__file__).parent,
    )
    assert await process.wait() == -signal.SIGKILL
    assert await copies(notebook, job_id) == [1, 2]
    async with running(worker_of(notebook).run):
        await eventually(lambda: has_ended(notebook, job_id))
    assert await copies(notebook, job_id) == [1, 2, 3, 4, 5]
    assert await receipt(notebook, job_id) == [(row, "created") for row in range(1, 6)]


def failing_at(row: int, errors: list[BaseException], release: list[UUID | None] | None = None) -> JobKind:
    """Return a job that copies, and meets each of these errors once at a row."""

    async def step(tx: Tx, run: JobRun) -> bool:
        finished = await copy_notes(tx, run)
        if run.done == row and errors:
            raise errors.pop(0)
        return finished

    async def let_go(tx: Tx, subject_id: UUID | None) -> None:
        await write_note(tx, f"released {subject_id}")
        if release is not None:
            release.append(subject_id)

    return JobKind("notes.fail", step, let_go)


async def test_a_refusal_ends_the_job_with_its_code_and_lets_its_subject_go(assemble: Assemble) -> None:
    released: list[UUID | None] = []
    kind = failing_at(3, [Conflict("La ligne 3 ne va pas.", code="row_refused")], released)
    service = await assemble(service_with(jobs=(kind,)))
    subject = new_id()
    job_id = await ask(service, "notes.fail", subject_id=subject)
    async with running(worker_of(service).run):
        await eventually(lambda: has_ended(service, job_id))
    failed = await job(service, job_id)
    assert (failed.status, failed.failure) == ("failed", {"code": "row_refused", "message": "La ligne 3 ne va pas."})
    assert await copies(service, job_id) == [1, 2]
    assert released == [subject]


@pytest.mark.parametrize(
    ("errors", "status"),
    [
        pytest.param([ConnectionResetError()] * 8, "succeeded", id="passagère, huit fois"),
        pytest.param([KeyError("bug")] * 5, "succeeded", id="imprévue, cinq fois"),
        pytest.param([KeyError("bug")] * 6, "failed", id="imprévue, six fois"),
    ],
)
async def test_what_may_pass_is_tried_again_later(assemble: Assemble, errors: list[BaseException], status: str) -> None:
    service = await assemble(service_with(jobs=(failing_at(3, list(errors)),)))
    job_id = await ask(service, "notes.fail")
    worker = worker_of(service)
    for attempt in range(1, len(errors) + 2):
        await worker.run_to_end(job_id)
        postponed = await job(service, job_id)
        if postponed.status == "running":
            assert (postponed.attempts, postponed.run_after > service.runtime.clock.now()) == (attempt, True)
        await make_due(service)
    ended = await job(service, job_id)
    assert ended.status == status
    assert await copies(service, job_id) == ([1, 2, 3, 4, 5] if status == "succeeded" else [1, 2])
    if status == "failed":
        assert ended.failure["code"] == "unexpected"


async def test_a_postponed_job_waits_for_its_time(assemble: Assemble) -> None:
    service = await assemble(service_with(jobs=(failing_at(1, [ConnectionResetError()]),)))
    late, other = await ask(service, "notes.fail"), await ask(service)
    async with running(worker_of(service).run):
        await eventually(lambda: has_ended(service, other))
        await eventually(lambda: has_ended(service, late))
    assert (await job(service, late)).ended_at > (await job(service, other)).ended_at


@pytest.mark.parametrize("end", [SystemExit(), KeyboardInterrupt(), asyncio.CancelledError()])
async def test_an_end_of_the_process_leaves_the_job_as_it_was_committed(assemble: Assemble, end: BaseException) -> None:
    service = await assemble(service_with(jobs=(failing_at(3, [end]),)))
    job_id = await ask(service, "notes.fail")
    with pytest.raises(type(end)):
        await worker_of(service).run_to_end(job_id)
    left = await job(service, job_id)
    assert (left.status, left.done, left.attempts) == ("running", 2, 0)
    await worker_of(service).run_to_end(job_id)
    assert await copies(service, job_id) == [1, 2, 3, 4, 5]


async def test_work_of_a_kind_that_only_a_newer_version_knows_is_left_to_it(notebook: ServiceUnderTest) -> None:
    unknown, known = await ask(notebook, "notes.invented"), await ask(notebook)
    async with running(worker_of(notebook).run):
        await eventually(lambda: has_ended(notebook, known))
    left = await job(notebook, unknown)
    assert (left.status, left.attempts) == ("queued", 0)


def watched(steps: list[tuple[UUID, object]]) -> JobKind:
    async def step(tx: Tx, run: JobRun) -> bool:
        steps.append((run.id, asyncio.current_task()))
        return await copy_notes(tx, run)

    return JobKind("notes.watched", step)


async def test_two_workers_share_the_jobs_and_never_one_job(assemble: Assemble) -> None:
    steps: list[tuple[UUID, object]] = []
    service = await assemble(service_with(jobs=(watched(steps),)), database_pool_size=8)
    job_ids = [await ask(service, "notes.watched", count=8) for _ in range(6)]
    async with running(worker_of(service).run), running(worker_of(service).run):
        for job_id in job_ids:
            await eventually(lambda job_id=job_id: has_ended(service, job_id))
    for job_id in job_ids:
        assert len({task for one, task in steps if one == job_id}) == 1
        assert await copies(service, job_id) == list(range(1, 9))
    assert len({task for _, task in steps}) == 2


async def test_a_worker_that_lost_its_lock_repeats_no_row(assemble: Assemble) -> None:
    """Its connection is cut while it works: another takes the job up beside it."""
    steps: list[tuple[UUID, object]] = []
    service = await assemble(service_with(jobs=(watched(steps),)), database_pool_size=8)
    job_id = await ask(service, "notes.watched", count=60)
    async with running(worker_of(service).run), running(worker_of(service).run):
        await eventually(lambda: progress(service, job_id))
        await service.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        await eventually(lambda: has_ended(service, job_id))
    assert await copies(service, job_id) == list(range(1, 61))
    assert [row for row, _ in await receipt(service, job_id)] == list(range(1, 61))


async def progress(service: ServiceUnderTest, job_id: UUID) -> int:
    done: int = (await job(service, job_id)).done
    return done


async def test_what_is_done_stays_done_when_a_job_is_cancelled(notebook: ServiceUnderTest) -> None:
    job_id = await ask(notebook)
    async with notebook.client("network") as client:
        before = (await client.get(f"/jobs/{job_id}")).json()
        await worker_steps(notebook, job_id, 2)
        assert await try_acts(client, f"/jobs/{job_id}", {"cancel": ("POST", "/cancel", {})}) == {"cancel"}
        asked = (await client.post(f"/jobs/{job_id}/cancel")).json()
        await worker_of(notebook).run_to_end(job_id)
        after = (await client.get(f"/jobs/{job_id}")).json()
        assert await try_acts(client, f"/jobs/{job_id}", {"cancel": ("POST", "/cancel", {})}) == set()
        again = await client.post(f"/jobs/{job_id}/cancel")
    assert [one["status"] for one in (before, asked, after)] == ["queued", "running", "cancelled"]
    assert [one["allowed_actions"] for one in (before, asked, after)] == [["cancel"], ["cancel"], []]
    assert_problem(again, 409, "job_ended")
    assert await copies(notebook, job_id) == [1, 2]


async def worker_steps(service: ServiceUnderTest, job_id: UUID, rows: int) -> None:
    """Work until so many rows are done, then stop the worker."""
    stop = asyncio.Event()

    async def step(tx: Tx, run: JobRun) -> bool:
        finished = await copy_notes(tx, run)
        if run.done == rows:
            stop.set()
        return finished

    runtime = service.runtime
    kinds = [JobKind("notes.copy", step)]
    await Worker(runtime.database, runtime.clock, runtime.files, kinds).run_to_end(job_id, stop)


async def test_a_job_belongs_to_who_asked_for_it(notebook: ServiceUnderTest) -> None:
    job_id = await ask(notebook)
    async with notebook.client("finance") as stranger, notebook.client("ops") as ops, notebook.client() as anyone:
        for path in ("", "/receipt", "/events"):
            assert_problem(await stranger.get(f"/jobs/{job_id}{path}"), 404, "job_not_found")
        assert_problem(await stranger.post(f"/jobs/{job_id}/cancel"), 404, "job_not_found")
        assert_problem(await anyone.get(f"/jobs/{job_id}"), 401, "unauthenticated")
        assert (await stranger.get("/jobs")).json()["items"] == []
        assert [one["id"] for one in (await ops.get("/jobs")).json()["items"]] == [str(job_id)]


async def test_lists_and_receipts_are_read_page_by_page(notebook: ServiceUnderTest) -> None:
    job_ids = [await ask(notebook, count=7) for _ in range(5)]
    await notebook.run_jobs()
    async with notebook.client("network") as client:
        jobs = await all_pages(client, "/jobs?limit=2")
        lines = await all_pages(client, f"/jobs/{job_ids[0]}/receipt?limit=3")
        none = (await client.get(f"/jobs/{job_ids[0]}/receipt?outcome=refused&outcome=skipped")).json()
    assert [one["id"] for one in jobs] == [str(job_id) for job_id in reversed(job_ids)]
    assert [line["row"] for line in lines] == list(range(1, 8))
    assert {line["outcome"] for line in lines} == {"created"}
    assert none == {"items": [], "next_cursor": None, "total": None}


async def all_pages(client: Any, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get(f"{path}&cursor={cursor}" if cursor else path)).json()
        items, cursor = items + page["items"], page["next_cursor"]
    return items


async def test_progress_is_followed_live_until_the_end(notebook: ServiceUnderTest) -> None:
    job_id = await ask(notebook, count=20)
    async with notebook.client("network") as client:
        following = asyncio.ensure_future(client.get(f"/jobs/{job_id}/events"))
        async with running(worker_of(notebook).run):
            response = await asyncio.wait_for(following, 20)
    seen = [orjson.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: ")]
    done = [one["done"] for one in seen]
    assert done == sorted(set(done))
    assert (seen[-1]["status"], seen[-1]["done"], seen[-1]["counts"]) == ("succeeded", 20, {"created": 20})


async def test_a_release_that_fails_ends_neither_the_worker_nor_the_job(assemble: Assemble) -> None:
    async def refuse(_: Tx, __: JobRun) -> bool:
        raise Conflict("Non.", code="refused_here")

    async def fail_to_let_go(_: Tx, __: UUID | None) -> None:
        raise KeyError("bug")

    service = await assemble(service_with(jobs=(JobKind("notes.stuck", refuse, fail_to_let_go),)))
    first, second = await ask(service, "notes.stuck"), await ask(service, "notes.stuck")
    async with running(worker_of(service).run):
        await eventually(lambda: has_ended(service, second))
    assert [(await job(service, job_id)).failure["code"] for job_id in (first, second)] == ["refused_here"] * 2


async def test_a_daily_job_is_asked_for_once_a_day_by_whoever_sees_the_day(assemble: Assemble) -> None:
    async def step(tx: Tx, _: JobRun) -> bool:
        await write_note(tx, tx.today.isoformat())
        return True

    service = await assemble(service_with(jobs=(JobKind("notes.daily", step, daily=True),)))
    for worker in (service.worker(), service.worker()):
        await worker.ask_for_the_day()
        await worker.ask_for_the_day()
    today = service.runtime.clock.now()
    for days in (0, 1):
        async with service.days_later(days):
            pass
    titles = {row.title for row in await service.rows("SELECT title FROM note")}
    assert titles == {legal_day(today).isoformat(), legal_day(today + timedelta(days=1)).isoformat()}
    asked = await service.rows("SELECT run_after FROM job WHERE kind = 'notes.daily' ORDER BY run_after")
    assert [row.run_after.astimezone(PARIS).time() for row in asked] == [time(0, 5), time(0, 5)]
