"""``coorace events reconcile`` between a writer and a reader: it sees what is lost, brings it back, and then agrees."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from common.identifiers import new_id
from common.subscriptions import on
from common.testing.acknowledging import acknowledge
from common.testing.harness import ServiceUnderTest
from common.testing.issuer import TestIssuer
from common.testing.plugin import Assemble
from common.transaction import Tx
from common.wording import counted

from .notebook.app import service_with
from .notebook.contracts import NoteWritten
from .notebook.effects import READER, effects, publish, story
from .notebook.reading import as_read, receive
from .notebook.terminal import Coorace, speaking_as_ops

TOPIC = NoteWritten.topic
PAIR = ("reconcile", "--producer", "notebook", "--consumer", "reader", "--topic", TOPIC)


@pytest_asyncio.fixture
async def writer(assemble: Assemble) -> ServiceUnderTest:
    return await assemble(service_with())


@pytest_asyncio.fixture
async def reader(assemble: Assemble) -> ServiceUnderTest:
    return await assemble(service_with(name="reader", subscriptions=(on(NoteWritten, _note_the_effect),)))


async def _note_the_effect(tx: Tx, event: Any) -> None:
    await tx.session.execute(
        text("INSERT INTO effect (event_id, aggregate_id, sequence, title) VALUES (:id, :aggregate, :sequence, '')"),
        {"id": event.id, "aggregate": event.fact.state.id, "sequence": event.sequence},
    )


@pytest_asyncio.fixture
async def ops(writer: ServiceUnderTest, reader: ServiceUnderTest, issuer: TestIssuer) -> AsyncIterator[Coorace]:
    async with speaking_as_ops(issuer, writer, reader) as run:
        yield run


async def write(writer: ServiceUnderTest, length: int, aggregate: UUID) -> None:
    """Publish one aggregate's facts and note them as acknowledged by the broker."""
    await publish(writer, *story(NoteWritten, [f"{aggregate} {n}" for n in range(length)], aggregate))
    await acknowledge(writer)


async def deliver(
    writer: ServiceUnderTest, reader: ServiceUnderTest, *but: int, source: str = "event_archive"
) -> list[tuple[UUID, int]]:
    """Hand the reader what the writer holds, some sequences excepted; return what was handed over."""
    query = f"SELECT * FROM {source} WHERE NOT sequence = ANY(:but) ORDER BY sequence"  # noqa: S608
    rows = await writer.rows(query, but=list(but))
    for row in rows:
        await receive(reader, as_read(reader, row))
    return [(row.aggregate_id, row.sequence) for row in rows]


async def forget(service: ServiceUnderTest, statement: str) -> None:
    """Do to a database what a restore with loss, or a month, does to it."""
    async with service.runtime.database.transaction(READER) as tx:
        await tx.session.execute(text(statement))


async def test_a_reader_that_has_everything_differs_in_nothing(
    ops: Coorace, writer: ServiceUnderTest, reader: ServiceUnderTest
) -> None:
    for _ in range(5):
        await write(writer, 3, new_id())
    await deliver(writer, reader)
    same = await ops(*PAIR)
    assert (same.exit_code, same.stderr) == (0, "")
    assert same.stdout.startswith("notebook.note : reader a tout appliqué ; fait par fait depuis le ")


@pytest.mark.parametrize(
    ("lost", "settled"),
    [pytest.param((3, 4), 2, id="la fin de l'histoire"), pytest.param((2,), 1, id="un trou au milieu")],
)
async def test_what_is_lost_is_named_brought_back_exactly_and_then_all_agrees(
    ops: Coorace, writer: ServiceUnderTest, reader: ServiceUnderTest, lost: tuple[int, ...], settled: int
) -> None:
    complete, holed = new_id(), new_id()
    await write(writer, 1, complete)
    await write(writer, 4, holed)
    await deliver(writer, reader, *lost)
    differs = await ops(*PAIR, "--json")
    assert differs.exit_code == 1
    found = json.loads(differs.stdout)[TOPIC]
    assert [(one["aggregate_id"], one["sequence"]) for one in found["missing"]] == [(str(holed), n) for n in lost]
    assert found["extra"] == []
    [aggregate] = found["aggregates"]
    assert (aggregate["settled"], aggregate["missing"]) == (settled, len(lost))

    asked = await ops(*PAIR, "--redrive")
    assert asked.exit_code == 1
    assert asked.stderr.startswith(f"{counted(len(lost), 'fait repart', 'faits repartent')} de notebook")
    assert await deliver(writer, reader, source="event_outbox") == [(holed, number) for number in lost]
    await acknowledge(writer)
    assert await effects(reader, holed) == [1, 2, 3, 4]
    assert (await ops(*PAIR)).exit_code == 0


async def test_an_event_its_producer_knows_nothing_of_is_named_though_the_sequences_agree(
    ops: Coorace, writer: ServiceUnderTest, reader: ServiceUnderTest
) -> None:
    """The writer was restored to before its second fact, then gave that sequence to another."""
    note = new_id()
    await write(writer, 2, note)
    await deliver(writer, reader)
    [lost] = await writer.rows("SELECT event_id FROM event_archive WHERE sequence = 2")
    await forget(writer, "DELETE FROM event_archive WHERE sequence = 2")
    await forget(writer, "UPDATE event_stream SET sequence = 1")
    await publish(writer, *story(NoteWritten, ["another"], note))
    await acknowledge(writer)
    await deliver(writer, reader)
    differs = await ops(*PAIR, "--json")
    assert differs.exit_code == 1
    found = json.loads(differs.stdout)[TOPIC]
    assert (found["missing"], found["aggregates"]) == ([], [])
    assert [one["event_id"] for one in found["extra"]] == [str(lost.event_id)]
    assert "que notebook ne connaît pas" in (await ops(*PAIR)).stdout


async def test_what_is_older_than_the_days_compared_is_asked_for_by_aggregate(
    ops: Coorace, writer: ServiceUnderTest, reader: ServiceUnderTest
) -> None:
    note = new_id()
    await write(writer, 4, note)
    await forget(writer, "UPDATE event_archive SET occurred_at = occurred_at - interval '60 days'")
    await deliver(writer, reader, 3, 4)
    found = json.loads((await ops(*PAIR, "--json")).stdout)[TOPIC]
    assert (found["missing"], [one["missing"] for one in found["aggregates"]]) == ([], [2])
    await ops(*PAIR, "--redrive")
    assert await deliver(writer, reader, source="event_outbox") == [(note, 3), (note, 4)]
    await acknowledge(writer)
    await forget(reader, "DELETE FROM event_inbox")
    assert (await ops(*PAIR)).exit_code == 0


async def test_what_has_still_to_leave_is_neither_missing_nor_extra_and_not_applied_either(
    ops: Coorace, writer: ServiceUnderTest, reader: ServiceUnderTest
) -> None:
    """One fact waits in the outbox; another has come, and its acknowledgement is not noted yet."""
    note = new_id()
    await publish(writer, *story(NoteWritten, ["came", "waits"], note))
    await deliver(writer, reader, 2, source="event_outbox")
    differs = await ops(*PAIR, "--redrive", "--json")
    assert differs.exit_code == 1
    found = json.loads(differs.stdout)[TOPIC]
    assert (found["missing"], found["extra"]) == ([], [])
    assert [(one["to_send"], one["missing"]) for one in found["aggregates"]] == [(2, 0)]
    assert differs.stderr.startswith("0 fait repart")


async def test_many_missing_facts_are_shown_in_part_and_asked_for_in_full(
    ops: Coorace, writer: ServiceUnderTest, reader: ServiceUnderTest
) -> None:
    for _ in range(2):
        await write(writer, 600, new_id())
    shown = await ops(*PAIR, "--redrive")
    assert "il manque à reader 1200 faits" in shown.stdout
    assert "… et 1150 de plus" in shown.stdout
    assert shown.stderr.startswith("1200 faits repartent")
    assert len(await deliver(writer, reader, source="event_outbox")) == 1_200


async def test_a_reader_that_does_not_listen_is_said(ops: Coorace) -> None:
    deaf = await ops("reconcile", "--producer", "dues", "--consumer", "reader")
    assert deaf.exit_code == 1
    assert "reader n'écoute aucun sujet de dues" in deaf.stderr


async def test_facts_that_the_ledger_has_not_are_not_sent_again(writer: ServiceUnderTest) -> None:
    await write(writer, 2, new_id())
    [first, second] = await writer.rows("SELECT event_id FROM event_archive ORDER BY sequence")
    ids = [str(second.event_id), str(first.event_id), str(new_id())]
    async with writer.client("ops") as client:
        answers = [(await client.post("/ops/events/replay/selected", json={"event_ids": ids})).json() for _ in range(2)]
    assert answers == [{"events": 2}, {"events": 0}]
    sent = await writer.rows("SELECT event_id FROM event_outbox WHERE replayed ORDER BY id")
    assert [row.event_id for row in sent] == [first.event_id, second.event_id]
