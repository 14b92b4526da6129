"""Facts and effects commit together or not at all, and each aggregate's facts are numbered 1, 2, 3."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from common.errors import Conflict
from common.identifiers import new_id
from common.outbox import _MAX_PAYLOAD_BYTES, FactTooLarge
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor, Tx

from .notebook.app import write_note
from .notebook.contracts import NoteState, NoteWritten
from .notebook.effects import publish, story

WRITER = Actor("test-writer")


async def numbered(service: ServiceUnderTest, aggregate: UUID) -> list[int]:
    """Return an aggregate's sequences in the order in which a relay would send them."""
    rows = await service.rows("SELECT sequence FROM event_outbox WHERE aggregate_id = :id ORDER BY id", id=aggregate)
    return [row.sequence for row in rows]


async def counts(service: ServiceUnderTest) -> tuple[int, int, int]:
    """Return how many notes, outbox rows and streams there are."""
    [row] = await service.rows(
        "SELECT (SELECT count(*) FROM note), (SELECT count(*) FROM event_outbox), (SELECT count(*) FROM event_stream)"
    )
    return tuple(row)


async def test_an_effect_and_its_fact_are_committed_together(notebook: ServiceUnderTest) -> None:
    async with notebook.runtime.database.transaction(WRITER) as tx:
        note = await write_note(tx, "kept")
        tx.publish(NoteWritten(state=NoteState(id=note.id, title="kept")), reason="parce que")
    assert await counts(notebook) == (1, 2, 1)
    rows = await notebook.rows("SELECT sequence, actor, reason, occurred_at FROM event_outbox ORDER BY id")
    assert [(row.sequence, row.actor, row.reason) for row in rows] == [
        (1, "test-writer", None),
        (2, "test-writer", "parce que"),
    ]
    assert {row.occurred_at for row in rows} == {tx.now}


@pytest.mark.parametrize("failure", [Conflict("non"), KeyError("bug"), asyncio.CancelledError(), SystemExit()])
async def test_a_failure_undoes_both(notebook: ServiceUnderTest, failure: BaseException) -> None:
    async def write_and_fail() -> None:
        async with notebook.runtime.database.transaction(WRITER) as tx:
            await write_note(tx, "lost")
            raise failure

    with pytest.raises(type(failure)):
        await write_and_fail()
    assert await counts(notebook) == (0, 0, 0)


async def test_a_dry_run_leaves_nothing(notebook: ServiceUnderTest) -> None:
    async with notebook.runtime.database.transaction(WRITER, dry_run=True) as tx:
        await write_note(tx, "tried")
    assert await counts(notebook) == (0, 0, 0)


@pytest.mark.parametrize("dry_run", [False, True])
async def test_a_fact_too_large_is_refused_before_it_is_committed(notebook: ServiceUnderTest, dry_run: bool) -> None:
    async def write() -> None:
        async with notebook.runtime.database.transaction(WRITER, dry_run=dry_run) as tx:
            note = await write_note(tx, "lost")
            tx.publish(NoteWritten(state=NoteState(id=note.id, title="x" * _MAX_PAYLOAD_BYTES)))

    with pytest.raises(FactTooLarge):
        await write()
    assert await counts(notebook) == (0, 0, 0)


async def write_and_fail(tx: Tx) -> None:
    async with tx.savepoint():
        await write_note(tx, "lost")
        raise Conflict("non")


async def test_a_savepoint_that_fails_takes_its_facts_along(notebook: ServiceUnderTest) -> None:
    async with notebook.runtime.database.transaction(WRITER) as tx:
        await write_note(tx, "kept")
        with pytest.raises(Conflict):
            await write_and_fail(tx)
        async with tx.savepoint():
            await write_note(tx, "kept too")
    assert {row.title for row in await notebook.rows("SELECT title FROM note")} == {"kept", "kept too"}
    assert await counts(notebook) == (2, 2, 2)


async def test_what_waits_for_the_end_is_done_once_and_last(notebook: ServiceUnderTest) -> None:
    given: list[list[str]] = []

    async def work(tx: Tx, titles: Sequence[str]) -> None:
        given.append(list(titles))
        assert await tx.session.scalar(text("SELECT count(*) FROM note")) == 1, "after all that was done"

    async def fail(tx: Tx) -> None:
        async with tx.savepoint():
            tx.at_end(work, ["undone"])
            await write_and_fail(tx)

    async with notebook.runtime.database.transaction(WRITER) as tx:
        tx.at_end(work, ["first"])
        with pytest.raises(Conflict):
            await fail(tx)
        tx.at_end(work, ["second", "third"])
        await write_note(tx, "kept")
    assert given == [["first", "second", "third"]]


async def test_writers_of_one_aggregate_follow_each_other(notebook: ServiceUnderTest) -> None:
    aggregate = new_id()
    writers, facts = 8, 5

    async def write(writer: int) -> None:
        for number in range(facts):
            await publish(notebook, *story(NoteWritten, [f"{writer}/{number}", f"{writer}/{number} bis"], aggregate))

    await asyncio.gather(*(write(writer) for writer in range(writers)))
    assert await numbered(notebook, aggregate) == list(range(1, 2 * writers * facts + 1))


async def test_batches_over_the_same_aggregates_do_not_deadlock(notebook: ServiceUnderTest) -> None:
    """Half of the batches name the aggregates in one order, half in the other."""
    aggregates = [new_id() for _ in range(50)]
    batches = [aggregates if number % 2 else aggregates[::-1] for number in range(12)]

    async def write(batch: list[UUID]) -> None:
        await publish(notebook, *(story(NoteWritten, ["t"], aggregate)[0] for aggregate in batch))

    await asyncio.gather(*(write(batch) for batch in batches))
    for aggregate in aggregates:
        assert await numbered(notebook, aggregate) == list(range(1, len(batches) + 1))
