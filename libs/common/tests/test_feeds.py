"""What changed: the feed by cursor, and the same feed live, each actor seeing only what is within reach."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from itertools import count
from uuid import UUID

import httpx
import orjson
import uvicorn

from common.identifiers import new_id
from common.testing.acknowledging import acknowledge
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from devstack.ports import free_port

from .notebook.app import write_note
from .notebook.contracts import NoteState, NoteWritten, written_on
from .notebook.effects import publish, story
from .notebook.ledger import drop_older_than, grow_old
from .test_refusals import assert_problem

AUTHOR, STRANGER = new_id(), new_id()


async def write(service: ServiceUnderTest, *titles: str, author: UUID | None = AUTHOR) -> None:
    async with service.runtime.database.transaction(Actor("test")) as tx:
        for title in titles:
            await write_note(tx, title, author=author)


async def ledger(service: ServiceUnderTest, after: int = 0) -> list[str]:
    """Return the titles in the ledger after a position."""
    query = (
        "SELECT CAST(convert_from(payload, 'UTF8') AS json) -> 'state' ->> 'title' AS title"
        " FROM event_archive WHERE position > :after ORDER BY position"
    )
    return [row.title for row in await service.rows(query, after=after)]


async def feed(client: httpx.AsyncClient, after: int = 0, limit: int = 100) -> tuple[list[str], int]:
    """Return the titles of one page of the feed, and where to go on from."""
    page = (await client.get("/notes/changes", params={"after": after, "limit": limit})).json()
    return [item["fact"]["state"]["title"] for item in page["items"]], page["next_after"]


async def test_the_feed_shows_what_the_broker_has_in_one_order(notebook: ServiceUnderTest) -> None:
    await write(notebook, "one", "two", "three")
    async with notebook.client("network") as client:
        assert await feed(client) == ([], 0)
        await acknowledge(notebook)
        first, position = await feed(client, limit=2)
        await write(notebook, "four")
        await acknowledge(notebook)
        second, end = await feed(client, after=position)
        assert (first, second) == (["one", "two"], ["three", "four"])
        assert await feed(client, after=end) == ([], end)


async def test_the_feed_shows_only_what_is_within_reach_and_moves_on_past_the_rest(notebook: ServiceUnderTest) -> None:
    await write(notebook, "mine")
    await write(notebook, *(f"not mine {number}" for number in range(5)), author=STRANGER)
    await write(notebook, "mine too")
    await acknowledge(notebook)
    async with notebook.client("member", member_id=AUTHOR) as client:
        seen: list[str] = []
        position, pages = 0, 0
        while (page := await feed(client, position, limit=2))[1] != position:
            seen, position, pages = seen + page[0], page[1], pages + 1
    assert (seen, pages) == (["mine", "mine too"], 4)
    async with notebook.client() as anonymous:
        assert (await feed(anonymous))[0] == []


async def test_positions_follow_the_order_of_sequences(notebook: ServiceUnderTest) -> None:
    await write(notebook, *(f"note {number}" for number in range(200)))
    await acknowledge(notebook)
    assert await ledger(notebook) == [f"note {number}" for number in range(200)]


class Server(uvicorn.Server):
    """uvicorn, without its hand on the signals of the test's process."""

    capture_signals = nullcontext  # type: ignore[assignment]


@asynccontextmanager
async def served(service: ServiceUnderTest) -> AsyncIterator[str]:
    """Serve the application over a socket, as a stream that never ends needs."""
    port = free_port()
    server = Server(uvicorn.Config(service.app, port=port, log_config=None, lifespan="off"))
    serving = asyncio.ensure_future(server.serve())
    await eventually(lambda: asyncio.sleep(0, server.started))
    try:
        yield f"http://127.0.0.1:{port}/notebook/v1"
    finally:
        server.should_exit = True
        await serving


class Listener:
    """A browser's EventSource."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self) -> tuple[int, str]:
        """Return the next event: its id, and the title it is about."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and "data" in fields:
                return int(fields["id"]), orjson.loads(fields["data"])["fact"]["state"]["title"]
            name, _, value = line.partition(": ")
            fields[name] = value
        raise AssertionError("the stream ended")


@asynccontextmanager
async def listening(address: str, headers: dict[str, str]) -> AsyncIterator[Listener]:
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"{address}/notes/stream", headers=headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Listener(response.aiter_lines())


async def test_the_live_feed_begins_now_and_resumes_where_it_was_left(notebook: ServiceUnderTest) -> None:
    await write(notebook, "before")
    await acknowledge(notebook)
    async with notebook.client("member", member_id=AUTHOR) as client:
        mine = {"Authorization": client.headers["Authorization"]}
    async with served(notebook) as address:
        async with listening(address, mine) as listener:
            hearing = asyncio.ensure_future(listener.next())
            numbers = count()

            async def write_until_heard() -> bool:
                """A stream that begins now has a beginning that nobody can know from outside."""
                number = next(numbers)
                await write(notebook, f"not mine {number}", author=STRANGER)
                await write(notebook, f"live {number}")
                await acknowledge(notebook)
                return hearing.done()

            await eventually(write_until_heard)
            position, title = await hearing
            assert title.startswith("live")
        await write(notebook, "meanwhile", "afterwards")
        await acknowledge(notebook)
        missed = [title for title in await ledger(notebook, position) if not title.startswith("not mine")]
        assert missed[-2:] == ["meanwhile", "afterwards"]
        async with listening(address, {**mine, "Last-Event-ID": str(position)}) as listener:
            assert [(await listener.next())[1] for _ in missed] == missed


async def test_a_cursor_older_than_what_is_kept_is_told_what_to_do(notebook: ServiceUnderTest) -> None:
    await write(notebook, "one", "two")
    await acknowledge(notebook)
    async with notebook.client("network") as client:
        _, stale = await feed(client, limit=1)
        await rewrite_everything(notebook)
        _, fresh = await feed(client)
        await grow_old(notebook, 3)
        await drop_older_than(notebook, 1)
        refused = [
            await client.get("/notes/changes", params={"after": stale}),
            await client.get("/notes/changes"),
            await client.get("/notes/stream", headers={"Last-Event-ID": str(stale)}),
        ]
        for answer in refused:
            assert_problem(answer, 410, "changes_no_longer_kept")
            assert answer.json()["resume_after"] == fresh
        await write(notebook, "three")
        await acknowledge(notebook)
        assert (await feed(client, after=fresh))[0] == ["three"]


async def test_a_cursor_beyond_the_end_is_of_another_ledger(notebook: ServiceUnderTest) -> None:
    """One that was restored with loss: what comes next will bear positions that the caller has passed already."""
    await write(notebook, "one")
    await acknowledge(notebook)
    async with notebook.client("network") as client:
        _, last = await feed(client)
        answer = await client.get("/notes/changes", params={"after": last + 1})
    assert_problem(answer, 410, "changes_no_longer_kept")
    assert answer.json()["resume_after"] == last


async def rewrite_everything(service: ServiceUnderTest) -> None:
    """Supersede every note's facts by later ones, of a later day."""
    await grow_old(service, 2)
    notes = [row.id for row in await service.rows("SELECT id FROM note")]
    await publish(service, *(NoteWritten(state=NoteState(id=note, title="rewritten")) for note in notes))
    await acknowledge(service)


async def test_a_reader_that_has_everything_of_a_quiet_topic_is_not_sent_away(notebook: ServiceUnderTest) -> None:
    """Another topic's facts went with their day, long after the last of this one."""
    await write(notebook, "one")
    await acknowledge(notebook)
    async with notebook.client("network") as client:
        _, position = await feed(client)
        await publish(notebook, *story(written_on("elsewhere.note"), ["a", "b"]))
        await acknowledge(notebook)
        await grow_old(notebook, 3)
        await drop_older_than(notebook, 1)
        assert await feed(client, after=position) == ([], position)
