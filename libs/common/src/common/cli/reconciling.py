"""Does a reader have all that a producer committed? From what each side says, what differs.

Three looks, each seeing what the others cannot. Digests by day and bucket say where the last days differ; the events of
those buckets say in what; and the last sequence of each aggregate tells of all time, and of what is set aside.
Pure: what each side answers goes in, what differs comes out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One bucket of one UTC day."""

    day: str
    bucket: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What one side holds of a topic from a day on: a count and a hash per cell. A cell that is not there is empty."""

    since: str
    cells: Mapping[Cell, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Position:
    """Where one side is with one aggregate: its last sequence, and how many events wait beside it.

    At the producer events wait in the outbox; at the reader they are parked.
    """

    sequence: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One aggregate of which the reader has not applied everything."""

    aggregate_id: str
    published: Position
    received: Position

    @property
    def missing(self) -> int:
        """Events that are nowhere: neither waiting to be sent, nor parked, nor settled. 0 while they travel."""
        unsettled = self.published.sequence - self.received.sequence
        return max(0, unsettled - self.published.waiting - self.received.waiting)


@dataclass(slots=True)
class Comparison:
    """One topic, compared."""

    since: str
    """First day compared event by event."""
    missing: list[Item] = field(default_factory=list)
    """Facts of the producer that the broker acknowledged and the reader has not."""
    extra: list[Item] = field(default_factory=list)
    """Events the reader has that its producer knows nothing of: a producer that was restored with loss."""
    aggregates: list[Difference] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return bool(self.missing or self.extra or self.aggregates)


@dataclass(frozen=True, slots=True)
class Replays:
    """What to ask the producer for, in this order: aggregates after a sequence, then single events."""

    aggregates: Sequence[tuple[str, int]]
    events: Sequence[str]


def digest(answer: Item) -> Digest:
    """Read a digest as a service answers it."""
    filled = (item for item in answer["buckets"] if item["events"])
    cells = {Cell(item["day"], item["bucket"]): (item["events"], item["hash"]) for item in filled}
    return Digest(answer["since"], cells)


def positions(items: Iterable[Item]) -> dict[str, Position]:
    """Read how far each aggregate has come, as a service answers it."""
    return {item["aggregate_id"]: Position(item["sequence"], item["waiting"]) for item in items}


def differing_cells(published: Digest, received: Digest) -> list[Cell]:
    """Return the cells to look into, from the first day that both sides know."""
    since = max(published.since, received.since)
    everything = published.cells.keys() | received.cells.keys()
    return sorted(
        cell for cell in everything if cell.day >= since and published.cells.get(cell) != received.cells.get(cell)
    )


def missing_events(published: Iterable[Item], received: Iterable[Item]) -> list[Item]:
    """Return the facts that left the producer and did not come, by aggregate and in order."""
    known = {item["event_id"] for item in received}
    lost = [item for item in published if item["sent"] and item["event_id"] not in known]
    return sorted(lost, key=lambda item: (item["aggregate_id"], item["sequence"]))


def extra_events(published: Iterable[Item], received: Iterable[Item]) -> list[Item]:
    """Return the events that came and that the producer neither sent nor is about to."""
    known = {item["event_id"] for item in published}
    return [item for item in received if item["event_id"] not in known]


def differences(published: Mapping[str, Position], received: Mapping[str, Position]) -> list[Difference]:
    """Return the aggregates of which the reader lacks something, or has what the producer never committed."""
    found = []
    for aggregate_id in sorted(published.keys() | received.keys()):
        sent, got = published.get(aggregate_id, Position()), received.get(aggregate_id, Position())
        if sent.sequence != got.sequence or got.waiting:
            found.append(Difference(aggregate_id, sent, got))
    return found


def replays(comparison: Comparison) -> Replays:
    """Return what brings the missing events, and no more.

    Those of the days compared are named one by one. An aggregate that lacks more than them lacks something older: it is
    sent again after the last sequence that its reader settled.
    """
    named: dict[str, int] = {}
    for item in comparison.missing:
        named[item["aggregate_id"]] = named.get(item["aggregate_id"], 0) + 1
    older = [
        (one.aggregate_id, one.received.sequence)
        for one in comparison.aggregates
        if one.missing > named.get(one.aggregate_id, 0)
    ]
    return Replays(older, [item["event_id"] for item in comparison.missing])
