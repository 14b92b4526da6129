"""What the broker may do to the relay: be away, come back, refuse a record for ever."""

import os
from uuid import UUID

from common.identifiers import new_id
from common.quarantine import DISCARDED
from common.relay import Relay
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from devstack.embedded_broker import Api, MockCluster, Refusal

from .notebook.app import service_with
from .notebook.bus import consumer_of, has_read_everything, records, relay_of
from .notebook.contracts import written_on
from .notebook.effects import Reader, effects, parked, publish, story
from .notebook.mortal_broker import TOPIC, MortalBroker
from .test_refusals import assert_problem
from .test_relay import is_drained, stories

OVER_THE_LIMIT = 1_200_000


async def put_in_the_outbox_by_hand(service: ServiceUnderTest, aggregate: UUID, sequence: int, payload: bytes) -> UUID:
    """Do what no use case can: put a row there that the broker will refuse. The mark of the stream follows."""
    event_id = new_id()
    connection = await service.runtime.database.connect()
    try:
        await connection.execute(
            "INSERT INTO event_outbox"
            " (event_id, topic, aggregate_id, sequence, bucket, type, payload, actor, occurred_at)"
            " VALUES ($1, $2, $3, $4, 3, 'note.written', $5, 'test', now())",
            *(event_id, TOPIC, aggregate, sequence, payload),
        )
    finally:
        await connection.close()
    return event_id


async def quarantined(service: ServiceUnderTest) -> list[tuple[UUID, str]]:
    rows = await service.rows("SELECT event_id, fault FROM event_outbox WHERE quarantined_at IS NOT NULL")
    return [(row.event_id, row.fault) for row in rows]


async def has_left(notebook: ServiceUnderTest, aggregate: UUID) -> bool:
    """Tell whether nothing of an aggregate waits in the outbox."""
    return not await notebook.rows("SELECT id FROM event_outbox WHERE aggregate_id = :id", id=aggregate)


async def test_a_refused_record_is_held_with_its_aggregate_while_others_flow(notebook: ServiceUnderTest) -> None:
    """Then ops free it, and it leaves first."""
    aggregate, other = new_id(), new_id()
    fact = written_on(TOPIC)
    await publish(notebook, *story(fact, ["refused"], aggregate))
    with MockCluster({TOPIC: 6}) as broker:
        broker.refuse_next(Api.PRODUCE, Refusal.MESSAGE_TOO_LARGE)
        async with running(relay_of(notebook, broker.bootstrap).run):
            [(event_id, fault)] = await eventually(lambda: quarantined(notebook))
            assert fault.startswith("MessageSizeTooLargeError")
            await publish(notebook, *story(fact, ["behind"], aggregate))
            await publish(notebook, *story(fact, ["a", "b"], other))
            await eventually(lambda: sent_of(broker.bootstrap, other, 2))
            assert stories(await records(broker.bootstrap, TOPIC)) == {str(other): [1, 2]}
            await eventually(lambda: has_left(notebook, other), awaited="the broker's answer, noted")
            async with notebook.client("ops") as ops:
                outbox = (await ops.get("/ops/events/outbox")).json()
                [held] = (await ops.get("/ops/events/quarantined")).json()["items"]
                detail = (await ops.get(f"/ops/events/quarantined/{event_id}")).json()
                freed = await ops.post(f"/ops/events/quarantined/{event_id}/retry")
                again = await ops.post(f"/ops/events/quarantined/{event_id}/retry")
            assert (outbox["rows"], outbox["quarantined"]) == (2, 1)
            assert (held["event_id"], held["behind"], held["fault"]) == (str(event_id), 1, fault)
            assert (detail["fact"]["state"]["title"], detail["discarded_at"]) == ("refused", None)
            assert freed.json() == {"event_id": str(event_id)}
            assert_problem(again, 404, "event_not_quarantined")
            await eventually(lambda: is_drained(notebook))
        assert stories(await records(broker.bootstrap, TOPIC)) == {str(other): [1, 2], str(aggregate): [1, 2]}


async def test_a_refused_fact_is_given_up_and_leaves_no_hole(notebook: ServiceUnderTest, assemble: Assemble) -> None:
    """A reader applies what follows without waiting; so does one that comes later, from a replay."""
    aggregate, fact = new_id(), written_on(TOPIC)
    await publish(notebook, *story(fact, ["before"], aggregate))
    with MockCluster({TOPIC: 6}) as broker:
        async with running(relay_of(notebook, broker.bootstrap).run):
            await eventually(lambda: is_drained(notebook))
            broker.refuse_next(Api.PRODUCE, Refusal.MESSAGE_TOO_LARGE)
            await publish(notebook, *story(fact, ["refused"], aggregate))
            [(event_id, _)] = await eventually(lambda: quarantined(notebook))
            await publish(notebook, *story(fact, ["after"], aggregate))
            async with notebook.client("ops") as ops:
                path = f"/ops/events/quarantined/{event_id}"
                short = await ops.post(f"{path}/discard", json={"reason": "non"})
                gone = await ops.post(f"{path}/discard", json={"reason": "écrit par une version fautive"})
                again = await ops.post(f"{path}/discard", json={"reason": "écrit par une version fautive"})
                detail = (await ops.get(path)).json()
                left = (await ops.get("/ops/events/quarantined")).json()["items"]
            assert_problem(short, 422, "validation")
            assert_problem(again, 404, "event_not_quarantined")
            assert (gone.json(), left) == ({"event_id": str(event_id)}, [])
            assert (detail["fact"]["state"]["title"], detail["discarded_by"]) == ("refused", "test-ops")
            assert detail["reason"] == "écrit par une version fautive"
            await eventually(lambda: is_drained(notebook))
            async with notebook.client("ops") as ops:
                [_, place, _] = (await ops.get("/ops/events?cursor=0")).json()["items"]
            assert (place["type"], place["sequence"], place["fact"]) == (DISCARDED, 2, {"type": fact.wire_name})
            assert await effects_of_a_new_reader(assemble, broker.bootstrap) == [1, 3]
            async with notebook.client("ops") as ops:
                await ops.post("/ops/events/replay", json={})
            await eventually(lambda: is_drained(notebook))
            assert await effects_of_a_new_reader(assemble, broker.bootstrap) == [1, 3]


async def test_a_fact_of_the_ledger_is_given_up_for_every_replay(notebook: ServiceUnderTest) -> None:
    """Acknowledged once, then refused: the broker's limit was lowered. What takes its place may be refused too."""
    aggregate, fact = new_id(), written_on(TOPIC)
    given_up = {"reason": "la limite du courtier a baissé"}
    await publish(notebook, *story(fact, ["a"], aggregate))
    with MockCluster({TOPIC: 6}) as broker:
        async with running(relay_of(notebook, broker.bootstrap).run), notebook.client("ops") as ops:
            await eventually(lambda: is_drained(notebook))
            for _ in range(2):
                broker.refuse_next(Api.PRODUCE, Refusal.MESSAGE_TOO_LARGE)
                await ops.post("/ops/events/replay", json={})
                [(event_id, _)] = await eventually(lambda: quarantined(notebook))
                path = f"/ops/events/quarantined/{event_id}"
                assert (await ops.get(path)).json()["discarded_at"] is None
                assert (await ops.post(f"{path}/discard", json=given_up)).is_success
                await eventually(lambda: is_drained(notebook))
            detail = (await ops.get(path)).json()
            [place] = (await ops.get("/ops/events?cursor=0")).json()["items"]
    assert (detail["type"], detail["fact"]["state"]["title"]) == (fact.wire_name, "a")
    assert (place["type"], place["fact"]) == (DISCARDED, {"type": fact.wire_name})


async def effects_of_a_new_reader(assemble: Assemble, bootstrap: str) -> list[int]:
    """Read what the group has not read, with an empty database; return what took effect."""
    reading = await assemble(service_with())
    async with running(consumer_of(reading, bootstrap, TOPIC, Reader()).run):
        await eventually(lambda: has_read_everything(bootstrap, TOPIC))
    assert await parked(reading) == []
    return await effects(reading)


async def sent_of(bootstrap: str, aggregate: UUID, length: int) -> bool:
    return stories(await records(bootstrap, TOPIC)).get(str(aggregate)) == list(range(1, length + 1))


async def test_a_record_over_the_limit_does_not_block_its_neighbours(
    notebook: ServiceUnderTest, mortal: MortalBroker
) -> None:
    """In the middle of one bucket and one claim. Only Apache Kafka has the limit: the embedded broker takes it all."""
    aggregates = [new_id() for _ in range(9)]
    for aggregate in aggregates:
        await put_in_the_outbox_by_hand(notebook, aggregate, 1, b'{"n": 1}')
    large = await put_in_the_outbox_by_hand(notebook, aggregates[4], 2, os.urandom(OVER_THE_LIMIT))
    for aggregate in aggregates:
        await put_in_the_outbox_by_hand(notebook, aggregate, 3, b'{"n": 3}')
    holds = mortal.lane == "apache"

    async def has_settled() -> bool:
        left = await notebook.rows("SELECT sequence FROM event_outbox ORDER BY sequence")
        return [row.sequence for row in left] == ([2, 3] if holds else [])

    async with running(relay_of(notebook, mortal.bootstrap).run):
        await eventually(has_settled)
    assert [event_id for event_id, _ in await quarantined(notebook)] == ([large] if holds else [])
    everything = stories(await records(mortal.bootstrap, TOPIC))
    for aggregate in aggregates:
        complete = [1, 2, 3] if aggregate == aggregates[4] else [1, 3]
        assert everything[str(aggregate)] == ([1] if holds and aggregate == aggregates[4] else complete)


async def test_without_a_broker_commands_succeed_and_their_facts_leave_when_it_is_back(
    notebook: ServiceUnderTest, mortal: MortalBroker
) -> None:
    aggregate = new_id()
    fact = written_on(TOPIC)
    relay = relay_of(notebook, mortal.bootstrap)
    async with running(relay.run):
        await publish(notebook, *story(fact, ["before"], aggregate))
        await eventually(lambda: is_drained(notebook))
        mortal.kill()
        for number in range(5):
            await publish(notebook, *story(fact, [f"meanwhile {number}"], aggregate))
        async with notebook.client("network") as client:
            ready = await client.get("http://test/notebook/health/ready")
        assert (ready.status_code, len(await notebook.rows("SELECT 1 FROM event_outbox"))) == (200, 5)
        mortal.start()
        await eventually(lambda: is_drained(notebook), seconds=40)
    sent = stories(await records(mortal.bootstrap, TOPIC))[str(aggregate)]
    assert [number for number in dict.fromkeys(sent) if number > 1] == [2, 3, 4, 5, 6]


async def test_a_relay_without_a_broker_stops_when_told_to(notebook: ServiceUnderTest, mortal: MortalBroker) -> None:
    """Within what a process gives its parts, also in the middle of a send that nobody answers."""
    async with running(relay_of(notebook, mortal.bootstrap).run) as stop:
        await publish(notebook, *story(written_on(TOPIC), ["a"]))
        await eventually(lambda: is_drained(notebook))
        mortal.kill()
        await publish(notebook, *story(written_on(TOPIC), ["b"]))
        stop.set()
    assert not await is_drained(notebook)
    nowhere = Relay(notebook.runtime.database, bootstrap="127.0.0.1:1", source="/coorace/notebook")
    async with running(nowhere.run):
        await publish(notebook, *story(written_on(TOPIC), ["c"]))
    assert not await is_drained(notebook)
