"""What services say to each other about the event stream itself."""

from typing import ClassVar
from uuid import UUID, uuid5

from common.events import Fact, State

_NAMESPACE = UUID("6f1d2c0e-5b7a-4d39-9f0e-3a5f2c9b7e11")


class ReplayState(State):
    """Ce qui manque encore à un lecteur d'un agrégat."""

    consumer: str
    topic: str
    aggregate_id: UUID
    after_sequence: int


class ReplayRequested(Fact):
    """Un lecteur a vu un trou dans la suite d'un agrégat ; le producteur de ``state.topic`` la renvoie."""

    topic: ClassVar[str] = "platform.replay"
    wire_name: ClassVar[str] = "replay.requested"

    state: ReplayState


def replay_request(consumer: str, topic: str, aggregate_id: UUID, after_sequence: int) -> ReplayRequested:
    """Ask for the events of an aggregate after a sequence; one stream of requests per consumer and aggregate."""
    identity = uuid5(_NAMESPACE, f"{consumer}/{topic}/{aggregate_id}")
    return ReplayRequested(
        state=ReplayState(
            id=identity,
            consumer=consumer,
            topic=topic,
            aggregate_id=aggregate_id,
            after_sequence=after_sequence,
        )
    )


FACTS: tuple[type[Fact], ...] = (ReplayRequested,)
