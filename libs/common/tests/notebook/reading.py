"""A service that reads notes, given its events by hand as its consumer does."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from common.events import Envelope, Fact, Received, dump
from common.inbox import EffectFailed
from common.service import Service
from common.subscriptions import follow, on
from common.testing.harness import ServiceUnderTest

from .app import service_with
from .contracts import NoteState, NoteWritten
from .effects import READER, Reader
from .tables import NoteCopy

NOTE = UUID(int=1)


def reading_service(reader: Reader) -> Service:
    """Return the notebook as a reader of notes: it copies their state, and hands each fact to ``reader``."""
    copy = follow(NoteState, into=NoteCopy, contracts=(NoteWritten,))
    return service_with(subscriptions=(copy, on(NoteWritten, reader.handle)))


def event(
    service: ServiceUnderTest,
    sequence: int,
    title: str | None = None,
    *,
    note: UUID = NOTE,
    dropped_through: int | None = None,
) -> Received:
    """Return an event of a note; the same note and sequence are the same event, however often it comes."""
    fact = NoteWritten(state=NoteState(id=note, title=title or f"{note.int}/{sequence}"))
    return record(service, fact, sequence, dump(fact), dropped_through=dropped_through)


def sent(service: ServiceUnderTest, note: int, at: datetime) -> Received:
    """Return the first event of a note, published at an instant."""
    fact = NoteWritten(state=NoteState(id=UUID(int=note), title=f"{note}/1"))
    return record(service, fact, 1, dump(fact), at=at)


def record(
    service: ServiceUnderTest,
    fact: Fact,
    sequence: int,
    payload: bytes,
    *,
    at: datetime | None = None,
    dropped_through: int | None = None,
) -> Received:
    """Return what a record with this payload is to the service."""
    envelope = Envelope(
        event_id=UUID(int=fact.state.id.int * 1_000 + sequence),
        source="/coorace/notebook",
        type=fact.wire_name,
        topic=fact.topic,
        aggregate_id=fact.state.id,
        sequence=sequence,
        occurred_at=at or datetime.now(UTC),
        traceparent=None,
        dropped_through=dropped_through,
    )
    return service.runtime.inbox.parse(envelope, payload)


def as_read(service: ServiceUnderTest, row: Any) -> Received:
    """Return what a row of a writer's outbox or ledger is to a service that reads it."""
    envelope = Envelope(
        event_id=row.event_id,
        source="/coorace/notebook",
        type=row.type,
        topic=row.topic,
        aggregate_id=row.aggregate_id,
        sequence=row.sequence,
        occurred_at=row.occurred_at,
        traceparent=None,
    )
    return service.runtime.inbox.parse(envelope, row.payload)


async def receive(service: ServiceUnderTest, *events: Received) -> None:
    """Apply a batch in one transaction; set aside the event that fails, if one does."""
    inbox, database = service.runtime.inbox, service.runtime.database
    try:
        async with database.transaction(READER) as tx:
            await inbox.apply(tx, events)
    except EffectFailed as failure:
        async with database.transaction(READER) as tx:
            await inbox.park_failed(tx, failure)
