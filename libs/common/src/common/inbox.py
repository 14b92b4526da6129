"""The way in: each event's effect is applied once, in order per aggregate, in one transaction with its inbox row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from opentelemetry.trace import SpanKind
from pydantic import ValidationError
from sqlalchemy import text

from common import telemetry
from common.contracts.platform import ReplayRequested
from common.events import Envelope, Fact, Received
from common.ordering import Decision, Stream, StreamPosition, Why, comes_next, decide, stream_of
from common.outbox import bucket_of
from common.subscriptions import Event, Follow, On, Subscription, event_of, wanted_facts
from common.transaction import Tx

_REGISTER = text(
    "INSERT INTO event_inbox (consumer, event_id, topic, day, bucket)"
    " SELECT :consumer, * FROM unnest(CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:days AS date[]),"
    " CAST(:buckets AS smallint[])) AS e (event_id, topic, day, bucket) ORDER BY event_id"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_MARKS = text(
    "SELECT m.topic, m.aggregate_id, m.sequence, m.dropped_through FROM event_mark m"
    " JOIN unnest(CAST(:topics AS text[]), CAST(:aggregates AS uuid[])) AS s (topic, aggregate_id)"
    " ON m.topic = s.topic AND m.aggregate_id = s.aggregate_id"
    " WHERE m.consumer = :consumer ORDER BY 1, 2 FOR UPDATE OF m"
)
# Of those behind a failure only the place counts; their payloads may be many.
_PARKED = text(
    "SELECT p.event_id, p.topic, p.aggregate_id, p.sequence, p.type, p.source, p.traceparent, p.occurred_at, p.why,"
    " CASE WHEN p.why = 'gap' THEN p.payload END AS payload FROM event_parked p"
    " JOIN unnest(CAST(:topics AS text[]), CAST(:aggregates AS uuid[])) AS s (topic, aggregate_id)"
    " ON p.topic = s.topic AND p.aggregate_id = s.aggregate_id"
    " WHERE p.consumer = :consumer AND p.settled_at IS NULL"
    " ORDER BY p.topic, p.aggregate_id, p.sequence FOR UPDATE OF p"
)
_ADVANCE = text(
    "INSERT INTO event_mark AS m (consumer, topic, aggregate_id, sequence, dropped_through)"
    " SELECT :consumer, * FROM unnest(CAST(:topics AS text[]), CAST(:aggregates AS uuid[]), CAST(:marks AS bigint[]),"
    " CAST(:dropped AS bigint[])) AS s (topic, aggregate_id, sequence, dropped_through) ORDER BY 2, 3"
    " ON CONFLICT (consumer, topic, aggregate_id) DO UPDATE SET sequence = greatest(m.sequence, excluded.sequence),"
    " dropped_through = greatest(m.dropped_through, excluded.dropped_through)"
)
_PARK = text(
    "INSERT INTO event_parked (consumer, event_id, topic, aggregate_id, sequence, type, source, payload, traceparent,"
    " occurred_at, why, fault)"
    " VALUES (:consumer, :event_id, :topic, :aggregate_id, :sequence, :type, :source, :payload, :traceparent,"
    " :occurred_at, :why, :fault)"
    " ON CONFLICT (consumer, event_id) DO UPDATE SET why = excluded.why, fault = excluded.fault,"
    " attempts = event_parked.attempts + 1 WHERE excluded.why = 'failed'"
)
_SETTLE = text(
    "UPDATE event_parked SET settled_at = clock_timestamp(), settled_as = :how, settled_by = :by, reason = :reason"
    " WHERE consumer = :consumer AND event_id = ANY(CAST(:ids AS uuid[]))"
)
_FAULT_CHARACTERS = 2_000


class EffectFailed(Exception):
    """Applying one event failed; ``event`` says which, ``fault`` says why."""

    def __init__(self, event: Received, cause: Exception) -> None:
        super().__init__(f"{event.envelope.type} {event.envelope.event_id}")
        self.event = event
        self.fault = f"{type(cause).__name__}: {cause}"[:_FAULT_CHARACTERS].replace("\0", "\\0")


class Unparsable(Exception):
    """A payload that its contract does not recognise."""


class Inbox:
    """One consumer's side of the promise: registers, orders, applies, parks."""

    def __init__(self, consumer: str, subscriptions: Iterable[Subscription]) -> None:
        self.consumer = consumer
        self._subscriptions = tuple(subscriptions)
        self._follows = [s for s in self._subscriptions if isinstance(s, Follow)]
        self._handlers: dict[type[Fact], list[On]] = {}
        for subscription in self._subscriptions:
            if isinstance(subscription, On):
                self._handlers.setdefault(subscription.fact, []).append(subscription)
        self.wanted = wanted_facts(self._subscriptions)

    def topics(self) -> list[str]:
        """Return the topics to read: those of every wanted fact."""
        return sorted({fact.topic for fact in self.wanted.values()} | {ReplayRequested.topic})

    def parse(self, envelope: Envelope, payload: bytes) -> Received:
        """Parse a payload if somebody wants it. What cannot be parsed is kept, with its fault."""
        fact_type = self.wanted.get(envelope.type)
        if fact_type is None:
            return Received(envelope, payload, fact=None)
        try:
            return Received(envelope, payload, fact=fact_type.read(payload))
        except (ValidationError, RecursionError) as error:
            return Received(envelope, payload, fact=None, fault=f"{type(error).__name__}: {error}")

    async def apply(self, tx: Tx, received: Sequence[Received]) -> Decision:
        """Apply a batch in this transaction: what is new and in order takes effect, the rest is parked or skipped.

        Raises EffectFailed when a handler, or a payload, fails: the caller rolls back and isolates the event.
        """
        fresh = await self._register(tx, received)
        decision = decide(fresh, await self._positions(tx, fresh))
        # An event that comes alone may release others that waited for it: one by one, a failure names its event.
        groups = [decision.ready] if len(received) > 1 else [[event] for event in decision.ready]
        for group in groups:
            await self._take_effect(tx, group)
        await self._advance(tx, decision.marks, decision.dropped)
        for event, why in decision.parked:
            await self._park(tx, event, why, fault=None)
        if decision.released:
            await self._settle(tx, decision.released, how="applied", by=self.consumer)
        return decision

    async def park_failed(self, tx: Tx, failure: EffectFailed) -> None:
        """Set an event aside; later events of its aggregate will wait behind it."""
        await self._register(tx, [failure.event])
        dropped = failure.event.envelope.dropped_through
        if dropped:  # the news it brought is true, whatever became of its effect
            await self._advance(tx, {}, {stream_of(failure.event): dropped})
        await self._park(tx, failure.event, "failed", fault=failure.fault)

    async def redrive(self, tx: Tx, event_id: UUID) -> bool:
        """Apply a parked event if it is the next of its aggregate; return whether it was.

        Raises EffectFailed when it fails again.
        """
        event = await self._next_parked(tx, event_id)
        if event is None:
            return False
        await self._take_effect(tx, [event])
        await self._pass(tx, event, how="applied", reason=None)
        return True

    async def discard(self, tx: Tx, event_id: UUID, reason: str) -> bool:
        """Give up a parked event for good, if it is the next of its aggregate: the mark passes it by."""
        event = await self._next_parked(tx, event_id)
        if event is None:
            return False
        await self._pass(tx, event, how="discarded", reason=reason)
        return True

    async def _register(self, tx: Tx, received: Sequence[Received]) -> list[Received]:
        """Return what was not seen before; and repeats that say what was dropped, for those that wait for it."""
        unique: dict[UUID, Received] = {}
        for event in sorted(received, key=lambda event: event.envelope.dropped_through or 0):
            unique[event.envelope.event_id] = event
        envelopes = [event.envelope for event in unique.values()]
        parameters = {
            "consumer": self.consumer,
            "ids": list(unique),
            "topics": [envelope.topic for envelope in envelopes],
            "days": [envelope.occurred_at.astimezone(UTC).date() for envelope in envelopes],
            "buckets": [bucket_of(envelope.aggregate_id) for envelope in envelopes],
        }
        result = await tx.session.execute(_REGISTER, parameters)
        new = set(result.scalars())
        return [event for event_id, event in unique.items() if event_id in new or event.envelope.dropped_through]

    async def _positions(self, tx: Tx, events: Sequence[Received]) -> dict[Stream, StreamPosition]:
        return await self.positions_of(tx, {stream_of(event) for event in events})

    async def positions_of(self, tx: Tx, streams: set[Stream]) -> dict[Stream, StreamPosition]:
        """Return where this consumer stands with these aggregates, and hold them until the transaction ends."""
        if not streams:
            return {}
        parameters = {
            "consumer": self.consumer,
            "topics": [topic for topic, _ in streams],
            "aggregates": [aggregate for _, aggregate in streams],
        }
        # Parked rows are locked before marks, as a redrive does: it may be moving a mark that has no row to lock yet.
        parked = (await tx.session.execute(_PARKED, parameters)).all()
        marks = {(row[0], row[1]): (row[2], row[3]) for row in await tx.session.execute(_MARKS, parameters)}
        waiting: dict[Stream, list[Received]] = {}
        blocked: dict[Stream, int] = {}
        for row in parked:
            stream = (row.topic, row.aggregate_id)
            if row.why == "gap":
                waiting.setdefault(stream, []).append(self._from_row(row))
            else:
                blocked[stream] = min(row.sequence, blocked.get(stream, row.sequence))
        return {
            stream: StreamPosition(mark, tuple(waiting.get(stream, ())), blocked.get(stream), dropped)
            for stream in streams
            for mark, dropped in [marks.get(stream, (0, 0))]
        }

    async def _take_effect(self, tx: Tx, ready: Sequence[Received]) -> None:
        for event in ready:
            if event.fault is not None:
                raise EffectFailed(event, Unparsable(event.fault))
        events = {received.envelope.event_id: event_of(received) for received in ready if received.fact is not None}
        try:
            for subscription in self._follows:
                await subscription.apply(tx, list(events.values()))
        except Exception as error:
            if len(ready) > 1:
                raise  # which one is not known: the caller isolates it
            raise EffectFailed(ready[0], error) from error
        for received in ready:
            if received.fact is not None:
                await self._handle(tx, received, events[received.envelope.event_id])

    async def _handle(self, tx: Tx, received: Received, event: Event[Any]) -> None:
        envelope = received.envelope
        with telemetry.span_of(f"process {envelope.type}", SpanKind.CONSUMER, envelope.traceparent):
            try:
                for subscription in self._handlers.get(type(event.fact), ()):
                    await subscription.handler(tx, event)
            except Exception as error:
                raise EffectFailed(received, error) from error

    async def _advance(self, tx: Tx, marks: Mapping[Stream, int], dropped: Mapping[Stream, int]) -> None:
        streams = marks.keys() | dropped.keys()
        if not streams:
            return
        await tx.session.execute(
            _ADVANCE,
            {
                "consumer": self.consumer,
                "topics": [topic for topic, _ in streams],
                "aggregates": [aggregate for _, aggregate in streams],
                "marks": [marks.get(stream, 0) for stream in streams],
                "dropped": [dropped.get(stream, 0) for stream in streams],
            },
        )

    async def _park(self, tx: Tx, event: Received, why: Why, *, fault: str | None) -> None:
        envelope = event.envelope
        await tx.session.execute(
            _PARK,
            {
                "consumer": self.consumer,
                "event_id": envelope.event_id,
                "topic": envelope.topic,
                "aggregate_id": envelope.aggregate_id,
                "sequence": envelope.sequence,
                "type": envelope.type,
                "source": envelope.source,
                "payload": event.payload,
                "traceparent": envelope.traceparent,
                "occurred_at": envelope.occurred_at,
                "why": why,
                "fault": fault,
            },
        )

    async def _pass(self, tx: Tx, event: Received, *, how: str, reason: str | None) -> None:
        await self._advance(tx, {stream_of(event): event.envelope.sequence}, {})
        await self._settle(tx, [event.envelope.event_id], how=how, by=tx.actor.subject, reason=reason)

    async def _settle(self, tx: Tx, ids: Sequence[UUID], *, how: str, by: str, reason: str | None = None) -> None:
        await tx.session.execute(
            _SETTLE, {"consumer": self.consumer, "ids": list(ids), "how": how, "by": by, "reason": reason}
        )

    async def _next_parked(self, tx: Tx, event_id: UUID) -> Received | None:
        """Return a parked event, if it is the next of its aggregate."""
        query = text(
            "SELECT * FROM event_parked WHERE consumer = :consumer AND event_id = :id AND settled_at IS NULL FOR UPDATE"
        )
        row = (await tx.session.execute(query, {"consumer": self.consumer, "id": event_id})).one_or_none()
        if row is None:
            return None
        event = self._from_row(row)
        return event if comes_next(event, (await self._positions(tx, [event]))[stream_of(event)]) else None

    def _from_row(self, row: Any) -> Received:
        envelope = Envelope(
            event_id=row.event_id,
            source=row.source,
            type=row.type,
            topic=row.topic,
            aggregate_id=row.aggregate_id,
            sequence=row.sequence,
            occurred_at=row.occurred_at,
            traceparent=row.traceparent,
        )
        return self.parse(envelope, row.payload)
