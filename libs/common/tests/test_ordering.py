"""Which events may be applied now: once, and in order per aggregate."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.events import Envelope, Received
from common.ordering import Decision, Stream, StreamPosition, decide, stream_of

TOPIC = "notebook.note"
NOTE = UUID(int=1)


def event(sequence: int, aggregate: UUID = NOTE) -> Received:
    """Return the one event of an aggregate with this sequence: the same sequence is the same event."""
    identity = UUID(int=aggregate.int * 1_000 + sequence)
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    envelope = Envelope(identity, "/coorace/test", "note.written", TOPIC, aggregate, sequence, instant, None)
    return Received(envelope, b"{}", fact=None)


def sequences(events: list[Received]) -> list[int]:
    return [one.envelope.sequence for one in events]


# name: mark, waiting, blocked_at, what comes | applied, parked, released, mark after
CASES = {
    "le premier": (0, [], None, [1], [1], [], 0, 1),
    "la suite, livrée à l'envers": (0, [], None, [3, 1, 2], [1, 2, 3], [], 0, 3),
    "déjà réglé": (5, [], None, [4, 5], [], [], 0, None),
    "un trou": (1, [], None, [3], [], [(3, "gap")], 0, None),
    "un trou, puis ce qui manque": (1, [3, 4], None, [2], [2, 3, 4], [], 2, 4),
    "deux trous : le premier se comble": (0, [2, 5], None, [1], [1, 2], [], 1, 2),
    "une répétition de ce qui attend": (0, [2, 3], None, [1, 2], [1, 2, 3], [], 2, 3),
    "derrière un échec": (3, [], 4, [5, 6], [], [(5, "behind"), (6, "behind")], 0, None),
    "l'échec lui-même, livré de nouveau": (3, [], 4, [4], [], [(4, "behind")], 0, None),
    "ce qui attendait, derrière un échec": (0, [3], 2, [1], [1], [], 0, 1),
    "ce qui attendait, déjà réglé depuis": (3, [2], None, [4], [4], [], 1, 4),
}


@pytest.mark.parametrize(
    ("mark", "waiting", "blocked_at", "coming", "ready", "parked", "released", "after"), CASES.values(), ids=CASES
)
def test_a_batch_is_applied_parked_or_skipped(
    mark: int,
    waiting: list[int],
    blocked_at: int | None,
    coming: list[int],
    ready: list[int],
    parked: list[tuple[int, str]],
    released: int,
    after: int | None,
) -> None:
    position = StreamPosition(mark, tuple(event(number) for number in waiting), blocked_at)
    decision = decide([event(number) for number in coming], {(TOPIC, NOTE): position})
    assert sequences(decision.ready) == ready
    assert [(one.envelope.sequence, why) for one, why in decision.parked] == parked
    assert len(decision.released) == released
    assert decision.marks == ({} if after is None else {(TOPIC, NOTE): after})


class Memory:
    """An inbox without a database: what it remembers between batches is what the tables hold."""

    def __init__(self, blocked: dict[Stream, int]) -> None:
        self.seen: set[UUID] = set()
        self.marks: dict[Stream, int] = {}
        self.waiting: dict[UUID, Received] = {}
        self.blocked = blocked
        self.applied: dict[Stream, list[int]] = {}

    def receive(self, batch: list[Received]) -> Decision:
        fresh = {one.envelope.event_id: one for one in batch if one.envelope.event_id not in self.seen}
        self.seen |= fresh.keys()
        decision = decide(list(fresh.values()), {stream: self._position(stream) for stream in map(stream_of, batch)})
        for one in decision.ready:
            self.applied.setdefault(stream_of(one), []).append(one.envelope.sequence)
        self.marks |= decision.marks
        self.waiting |= {one.envelope.event_id: one for one, why in decision.parked if why == "gap"}
        for event_id in decision.released:
            del self.waiting[event_id]
        return decision

    def _position(self, stream: Stream) -> StreamPosition:
        waiting = tuple(one for one in self.waiting.values() if stream_of(one) == stream)
        return StreamPosition(self.marks.get(stream, 0), waiting, self.blocked.get(stream))


AGGREGATES = [UUID(int=number) for number in (1, 2, 3)]
LENGTH = 6
EVERYTHING = [event(sequence, aggregate) for aggregate in AGGREGATES for sequence in range(1, LENGTH + 1)]


@given(data=st.data())
def test_whatever_the_order_each_aggregate_is_applied_once_and_in_order(data: st.DataObject) -> None:
    """Shuffled, repeated, cut anywhere, blocked somewhere, with an inbox that forgets now and then."""
    deliveries = data.draw(st.permutations(EVERYTHING * 2))
    heads = data.draw(st.dictionaries(st.sampled_from(AGGREGATES), st.integers(1, LENGTH)))
    memory = Memory({(TOPIC, aggregate): head for aggregate, head in heads.items()})
    while deliveries:
        size = data.draw(st.integers(1, len(deliveries)))
        memory.receive(deliveries[:size])
        deliveries = deliveries[size:]
        if data.draw(st.booleans()):
            memory.seen.clear()
    for aggregate in AGGREGATES:
        last = heads.get(aggregate, LENGTH + 1) - 1
        assert memory.applied.get((TOPIC, aggregate), []) == list(range(1, last + 1))
