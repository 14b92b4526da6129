"""What a reader misses: an event that never came, though a later one of its aggregate did. It is asked for again."""

from uuid import UUID

from sqlalchemy import text

from common.contracts.platform import replay_request
from common.inbox import Inbox
from common.transaction import Tx

_GAPS = text(
    "SELECT topic, aggregate_id FROM event_parked"
    " WHERE consumer = :consumer AND settled_at IS NULL GROUP BY topic, aggregate_id"
    " HAVING bool_and(why = 'gap')"  # behind a failure, what is missing could not be applied anyway
    " AND min(parked_at) < clock_timestamp() - make_interval(secs => :patience)"
    # Asked again after ever longer waits: what nobody can send would be asked for without end.
    " AND coalesce(clock_timestamp() - max(asked_at)"
    "  > greatest(make_interval(secs => 6 * :patience), max(asked_at) - min(parked_at)), true) LIMIT 500"
)
_ASKED = text(
    "UPDATE event_parked SET asked_at = clock_timestamp()"
    " WHERE consumer = :consumer AND topic = :topic AND aggregate_id = :aggregate_id AND settled_at IS NULL"
)
_WAITS = text(
    "UPDATE event_parked p SET why = 'gap' FROM event_parked one WHERE one.consumer = :consumer AND one.event_id = :id"
    " AND (p.consumer, p.topic, p.aggregate_id) = (one.consumer, one.topic, one.aggregate_id)"
    " AND p.settled_at IS NULL AND p.why = 'behind' AND NOT EXISTS (SELECT 1 FROM event_parked f"
    "  WHERE (f.consumer, f.topic, f.aggregate_id) = (p.consumer, p.topic, p.aggregate_id)"
    "  AND f.settled_at IS NULL AND f.why = 'failed' AND f.sequence < p.sequence)"
)


async def ask(tx: Tx, inbox: Inbox, patience_seconds: float) -> int:
    """Ask the producers again for what gaps have waited for too long; return how many aggregates."""
    rows = (await tx.session.execute(_GAPS, {"consumer": inbox.consumer, "patience": patience_seconds})).all()
    positions = await inbox.positions_of(tx, {(row.topic, row.aggregate_id) for row in rows})
    for (topic, aggregate_id), position in positions.items():
        tx.publish(replay_request(inbox.consumer, topic, aggregate_id, position.mark))
        parameters = {"consumer": inbox.consumer, "topic": topic, "aggregate_id": aggregate_id}
        await tx.session.execute(_ASKED, parameters)
    return len(positions)


async def wait(tx: Tx, inbox: Inbox, event_id: UUID) -> None:
    """Let a parked event that no failure holds any more wait for the one before it, which is missing.

    So do those that follow it, as far as none has failed.
    """
    await tx.session.execute(_WAITS, {"consumer": inbox.consumer, "id": event_id})
