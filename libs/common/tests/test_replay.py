"""A hole is waited for, asked for, and filled by the producer from its ledger, with nobody's help."""

from datetime import UTC, datetime
from uuid import UUID

import pytest_asyncio

from common import event_gaps
from common.consumer import Consumer
from common.contracts.platform import ReplayRequested, replay_request
from common.events import Envelope, Fact, Received, dump
from common.identifiers import new_id
from common.inbox import Inbox
from common.replays import answer_as
from common.subscriptions import follow, on
from common.testing.acknowledging import acknowledge
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from common.transaction import Actor

from .notebook.app import service_with
from .notebook.bus import has_read_everything, relay_of
from .notebook.contracts import NoteState, written_on
from .notebook.effects import READER, Reader, effects, forget_inbox, parked, publish, story
from .notebook.ledger import drop_older_than, grow_old, kept
from .notebook.tables import NoteCopy

PATIENCE_SECONDS = 0.3


@pytest_asyncio.fixture
async def writer(assemble: Assemble) -> ServiceUnderTest:
    return await assemble(service_with())


@pytest_asyncio.fixture
async def reading(assemble: Assemble) -> ServiceUnderTest:
    return await assemble(service_with())


async def test_a_hole_is_filled_end_to_end(
    writer: ServiceUnderTest, reading: ServiceUnderTest, broker: str, topic: str
) -> None:
    """Two services, each with its relay and its consumer, as they run; the broker never had events 2 and 4."""
    name, aggregate, reader = topic.partition(".")[0], new_id(), Reader()
    answering = Consumer(writer.runtime.database, Inbox(name, [answer_as(name)]), bootstrap=broker)
    inbox = Inbox(topic, [on(written_on(topic), reader.handle), answer_as("reading")])
    consumer = Consumer(reading.runtime.database, inbox, bootstrap=broker, gap_patience_seconds=PATIENCE_SECONDS)
    await publish(writer, *story(written_on(topic), ["a", "b", "c", "d", "e"], aggregate))
    await acknowledge(writer, 2, 4)

    async def all_is_applied() -> bool:
        return await effects(reading, aggregate) == [1, 2, 3, 4, 5]

    async with (
        running(relay_of(writer, broker).run),
        running(relay_of(reading, broker).run),
        running(answering.run),
        running(consumer.run),
    ):
        await eventually(lambda: waits(reading))
        await eventually(all_is_applied)
        assert await parked(reading) == []

        await forget_inbox(reading)
        assert await sent_again(writer, topic, limit=2) == [2, 2, 1]
        await eventually(lambda: has_read_everything(broker, topic))
    assert await all_is_applied()


async def test_a_reader_that_comes_after_the_beginning_was_dropped_ends_up_equal(
    writer: ServiceUnderTest, reading: ServiceUnderTest, broker: str, topic: str
) -> None:
    """One note ended before the days that are kept, one goes on; the topic itself holds the last facts only."""
    name, ended, active = topic.partition(".")[0], new_id(), new_id()
    fact, reader = written_on(topic), Reader()
    await publish(writer, *story(fact, ["ended 1", "ended 2"], ended), *story(fact, ["1", "2", "3"], active))
    await acknowledge(writer)
    await grow_old(writer, 3)
    await drop_older_than(writer, 1)
    await publish(writer, *story(fact, ["4"], active))
    await acknowledge(writer)
    assert await kept(writer) == [("ended 2", 2), ("3", 3), ("4", 4)]
    await publish(writer, *story(fact, ["5", "6"], active))

    follows = (follow(NoteState, into=NoteCopy, contracts=(fact,)), on(fact, reader.handle), answer_as("reading"))
    consumer = Consumer(
        reading.runtime.database, Inbox(topic, follows), bootstrap=broker, gap_patience_seconds=PATIENCE_SECONDS
    )
    answering = Consumer(writer.runtime.database, Inbox(name, [answer_as(name)]), bootstrap=broker)

    async def copies() -> list[tuple[UUID, int, str]]:
        rows = await reading.rows("SELECT id, sequence, title FROM note_copy ORDER BY sequence")
        return [(row.id, row.sequence, row.title) for row in rows]

    async def is_equal(*expected: tuple[UUID, int, str]) -> bool:
        return await copies() == list(expected)

    async with (
        running(relay_of(writer, broker).run),
        running(relay_of(reading, broker).run),
        running(answering.run),
        running(consumer.run),
    ):
        await eventually(lambda: is_equal((active, 6, "6")), awaited="the hole is asked for and filled")
        assert await effects(reading, active) == [3, 4, 5, 6]
        async with writer.client("ops") as ops:
            await ops.post("/ops/events/replay", json={"topic": topic})
        await eventually(lambda: is_equal((ended, 2, "ended 2"), (active, 6, "6")))
        await publish(writer, *story(fact, ["ended 3"], ended))
        await eventually(lambda: is_equal((ended, 3, "ended 3"), (active, 6, "6")))
    assert await effects(reading, active) == [3, 4, 5, 6]
    assert await parked(reading) == []


async def sent_again(service: ServiceUnderTest, topic: str, limit: int) -> list[int]:
    """Have a topic sent again, page after page; return how many facts each page had."""
    pages, position = [], 0
    async with service.client("ops") as ops:
        while position is not None:
            body = {"topic": topic, "after_position": position, "limit": limit}
            answer = (await ops.post("/ops/events/replay", json=body)).json()
            pages.append(answer["events"])
            position = answer["next_position"]
    return pages


async def waits(service: ServiceUnderTest) -> bool:
    """Tell whether something waits, or waited, behind a gap."""
    return bool(await service.rows("SELECT 1 FROM event_parked WHERE why = 'gap'"))


async def test_one_that_answers_for_another_topic_answers_nothing(
    writer: ServiceUnderTest, reading: ServiceUnderTest
) -> None:
    await publish(writer, *story(written_on("elsewhere.note"), ["a"]))
    [fact] = await writer.rows("SELECT aggregate_id FROM event_outbox")
    await acknowledge(writer, 1)
    request = replay_request("reading", "elsewhere.note", fact.aggregate_id, 0)
    await deliver(writer, Inbox("notebook", [answer_as("notebook")]), [as_sent(request, 1)])
    assert await writer.rows("SELECT 1 FROM event_outbox") == []
    await deliver(writer, Inbox("elsewhere", [answer_as("elsewhere")]), [as_sent(request, 1)])
    assert len(await writer.rows("SELECT 1 FROM event_outbox WHERE replayed")) == 1


async def test_a_request_that_was_lost_is_itself_asked_for(writer: ServiceUnderTest, reading: ServiceUnderTest) -> None:
    """The broker lost the reader's first request; the second is a hole to the writer, which the reader fills."""
    absent = new_id()
    for _ in range(2):
        await publish(reading, replay_request("reading", "notebook.note", absent, 0))
    await acknowledge(reading, 1, 2)
    first, second = (as_sent(replay_request("reading", "notebook.note", absent, 0), number) for number in (1, 2))
    answering = Inbox("notebook", [answer_as("notebook")])
    await deliver(writer, answering, [second])
    async with writer.runtime.database.transaction(READER) as tx:
        await event_gaps.ask(tx, answering, patience_seconds=0)
        [question] = [item.fact for item in tx.pending if isinstance(item.fact, ReplayRequested)]
    assert question.state.topic == ReplayRequested.topic
    await deliver(reading, Inbox("reading", [answer_as("reading")]), [as_sent(question, 1)])
    sent_again = await reading.rows("SELECT sequence FROM event_outbox WHERE replayed ORDER BY id")
    assert [row.sequence for row in sent_again] == [1, 2]
    await deliver(writer, answering, [first])
    assert await parked(writer) == []


def as_sent(fact: Fact, sequence: int) -> tuple[Envelope, bytes]:
    """Return a fact as the broker hands it over."""
    envelope = Envelope(
        event_id=UUID(int=fact.state.id.int ^ sequence),
        source="/coorace/test",
        type=fact.wire_name,
        topic=fact.topic,
        aggregate_id=fact.state.id,
        sequence=sequence,
        occurred_at=datetime.now(UTC),
        traceparent=None,
    )
    return envelope, dump(fact)


async def deliver(service: ServiceUnderTest, inbox: Inbox, sent: list[tuple[Envelope, bytes]]) -> None:
    """Hand records to a service's inbox."""
    received: list[Received] = [inbox.parse(*record) for record in sent]
    async with service.runtime.database.transaction(Actor(f"service:{inbox.consumer}")) as tx:
        await inbox.apply(tx, received)
