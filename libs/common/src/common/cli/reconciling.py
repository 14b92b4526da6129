"""Does a reader have all that a producer committed? Aggregate by aggregate, from the two last sequences.

Pure: what each side says goes in, what differs comes out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


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


def positions(items: Iterable[Mapping[str, Any]]) -> dict[str, Position]:
    """Read what a service answers, by aggregate."""
    return {item["aggregate_id"]: Position(item["sequence"], item["waiting"]) for item in items}


def differences(published: Mapping[str, Position], received: Mapping[str, Position]) -> list[Difference]:
    """Return the aggregates of which the reader lacks something, or has what the producer never committed."""
    found = []
    for aggregate_id in sorted(published.keys() | received.keys()):
        sent, got = published.get(aggregate_id, Position()), received.get(aggregate_id, Position())
        if sent.sequence != got.sequence or got.waiting:
            found.append(Difference(aggregate_id, sent, got))
    return found
