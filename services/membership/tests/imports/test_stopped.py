"""An import stops before its end, or two begin at once: what was done is known, and can be undone."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.jobs import JobKind, JobRun
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor, Tx
from common.worker import Worker
from membership.imports import jobs, use_cases
from membership.imports.domain import APPLY, UNDO

from ..members.test_dates import on
from .test_acts import AVIE, HEADER, act, applied, previewed
from .test_undoing import AILES, ask, found, imported, plan_of, undone

DATED = f"{HEADER};adherente_depuis"
ENVIE = "ENVIE;EI;3 rue C;31000;TOULOUSE;31"
FILE = "\n".join(
    [DATED, f"{AVIE};01/02/1980", f"{ENVIE};03/05/1987", f"{AILES};04/06/1988", "NEUVE;AI;4 rue D;31000;TOULOUSE;31;"]
)


async def stopped_after(membership: ServiceUnderTest, client: httpx.AsyncClient, job_id: str, rows: int) -> None:
    """Run a job of imports until so many rows are done, then have it cancelled."""
    stop, runtime = asyncio.Event(), membership.runtime

    def stopping(kind: JobKind) -> JobKind:
        async def step(tx: Tx, run: JobRun) -> bool:
            finished = await kind.step(tx, run)
            if run.done == rows:
                stop.set()
            return finished

        return JobKind(kind.name, step, kind.release)

    kinds = [stopping(kind) for kind in jobs.JOBS if kind.name in (APPLY, UNDO)]
    await Worker(runtime.database, runtime.clock, runtime.files, kinds).run_to_end(UUID(job_id), stop)
    assert (await client.post(f"/jobs/{job_id}/cancel")).status_code == 200
    await membership.run_jobs()


async def half_applied(membership: ServiceUnderTest, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> str:
    """Apply the first two rows of a file: one structure is entered, the application of another is dated."""
    monkeypatch.setattr("membership.imports.jobs._SLICE", 1)
    await imported(membership, client, f"{ENVIE};", f"{AILES};", header=DATED)
    import_id = str((await previewed(membership, client, FILE))["id"])
    accepted = await act(client, import_id, "apply")
    await stopped_after(membership, client, accepted.json()["job_id"], 2)
    return import_id


async def since(client: httpx.AsyncClient) -> dict[str, str | None]:
    return {one["name"]: one["member_since"] for one in await found(client, "/applications")}


async def shown(client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    return dict((await client.get(f"/imports/{import_id}")).json())


async def test_what_an_application_did_before_it_stopped_is_undone(
    membership: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with membership.client("network") as client:
        import_id = await half_applied(membership, client, monkeypatch)
        stopped = await shown(client, import_id)
        assert (stopped["status"], stopped["undoable_until"]) == ("previewed", on(30))
        assert stopped["allowed_actions"] == ["decide", "preview", "apply", "undo"]
        # Another file says the same of a row that this one never reached.
        await imported(membership, client, f"{AILES};04/06/1988", header=DATED)
        again = await applied(membership, client, import_id)
        assert again["failure"]["code"] == "import_preview_outdated"
        assert (await plan_of(client, import_id))["counts"] == {"retracted": 1, "returned": 1, "nothing": 1}
        await undone(membership, client, import_id)
        assert await since(client) == {"ENVIE": None, "AILES": "1988-06-04"}
        assert (await shown(client, import_id))["status"] == "undone"


async def test_what_was_left_may_be_applied_and_all_of_it_undone(
    membership: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with membership.client("network") as client:
        import_id = await half_applied(membership, client, monkeypatch)
        assert (await ask(client, import_id, "x" * 20)).status_code == 202
        await membership.run_jobs()
        assert (await shown(client, import_id))["status"] == "previewed", "nothing was undone: it may be completed"
        assert (await act(client, import_id, "preview")).status_code == 202
        await membership.run_jobs()
        assert (await shown(client, import_id))["allowed_actions"] == ["decide", "preview", "apply", "undo"]
        assert (await plan_of(client, import_id))["counts"] == {"retracted": 1, "nothing": 2}
        assert (await applied(membership, client, import_id))["status"] == "succeeded"
        plan = await plan_of(client, import_id)
        assert plan["counts"] == {"retracted": 2, "returned": 1, "nothing": 1}
        accepted = await ask(client, import_id, plan["plan"])
        await stopped_after(membership, client, accepted.json()["job_id"], 1)
        begun = await shown(client, import_id)
        assert (begun["status"], begun["allowed_actions"]) == ("applied", ["undo"])
        await undone(membership, client, import_id)
        # What an application dated before it stopped, and a fresh preview found done, stays.
        assert await since(client) == {"ENVIE": "1987-05-03", "AILES": None}


async def test_an_import_undone_in_part_is_not_applied_further(
    membership: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with membership.client("network") as client:
        import_id = await half_applied(membership, client, monkeypatch)
        accepted = await ask(client, import_id, (await plan_of(client, import_id))["plan"])
        await stopped_after(membership, client, accepted.json()["job_id"], 1)
        assert (await shown(client, import_id))["allowed_actions"] == ["undo"]
        await undone(membership, client, import_id)
        assert await since(client) == {"ENVIE": None, "AILES": None}


@pytest.mark.parametrize("verb", ["apply", "undo"])
async def test_of_two_at_once_the_second_is_told_to_wait(membership: ServiceUnderTest, verb: str) -> None:
    async with membership.client("network") as client:
        done = await imported(membership, client, AVIE)
        first = await previewed(membership, client, f"{HEADER}\n{AILES}")
        second = await previewed(membership, client, f"{HEADER}\n{ENVIE}")
        plan = (await plan_of(client, done))["plan"]
        async with membership.runtime.database.transaction(Actor("test")) as tx:
            await use_cases.ask_to_apply(tx, UUID(first["id"]), f'"v{first["version"]}"')
            asked = act(client, second["id"], "apply") if verb == "apply" else ask(client, done, plan)
            waiting = asyncio.ensure_future(asked)
            await eventually(lambda: _waits_or_is_answered(membership, waiting))
        refused = await waiting
    assert (refused.status_code, refused.json()["code"]) == (409, "import_busy")


async def _waits_or_is_answered(membership: ServiceUnderTest, asked: asyncio.Future[httpx.Response]) -> bool:
    held = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return asked.done() or bool(await membership.rows(held))
