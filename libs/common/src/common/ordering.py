"""Which events may be applied now: the rule that keeps effects once, and in order per aggregate.

Pure: what arrived and what is known go in, the decision comes out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from common.events import Received

Stream = tuple[str, UUID]
Why = Literal["failed", "behind", "gap"]


@dataclass(frozen=True, slots=True)
class StreamPosition:
    """What a consumer knows of one aggregate: the last sequence settled, what waits, and where it is blocked."""

    mark: int = 0
    waiting: tuple[Received, ...] = ()
    """Events parked because one before them is missing."""
    blocked_at: int | None = None
    """Sequence of the first event that failed: nothing after it may pass."""
    dropped_through: int = 0
    """Last sequence that no longer exists at the producer: nothing up to there is waited for."""


@dataclass(slots=True)
class Decision:
    """What to do with a batch: apply in this order, park with a reason, and the marks that follow."""

    ready: list[Received] = field(default_factory=list)
    parked: list[tuple[Received, Why]] = field(default_factory=list)
    released: list[UUID] = field(default_factory=list)
    """Ids of waiting events that are applied or found superfluous now."""
    marks: dict[Stream, int] = field(default_factory=dict)
    dropped: dict[Stream, int] = field(default_factory=dict)
    """How far each aggregate's history is gone, where that is news and still lies ahead of the mark."""


def stream_of(event: Received) -> Stream:
    """Return the aggregate an event belongs to."""
    return event.envelope.topic, event.envelope.aggregate_id


def decide(events: Sequence[Received], positions: Mapping[Stream, StreamPosition]) -> Decision:
    """Sort a batch: apply, park, or skip what was settled long ago.

    The events were not seen before, or bring the news that what came before them was dropped.
    """
    decision = Decision()
    # In the order of aggregates, as commands lock them: two transactions that meet follow each other.
    for stream, coming in sorted(_by_stream(events).items(), key=lambda item: item[0]):
        _decide_stream(stream, coming, positions.get(stream, StreamPosition()), decision)
    return decision


def comes_next(event: Received, position: StreamPosition) -> bool:
    """Tell whether a parked event is the first one of its aggregate, and follows what is settled."""
    sequence = event.envelope.sequence
    earlier = [one for one in position.waiting if one.envelope.sequence < sequence]
    is_first = not earlier and (position.blocked_at is None or sequence <= position.blocked_at)
    return is_first and _verdict(sequence, position.mark, None, position.dropped_through) == "next"


def _decide_stream(stream: Stream, events: list[Received], position: StreamPosition, decision: Decision) -> None:
    mark = position.mark
    dropped = max(position.dropped_through, *(event.envelope.dropped_through or 0 for event in events))
    waiting = {event.envelope.event_id for event in position.waiting}
    coming = [event for event in events if event.envelope.event_id not in waiting]
    for event in sorted((*coming, *position.waiting), key=lambda e: e.envelope.sequence):
        verdict = _verdict(event.envelope.sequence, mark, position.blocked_at, dropped)
        if verdict == "next":
            mark = event.envelope.sequence
            decision.ready.append(event)
        if event.envelope.event_id in waiting:
            if verdict in ("next", "settled"):
                decision.released.append(event.envelope.event_id)
        elif verdict in ("behind", "gap"):
            decision.parked.append((event, verdict))
    if mark != position.mark:
        decision.marks[stream] = mark
    if dropped > max(mark, position.dropped_through):
        decision.dropped[stream] = dropped


def _verdict(
    sequence: int, mark: int, blocked_at: int | None, dropped_through: int
) -> Literal["settled", "next", "gap", "behind"]:
    """Place one event against the last sequence settled, the first that failed, and the last that no longer exists."""
    if sequence <= mark:
        return "settled"
    if blocked_at is not None and sequence >= blocked_at:
        return "behind"
    return "next" if sequence <= max(mark, dropped_through) + 1 else "gap"


def _by_stream(events: Iterable[Received]) -> dict[Stream, list[Received]]:
    streams: dict[Stream, list[Received]] = {}
    for event in events:
        streams.setdefault(stream_of(event), []).append(event)
    return streams
