"""The answer to a consumer that misses events: the producer of the topic sends them again from its ledger."""

from common import archive
from common.contracts.platform import ReplayRequested
from common.subscriptions import Event, On, on
from common.transaction import Tx


def answer_as(service: str) -> On:
    """Subscribe a service to requests for its own topics, and for its own requests: those can be lost too."""

    async def answer(tx: Tx, event: Event[ReplayRequested]) -> None:
        wanted = event.fact.state
        if wanted.topic.partition(".")[0] == service or wanted.topic == ReplayRequested.topic:
            await archive.replay(
                tx, topic=wanted.topic, aggregate_id=wanted.aggregate_id, after_sequence=wanted.after_sequence
            )

    return on(ReplayRequested, answer)
