"""The relay on the real broker: every committed fact is sent, in order per aggregate, whatever happens meanwhile."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

import pytest
from aiokafka import ConsumerRecord
from aiokafka.partitioner import DefaultPartitioner
from sqlalchemy import text

from common import archive
from common.identifiers import new_id
from common.outbox import write_outbox
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from common.transaction import Actor
from devstack.broker import choose_lane

from .notebook.app import service_with
from .notebook.bus import PARTITIONS, consumer_of, has_read_everything, records, relay_of
from .notebook.contracts import written_on
from .notebook.effects import Reader, effects, publish, story

OPERATOR = Actor("operator")


async def is_drained(service: ServiceUnderTest) -> bool:
    return await service.rows("SELECT 1 FROM event_outbox LIMIT 1") == []


def stories(sent: Iterable[ConsumerRecord]) -> dict[str, list[int]]:
    """Return each aggregate's sequences, in the order of the broker."""
    found: dict[str, list[int]] = defaultdict(list)
    for record in sent:
        headers = dict(record.headers)
        found[headers["ce_subject"].decode()].append(int(headers["ce_sequence"]))
    return dict(found)


def first_occurrences(sequences: list[int]) -> list[int]:
    return list(dict.fromkeys(sequences))


async def test_a_committed_fact_is_sent_as_documented(notebook: ServiceUnderTest, broker: str, topic: str) -> None:
    fact = written_on(topic)
    aggregates = [new_id() for _ in range(40)]
    await publish(notebook, *(one for aggregate in aggregates for one in story(fact, ["a", "b", "c"], aggregate)))
    rows = {row.event_id: row for row in await notebook.rows("SELECT * FROM event_outbox")}
    async with running(relay_of(notebook, broker).run):
        await eventually(lambda: is_drained(notebook))
    sent = await records(broker, topic)
    assert stories(sent) == {str(aggregate): [1, 2, 3] for aggregate in aggregates}
    partitioner, partitions = DefaultPartitioner(), list(range(PARTITIONS))
    for record in sent:
        headers = {name: value.decode() for name, value in record.headers}
        row = rows[UUID(headers["ce_id"])]
        assert headers == {
            "ce_specversion": "1.0",
            "ce_id": str(row.event_id),
            "ce_source": "/coorace/notebook",
            "ce_type": "note.written",
            "ce_subject": str(row.aggregate_id),
            "ce_time": row.occurred_at.isoformat(),
            "ce_dataschema": "/coorace/notebook/schemas/note.written",
            "ce_sequence": str(row.sequence),
            "content-type": "application/json",
        }
        assert (record.key, record.value) == (str(row.aggregate_id).encode(), row.payload)
        assert record.partition == partitioner(record.key, partitions, partitions)


@pytest.mark.parametrize("hours", [-24 * 365, 2], ids=["un an de retard", "deux heures d'avance"])
async def test_a_clock_that_errs_keeps_no_fact_back(
    notebook: ServiceUnderTest, broker: str, topic: str, hours: int
) -> None:
    """Kafka refuses a record dated ahead, and forgets one dated long ago: it must date them itself."""
    await publish(notebook, *story(written_on(topic), ["a"]))
    connection = await notebook.runtime.database.connect()
    await connection.execute("UPDATE event_outbox SET recorded_at = now() + make_interval(hours => $1)", hours)
    await connection.close()
    async with running(relay_of(notebook, broker).run):
        await eventually(lambda: is_drained(notebook))
    [sent] = await records(broker, topic)
    assert abs(sent.timestamp / 1000 - time.time()) < 60


async def test_what_is_acknowledged_moves_to_the_ledger_under_growing_positions(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    fact = written_on(topic)
    async with running(relay_of(notebook, broker).run):
        for _ in range(3):
            aggregate = new_id()
            await publish(notebook, *story(fact, ["a", "b"], aggregate))
            await eventually(lambda: is_drained(notebook))
    ledger = await notebook.rows(
        "SELECT position, sequence, actor, tableoid::regclass::text AS day FROM event_archive ORDER BY position"
    )
    assert [row.sequence for row in ledger] == [1, 2] * 3
    assert len({row.position for row in ledger}) == 6
    assert {row.actor for row in ledger} == {"writer"}
    assert "event_archive_default" not in {row.day for row in ledger}


async def test_a_slow_transaction_with_a_lower_place_delays_nobody_and_loses_nothing(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    fact = written_on(topic)
    [slow], [quick] = story(fact, ["slow"]), story(fact, ["quick"])
    async with running(relay_of(notebook, broker).run):
        async with notebook.runtime.database.transaction(Actor("writer")) as tx:
            tx.publish(slow)
            await write_outbox(tx)
            tx.pending.clear()
            await publish(notebook, quick)
            await eventually(lambda: archived(notebook))
            assert list(stories(await records(broker, topic))) == [str(quick.state.id)]
        await eventually(lambda: is_drained(notebook))
        assert set(stories(await records(broker, topic))) == {str(slow.state.id), str(quick.state.id)}


async def archived(service: ServiceUnderTest) -> int:
    return len(await service.rows("SELECT 1 FROM event_archive"))


async def test_an_open_transaction_in_another_database_delays_nobody(
    assemble: Assemble, broker: str, topic: str
) -> None:
    notebook, other = await assemble(service_with()), await assemble(service_with())
    async with other.runtime.database.transaction(Actor("writer")) as tx:
        await tx.session.execute(text("INSERT INTO event_mark VALUES ('c', 't', gen_random_uuid(), 1)"))
        async with running(relay_of(notebook, broker).run):
            await publish(notebook, *story(written_on(topic), ["a"]))
            await eventually(lambda: is_drained(notebook), seconds=5)


async def ledger_is_ready(service: ServiceUnderTest) -> bool:
    """Tell whether a relay has made the partition it writes to."""
    return bool(await service.rows("SELECT 1 FROM pg_class WHERE relname ~ '^event_archive_[0-9]+$' AND relkind = 'r'"))


async def owned_buckets(service: ServiceUnderTest) -> dict[int, int]:
    """Return how many buckets each relay holds, by its session."""
    rows = await service.rows(
        "SELECT pid, count(*) AS buckets FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = 2828"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid"
    )
    return {row.pid: row.buckets for row in rows}


async def test_two_relays_share_the_buckets_and_one_takes_over_from_the_other(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    """One loses its session in the middle of the work: nothing is lost, and first occurrences stay in order."""
    fact = written_on(topic)
    aggregates = [new_id() for _ in range(60)]

    async def write() -> None:
        for number in range(10):
            await publish(notebook, *(story(fact, [str(number)], aggregate)[0] for aggregate in aggregates))

    async def both_hold_eight() -> bool:
        return sorted((await owned_buckets(notebook)).values()) == [8, 8]

    one, another = (relay_of(notebook, broker, max_buckets=8) for _ in range(2))
    async with running(one.run), running(another.run):
        await eventually(both_hold_eight)
        writing = asyncio.ensure_future(write())
        await eventually(lambda: archived(notebook))
        victim = min(await owned_buckets(notebook))
        await notebook.rows("SELECT pg_terminate_backend(:pid)", pid=victim)
        await writing
        await eventually(lambda: is_drained(notebook))
    sent = stories(await records(broker, topic))
    assert {aggregate: first_occurrences(found) for aggregate, found in sent.items()} == {
        str(aggregate): list(range(1, 11)) for aggregate in aggregates
    }


async def test_a_relay_that_dies_between_the_acknowledgement_and_the_ledger_only_repeats_itself(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    """The ledger is held shut, so that the records are with the broker and their rows still in the outbox."""
    fact, reader = written_on(topic), Reader()
    [one] = story(fact, ["a"])
    async with running(relay_of(notebook, broker).run):
        await eventually(lambda: ledger_is_ready(notebook))
        async with notebook.runtime.database.transaction(OPERATOR) as tx:
            await tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('event_archive'))"))
            await publish(notebook, one)
            await eventually(lambda: records(broker, topic))
            [relay_pid] = await owned_buckets(notebook)
            await notebook.rows("SELECT pg_terminate_backend(:pid)", pid=relay_pid)
        await eventually(lambda: is_drained(notebook))
    assert stories(await records(broker, topic)) == {str(one.state.id): [1, 1]}
    assert await archived(notebook) == 1
    async with running(consumer_of(notebook, broker, topic, reader).run):
        await eventually(lambda: has_read_everything(broker, topic))
    assert await effects(notebook) == [1]


async def test_a_replay_sends_the_same_events_again_and_leaves_the_ledger_as_it_was(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    fact = written_on(topic)
    aggregate, other = new_id(), new_id()
    await publish(notebook, *story(fact, ["a", "b", "c"], aggregate), *story(fact, ["x"], other))
    async with running(relay_of(notebook, broker).run):
        await eventually(lambda: is_drained(notebook))
        async with notebook.runtime.database.transaction(OPERATOR) as tx:
            assert await archive.replay(tx, topic=topic, aggregate_id=aggregate, after_sequence=1) == 2
        await eventually(lambda: is_drained(notebook))
    sent = await records(broker, topic)
    assert stories(sent) == {str(aggregate): [1, 2, 3, 2, 3], str(other): [1]}
    assert len({dict(record.headers)["ce_id"] for record in sent}) == 4
    assert len({(record.value, dict(record.headers)["ce_id"]) for record in sent}) == 4
    assert await archived(notebook) == 4


async def test_what_is_sent_again_is_not_asked_for_twice(notebook: ServiceUnderTest, topic: str) -> None:
    """Two replays before the relay comes round put each event in the outbox once."""
    await publish(notebook, *story(written_on(topic), ["a", "b"]))
    connection = await notebook.runtime.database.connect()
    await archive.move(connection, [row.id for row in await notebook.rows("SELECT id FROM event_outbox")])
    await connection.close()
    sent = []
    for _ in range(2):
        async with notebook.runtime.database.transaction(OPERATOR) as tx:
            sent.append(await archive.replay(tx, topic=topic))
    assert sent == [2, 0]


async def test_a_topic_that_the_broker_lacks_holds_up_its_own_rows_only(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    """However many they are: more than one claim of them stands before the others.

    The embedded broker makes any topic it is asked about.
    """
    lacks = choose_lane().lane == "apache"
    absent = written_on("nowhere.note")
    await publish(notebook, *story(absent, ["lost"] * 1_500))
    await publish(notebook, *story(written_on(topic), ["a", "b"]))

    async def only_the_others_are_sent() -> bool:
        rows = await notebook.rows("SELECT topic, count(*) FROM event_outbox GROUP BY topic")
        return [(row.topic, row.count) for row in rows] == ([(absent.topic, 1_500)] if lacks else [])

    async with running(relay_of(notebook, broker).run):
        await eventually(only_the_others_are_sent)
        for _ in range(3):
            await publish(notebook, *story(written_on(topic), ["c"]))
            await eventually(only_the_others_are_sent, seconds=1.0)
    assert len(await records(broker, topic)) == 5
