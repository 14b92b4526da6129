"""How the event stream of a service fares: the figures that readiness shows and alerts watch."""

from dataclasses import dataclass

from sqlalchemy import text

from common.transaction import Read

_HEALTH = text(
    "SELECT (SELECT count(*) FROM event_outbox WHERE NOT replayed) AS outbox_rows,"
    " (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)::float8"
    "  FROM event_outbox WHERE NOT replayed) AS outbox_oldest_seconds,"
    " (SELECT count(*) FROM event_outbox WHERE quarantined_at IS NOT NULL) AS quarantined,"
    " (SELECT count(*) FROM event_parked WHERE settled_at IS NULL) AS parked,"
    " (SELECT count(*) FROM event_unreadable WHERE settled_at IS NULL) AS unreadable"
)


@dataclass(frozen=True, slots=True)
class EventHealth:
    """What waits to be sent and since when, what the broker refused, what a consumer set aside or could not read."""

    outbox_rows: int
    outbox_oldest_seconds: float
    quarantined: int
    parked: int
    unreadable: int


async def event_health(read: Read) -> EventHealth:
    """Read the figures of now."""
    row = (await read.session.execute(_HEALTH)).one()
    return EventHealth(**row._mapping)
