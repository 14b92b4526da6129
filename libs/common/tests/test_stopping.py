"""SIGTERM: a process finishes what it is at, leaves its places, and ends in time."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from common.identifiers import new_id
from common.jobs import enqueue
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from devstack.broker import choose_lane

from .notebook.app import write_note
from .notebook.bus import records
from .notebook.contracts import written_on
from .notebook.effects import publish, story
from .notebook.processes import STOP_SECONDS, NotebookProcess, notebook_process
from .notebook.silence import silent_server
from .test_jobs import has_ended, job
from .test_relay import archived

OPERATOR = Actor("operator")


async def test_a_relay_told_to_stop_leaves_nothing_half_sent(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    fact = written_on(topic)
    async with notebook_process(notebook, "relay", broker) as relay:
        await eventually(relay.is_ready)
        for _ in range(20):
            await publish(notebook, *(one for _ in range(200) for one in story(fact, ["a"])))
        await eventually(lambda: archived(notebook))
        assert await relay.stop() == 0
    assert len(await records(broker, topic)) == await archived(notebook)
    assert (await notebook.rows("SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'notebook relay%'")) == []


async def test_a_consumer_told_to_stop_leaves_its_place_at_once(notebook: ServiceUnderTest, broker: str) -> None:
    """The group would otherwise wait for it until its session is over.

    Only Apache Kafka tells the difference: the embedded broker makes every newcomer wait for a session.
    """
    session = "30" if choose_lane().lane == "apache" else "6"
    async with notebook_process(notebook, "consume", broker, consumer_session_timeout_seconds=session) as first:
        await eventually(first.is_ready)
        assert await first.stop() == 0
    async with notebook_process(notebook, "consume", broker, consumer_session_timeout_seconds=session) as second:
        await eventually(second.is_ready, seconds=15)
        assert await second.stop() == 0


async def test_a_worker_is_ready_with_its_database(notebook: ServiceUnderTest) -> None:
    async with notebook_process(notebook, "jobs") as worker:
        await eventually(worker.is_ready)
        assert await worker.stop() == 0


@pytest.mark.parametrize("part", ["relay", "consume"])
async def test_what_hangs_ends_in_time_too(notebook: ServiceUnderTest, part: str) -> None:
    """A broker that takes connections and answers nothing."""
    async with silent_server() as broker, notebook_process(notebook, part, broker) as process:
        assert await process.health() == 503
        assert await process.stop() in (0, 1)


async def test_what_does_not_end_is_cut_off_in_time_and_says_so(notebook: ServiceUnderTest) -> None:
    """A step of a job waits for a lock that nobody gives back; the work is done by the next process."""
    async with notebook_process(notebook, "jobs") as worker:
        await eventually(worker.is_ready)
        async with notebook.runtime.database.transaction(OPERATOR) as holder:
            await holder.session.execute(text("LOCK TABLE note IN EXCLUSIVE MODE"))
            async with notebook.runtime.database.transaction(OPERATOR) as tx:
                job_id = await enqueue(tx, "notes.copy", count=1)
            await eventually(lambda: waits_for_a_lock(notebook))
            assert await worker.stop() == 1
    async with notebook_process(notebook, "jobs") as successor:
        await eventually(lambda: has_ended(notebook, job_id))
        assert await successor.stop() == 0
    assert (await job(notebook, job_id)).status == "succeeded"


async def test_an_api_told_to_stop_answers_what_is_under_way_and_sends_the_rest_elsewhere(
    notebook: ServiceUnderTest,
) -> None:
    """A request waits in the database for another one; a stream is open; both end well."""
    headers = {"Authorization": f"Bearer {notebook.token('network')}"}
    async with (
        notebook_process(notebook, "api", drain_seconds="2") as api,
        httpx.AsyncClient(base_url=f"{api.url}/v1", headers=headers, timeout=20) as client,
        client.stream("GET", "/notes/stream") as stream,
    ):
        async with notebook.runtime.database.transaction(OPERATOR) as other:
            await write_note(other, "disputed")
            await other.session.flush()
            under_way = asyncio.ensure_future(client.post("/notes", json={"title": "disputed"}))
            await eventually(lambda: waits_for_a_lock(notebook))
            api.ask_to_stop()
            await eventually(lambda: is_draining(api))
            assert await api.health("live") == 200
            elsewhere = await client.get("/notes")
            assert (elsewhere.status_code, elsewhere.headers["connection"]) == (200, "close")
            assert [line async for line in stream.aiter_lines()] == []
            await other.session.rollback()
            other.pending.clear()
        assert (await under_way).status_code == 201
        assert await asyncio.wait_for(api.process.wait(), STOP_SECONDS) == 0


async def waits_for_a_lock(service: ServiceUnderTest) -> bool:
    return bool(
        await service.rows(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
    )


async def is_draining(api: NotebookProcess) -> bool:
    return await api.health() == 503


async def test_an_api_loses_no_request_of_those_who_heed_it(notebook: ServiceUnderTest) -> None:
    """Clients at work on kept connections: each goes on until it is told that its connection closes."""
    headers = {"Authorization": f"Bearer {notebook.token('network')}"}

    async def work(url: str, answers: list[int]) -> None:
        async with httpx.AsyncClient(base_url=f"{url}/v1", headers=headers, timeout=20) as client:
            while True:
                answer = await client.post("/notes", json={"title": str(new_id())})
                answers.append(answer.status_code)
                if answer.headers.get("connection") == "close":
                    return

    answers: list[int] = []
    async with notebook_process(notebook, "api", drain_seconds="1") as api:
        clients = [asyncio.ensure_future(work(api.url, answers)) for _ in range(8)]
        await eventually(lambda: len(answers) > 50)
        assert await api.stop() == 0
        await asyncio.gather(*clients)
    assert set(answers) == {201}
    assert len(await notebook.rows("SELECT 1 FROM note")) == len(answers)
