"""Which events may be applied now: once, and in order per aggregate."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.events import Envelope, Received
from common.ordering import Decision, Stream, StreamPosition, comes_next, decide, stream_of

TOPIC = "notebook.note"
NOTE = UUID(int=1)


def event(sequence: int, aggregate: UUID = NOTE, *, dropped_through: int | None = None) -> Received:
    """Return the one event of an aggregate with this sequence: the same sequence is the same event."""
    identity = UUID(int=aggregate.int * 1_000 + sequence)
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    envelope = Envelope(
        identity, "/coorace/test", "note.written", TOPIC, aggregate, sequence, instant, None, dropped_through
    )
    return Received(envelope, b"{}", fact=None)


def sequences(events: list[Received]) -> list[int]:
    return [one.envelope.sequence for one in events]


# name: mark, waiting, blocked_at, what comes | applied, parked, released, mark after
IN_ORDER = {
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
    ("mark", "waiting", "blocked_at", "coming", "ready", "parked", "released", "after"), IN_ORDER.values(), ids=IN_ORDER
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


# name: mark, waiting, blocked_at, dropped before, what comes and its dropped_through
#     | applied, parked, released, mark after, news to keep
DROPPED = {
    "un lecteur neuf part du premier qui reste": (0, [], None, 0, [(6, 5), (7, 5)], [6, 7], [], 0, 7, None),
    "livré à l'envers": (0, [], None, 0, [(8, 5), (6, 5), (7, 5)], [6, 7, 8], [], 0, 8, None),
    "un retardataire renonce à ce qui n'existe plus": (2, [], None, 0, [(6, 5)], [6], [], 0, 6, None),
    "celui qui en sait plus ne recule pas": (9, [], None, 0, [(6, 5)], [], [], 0, None, None),
    "ce qui attendait est appliqué, pas abandonné": (1, [4], None, 0, [(6, 5)], [4, 6], [], 1, 6, None),
    "la répétition de ce qui attend le libère": (0, [6, 7], None, 0, [(6, 5)], [6, 7], [], 2, 7, None),
    "un trou plus loin reste un trou": (0, [], None, 0, [(8, 5)], [], [(8, "gap")], 0, None, 5),
    "la nouvelle, sue d'avant, suffit": (0, [], None, 5, [(6, None)], [6], [], 0, 6, None),
    "une nouvelle plus ancienne n'efface rien": (0, [], None, 5, [(8, 3)], [], [(8, "gap")], 0, None, None),
    "un échec n'est jamais dépassé": (3, [], 4, 0, [(7, 6)], [], [(7, "behind")], 0, None, 6),
    "ce qui attendait avant l'échec passe": (1, [3], 4, 0, [(7, 6)], [3], [(7, "behind")], 1, 3, 6),
}


@pytest.mark.parametrize(
    ("mark", "waiting", "blocked_at", "known", "coming", "ready", "parked", "released", "after", "news"),
    DROPPED.values(),
    ids=DROPPED,
)
def test_what_was_dropped_is_given_up_and_never_waited_for(
    mark: int,
    waiting: list[int],
    blocked_at: int | None,
    known: int,
    coming: list[tuple[int, int | None]],
    ready: list[int],
    parked: list[tuple[int, str]],
    released: int,
    after: int | None,
    news: int | None,
) -> None:
    position = StreamPosition(mark, tuple(event(number) for number in waiting), blocked_at, known)
    batch = [event(number, dropped_through=dropped) for number, dropped in coming]
    decision = decide(batch, {(TOPIC, NOTE): position})
    assert sequences(decision.ready) == ready
    assert [(one.envelope.sequence, why) for one, why in decision.parked] == parked
    assert len(decision.released) == released
    assert decision.marks == ({} if after is None else {(TOPIC, NOTE): after})
    assert decision.dropped == ({} if news is None else {(TOPIC, NOTE): news})


# name: sequence, mark, waiting, blocked_at, dropped_through | whether it is next
NEXT = {
    "le suivant": (4, 3, [], 4, 0, True),
    "un trou avant lui": (5, 3, [5], None, 0, False),
    "après ce qui n'existe plus": (7, 3, [], 7, 6, True),
    "pas jusque-là": (8, 3, [], 8, 6, False),
    "derrière un échec": (7, 3, [], 4, 6, False),
    "derrière un autre qui attend": (7, 3, [5, 7], None, 6, False),
    "déjà réglé": (3, 3, [3], None, 0, False),
}


@pytest.mark.parametrize(("sequence", "mark", "waiting", "blocked_at", "dropped", "next_"), NEXT.values(), ids=NEXT)
def test_a_parked_event_is_taken_up_in_its_turn_only(
    sequence: int, mark: int, waiting: list[int], blocked_at: int | None, dropped: int, next_: bool
) -> None:
    position = StreamPosition(mark, tuple(event(number) for number in waiting), blocked_at, dropped)
    assert comes_next(event(sequence), position) is next_


class Memory:
    """An inbox without a database: what it remembers between batches is what the tables hold."""

    def __init__(self, blocked: dict[Stream, int]) -> None:
        self.seen: set[UUID] = set()
        self.marks: dict[Stream, int] = {}
        self.dropped: dict[Stream, int] = {}
        self.waiting: dict[UUID, Received] = {}
        self.blocked = blocked
        self.applied: dict[Stream, list[int]] = {}

    def receive(self, batch: list[Received]) -> Decision:
        seen = self.seen
        fresh = {
            one.envelope.event_id: one
            for one in batch
            if one.envelope.event_id not in seen or one.envelope.dropped_through
        }
        self.seen = seen | fresh.keys()
        decision = decide(list(fresh.values()), {stream: self._position(stream) for stream in map(stream_of, batch)})
        for one in decision.ready:
            self.applied.setdefault(stream_of(one), []).append(one.envelope.sequence)
        self.marks |= decision.marks
        self.dropped |= decision.dropped
        self.waiting |= {one.envelope.event_id: one for one, why in decision.parked if why == "gap"}
        for event_id in decision.released:
            del self.waiting[event_id]
        return decision

    def _position(self, stream: Stream) -> StreamPosition:
        waiting = tuple(one for one in self.waiting.values() if stream_of(one) == stream)
        return StreamPosition(self.marks.get(stream, 0), waiting, self.blocked.get(stream), self.dropped.get(stream, 0))


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


@given(data=st.data())
def test_a_history_without_its_beginning_is_applied_once_and_in_order(data: st.DataObject) -> None:
    """What is left comes as live events and as replayed ones, in any order: all of it takes effect."""
    dropped = data.draw(st.integers(1, LENGTH - 1))
    left = range(dropped + 1, LENGTH + 1)
    live = [event(number) for number in left]
    replayed = [event(number, dropped_through=dropped) for number in left]
    memory = Memory({})
    for one in data.draw(st.permutations(live + replayed)):
        memory.receive([one])
    assert memory.applied[TOPIC, NOTE] == list(left)
