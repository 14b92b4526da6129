"""The consumer on the real broker: whatever comes, however often, each effect takes place once and in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from sqlalchemy import text

from common.consumer import Consumer
from common.events import Envelope, dump
from common.identifiers import new_id
from common.inbox import Inbox
from common.subscriptions import Event, on
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.transaction import Tx

from .notebook.bus import consumer_of, deliver_again, has_read_everything, produce, records, relay_of
from .notebook.contracts import NoteFiled, NoteState, NoteWritten, written_on
from .notebook.effects import Reader, effects, forget_inbox, parked, publish, story
from .test_relay import is_drained


def stories(fact: type[NoteWritten], aggregates: list[UUID], length: int) -> list[NoteWritten]:
    """Return the facts of several aggregates, each as long, under titles that tell them apart."""
    numbers = range(1, length + 1)
    return [one for aggregate in aggregates for one in story(fact, [f"{aggregate}/{n}" for n in numbers], aggregate)]


async def send(service: ServiceUnderTest, broker: str, *facts: NoteWritten) -> None:
    """Publish facts and let the broker have them."""
    await publish(service, *facts)
    async with running(relay_of(service, broker).run):
        await eventually(lambda: is_drained(service))


async def read(service: ServiceUnderTest, broker: str, topic: str, reader: Reader) -> None:
    """Run the consumer until it has read everything."""
    async with running(consumer_of(service, broker, topic, reader).run):
        await eventually(lambda: has_read_everything(broker, topic))


async def test_what_is_delivered_again_doubles_nothing(notebook: ServiceUnderTest, broker: str, topic: str) -> None:
    """Once with the inbox as it is, once when its retention has passed and only the marks are left."""
    aggregates = [new_id() for _ in range(20)]
    fact = written_on(topic)
    await send(notebook, broker, *stories(fact, aggregates, 3))
    async with running(consumer_of(notebook, broker, topic, Reader()).run):
        await eventually(lambda: has_read_everything(broker, topic))
        for aggregate in aggregates:
            assert await effects(notebook, aggregate) == [1, 2, 3]
        copies = await notebook.rows("SELECT * FROM note_copy ORDER BY id")
        assert [(row.sequence, row.title) for row in copies] == [(3, f"{row.id}/3") for row in copies]

        await deliver_again(broker, topic)
        await eventually(lambda: has_read_everything(broker, topic))
        await forget_inbox(notebook)
        await deliver_again(broker, topic)
        await eventually(lambda: has_read_everything(broker, topic))
    assert len(await records(broker, topic)) == 240
    assert len(await effects(notebook)) == 60
    assert await notebook.rows("SELECT * FROM note_copy ORDER BY id") == copies


async def test_in_a_batch_only_the_aggregates_of_what_fails_are_held(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    aggregates = [new_id() for _ in range(60)]
    ill = aggregates[10:50:15]
    fact = written_on(topic)
    reader = Reader(refuses={f"{aggregate}/2" for aggregate in ill})
    await send(notebook, broker, *stories(fact, aggregates, 3))
    await read(notebook, broker, topic, reader)
    for aggregate in aggregates:
        healthy = aggregate not in ill
        assert await effects(notebook, aggregate) == ([1, 2, 3] if healthy else [1])
        assert await parked(notebook, aggregate) == ([] if healthy else [(2, "failed"), (3, "behind")])
    [first, *_] = await notebook.rows("SELECT fault FROM event_parked WHERE why = 'failed'")
    assert first.fault.startswith("Poisoned: ")


@dataclass
class Dawdler(Reader):
    """A reader whose statement takes too long for one title, whenever it is tried."""

    dawdles_over: str = ""

    async def handle(self, tx: Tx, event: Event[NoteWritten]) -> None:
        await super().handle(tx, event)
        if event.fact.state.title == self.dawdles_over:
            await tx.session.execute(text("SET LOCAL statement_timeout = '10ms'"))
            await tx.session.execute(text("SELECT pg_sleep(5)"))


async def test_one_event_that_always_takes_too_long_holds_its_aggregate_alone(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    ill, well = new_id(), new_id()
    fact = written_on(topic)
    await send(notebook, broker, *story(fact, ["endless", "after it"], ill), *story(fact, ["a", "b"], well))
    inbox = Inbox(topic, [on(fact, Dawdler(dawdles_over="endless").handle)])
    consumer = Consumer(notebook.runtime.database, inbox, bootstrap=broker, slow_tries=2)
    async with running(consumer.run):
        await eventually(lambda: has_read_everything(broker, topic))
    assert (await effects(notebook, well), await effects(notebook, ill)) == ([1, 2], [])
    assert await parked(notebook, ill) == [(1, "failed"), (2, "behind")]


async def test_a_new_version_listens_to_other_topics_from_its_start(
    notebook: ServiceUnderTest, broker: str, topic: str, spare_topics: Iterator[str]
) -> None:
    """One topic, then one more, then the first no longer."""
    written, filed = written_on(topic), filed_on(next(spare_topics))
    for facts in ([written], [written, filed], [filed]):
        sent = [fact(state=NoteState(id=new_id(), title="new")) for fact in facts]
        await publish(notebook, *sent)
        inbox = Inbox(topic, [on(fact, Reader().handle) for fact in facts])
        consumer = Consumer(notebook.runtime.database, inbox, bootstrap=broker)
        async with running(relay_of(notebook, broker).run), running(consumer.run):
            for fact in sent:
                await eventually(partial(has_effect, notebook, fact), awaited=fact.topic)


def filed_on(on_topic: str) -> type[NoteFiled]:
    return type("FiledElsewhere", (NoteFiled,), {"topic": on_topic, "__module__": __name__})


async def has_effect(service: ServiceUnderTest, fact: NoteWritten | NoteFiled) -> bool:
    return await effects(service, fact.state.id) == [1]


def envelope(topic: str, aggregate: UUID, sequence: int = 1) -> Envelope:
    return Envelope(new_id(), "/coorace/elsewhere", "note.written", topic, aggregate, sequence, datetime.now(UTC), None)


async def test_an_event_in_two_partitions_takes_effect_once(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    [fact] = story(written_on(topic), ["a"])
    headers = envelope(topic, fact.state.id).headers()
    await produce(broker, topic, *((partition, b"k", dump(fact), headers) for partition in (0, 1, 1, 5)))
    await read(notebook, broker, topic, Reader())
    assert await effects(notebook) == [1]


async def test_records_nobody_can_read_are_kept_and_hold_nobody_up(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    [fact] = story(written_on(topic), ["a"])
    good = envelope(topic, fact.state.id).headers()
    foreign = [
        (0, None, b"", []),
        (0, b"\xff\0", b"\xff\0", [("ce_id", b"\xff"), ("n\0me", b"\0")]),
        (0, b"k", None, [(name, None) for name, _ in good]),
        (0, b"k", dump(fact), [(name, value) for name, value in good if name != "ce_type"]),
        (0, b"k", dump(fact), [*(pair for pair in good if pair[0] != "ce_sequence"), ("ce_sequence", b"9" * 30)]),
        (0, b"k", dump(fact), [*(pair for pair in good if pair[0] != "ce_type"), ("ce_type", b"\0")]),
    ]
    await produce(broker, topic, *foreign, (0, b"k", dump(fact), good))
    await deliver_again(broker, topic)
    await read(notebook, broker, topic, Reader())
    assert await effects(notebook) == [1]
    kept = await notebook.rows("SELECT * FROM event_unreadable ORDER BY record_offset")
    assert [(row.record_offset, row.record_key, row.payload, row.header_names, row.header_values) for row in kept] == [
        (number, key, value, [name.encode() for name, _ in headers], [found for _, found in headers])
        for number, (_, key, value, headers) in enumerate(foreign)
    ]
    assert all(row.fault for row in kept)


@dataclass
class Severed(Reader):
    """A reader whose database session ends in the middle of its work, a few times."""

    cuts: int = 3

    async def handle(self, tx: Tx, event: Event[NoteWritten]) -> None:
        await super().handle(tx, event)
        if self.cuts:
            self.cuts -= 1
            await tx.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


async def test_a_database_that_goes_away_is_waited_for_and_nothing_is_set_aside(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    aggregates = [new_id() for _ in range(5)]
    fact, reader = written_on(topic), Severed()
    await send(notebook, broker, *stories(fact, aggregates, 2))
    await read(notebook, broker, topic, reader)
    assert reader.cuts == 0
    for aggregate in aggregates:
        assert await effects(notebook, aggregate) == [1, 2]
    assert await parked(notebook) == []


async def test_a_consumer_stops_at_once_while_its_database_is_away(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    reader = Severed(cuts=10**6)
    await send(notebook, broker, *stories(written_on(topic), [new_id()], 1))
    async with running(consumer_of(notebook, broker, topic, reader).run) as stop:

        async def has_met_the_fault_often() -> bool:
            return reader.cuts < 10**6 - 2

        await eventually(has_met_the_fault_often)
        stop.set()
    assert await effects(notebook) == []
    assert not await has_read_everything(broker, topic)
