"""Records whose envelope could not be read: kept to the byte, so that a mended reader can take them in after all.

They name no aggregate, so they hold nobody up. One that is redriven goes through the inbox as if it came from the
broker; one that is given up keeps who did so and why.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from common.errors import Conflict, NotFound
from common.events import Envelope, Received
from common.identifiers import new_id
from common.inbox import EffectFailed, Inbox
from common.parked import refuse_passing
from common.transaction import Read, Tx

Headers = Sequence[tuple[str, bytes | None]]
Outcome = Literal["applied", "parked", "known"]

_FAULT_CHARACTERS = 2_000
_KEEP = text(
    "INSERT INTO event_unreadable (id, consumer, topic, partition, record_offset, record_key, header_names,"
    " header_values, payload, fault, digest)"
    " VALUES (:id, :consumer, :topic, :partition, :offset, :key, CAST(:names AS bytea[]), CAST(:values AS bytea[]),"
    " :payload, :fault, :digest) ON CONFLICT ON CONSTRAINT uq_event_unreadable_digest DO NOTHING"
)
_SELECT = (
    "SELECT id, topic, partition, record_offset, record_key, header_names, header_values, payload, fault, received_at,"
    " settled_at, settled_as, settled_by, reason FROM event_unreadable WHERE consumer = :consumer"
)
_WAITING = text(
    f"{_SELECT} AND settled_at IS NULL AND (CAST(:topic AS text) IS NULL OR topic = :topic)"
    " AND (CAST(:after AS uuid) IS NULL OR id > :after) ORDER BY id LIMIT :limit"
)
_FIND = text(f"{_SELECT} AND id = :id")
_CLAIM = text(f"{_SELECT} AND id = :id AND settled_at IS NULL FOR UPDATE")
_SETTLE = text(
    "UPDATE event_unreadable SET settled_at = clock_timestamp(), settled_as = :how, settled_by = :by, reason = :reason"
    " WHERE id = :id"
)


class RecordNotFound(NotFound):
    """No such record was kept here, or it was settled meanwhile."""

    code = "record_not_found"


class StillUnreadable(Conflict):
    """The present code cannot read the record either."""

    code = "record_still_unreadable"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record to keep: its place, its bytes, and what could not be read."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Headers
    payload: bytes | None
    fault: str


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record as it was kept, and what became of it."""

    id: UUID
    topic: str
    partition: int
    record_offset: int
    record_key: bytes | None
    header_names: Sequence[bytes]
    header_values: Sequence[bytes | None]
    payload: bytes | None
    fault: str
    received_at: datetime
    settled_at: datetime | None
    settled_as: Literal["redriven", "discarded"] | None
    settled_by: str | None
    reason: str | None

    @property
    def headers(self) -> Headers:
        """The headers as the broker's client handed them over, in their order."""
        return [(name.decode(), value) for name, value in zip(self.header_names, self.header_values, strict=True)]


async def keep(tx: Tx, inbox: Inbox, item: Unreadable) -> None:
    """Keep a record. One that comes again is kept once, settled or not."""
    contents = (item.key, [tuple(header) for header in item.headers], item.payload)
    await tx.session.execute(
        _KEEP,
        {
            "id": new_id(),
            "consumer": inbox.consumer,
            "topic": item.topic,
            "partition": item.partition,
            "offset": item.offset,
            "key": item.key,
            "names": [name.encode() for name, _ in item.headers],
            "values": [value for _, value in item.headers],
            "payload": item.payload,
            "fault": item.fault[:_FAULT_CHARACTERS],
            "digest": hashlib.sha256(repr(contents).encode()).digest(),
        },
    )


async def waiting(
    read: Read, inbox: Inbox, *, topic: str | None, after: UUID | None, limit: int
) -> list[UnreadableRecord]:
    """Return the records not settled, oldest first."""
    parameters = {"consumer": inbox.consumer, "topic": topic, "after": after, "limit": limit}
    return [UnreadableRecord(**row._mapping) for row in await read.session.execute(_WAITING, parameters)]


async def find(read: Read, inbox: Inbox, record_id: UUID) -> UnreadableRecord:
    """Return a record, settled or not. Raises RecordNotFound."""
    row = (await read.session.execute(_FIND, {"consumer": inbox.consumer, "id": record_id})).one_or_none()
    if row is None:
        raise RecordNotFound("Aucun enregistrement illisible ne porte cet identifiant.")
    return UnreadableRecord(**row._mapping)


async def redrive(tx: Tx, inbox: Inbox, record_id: UUID) -> tuple[UUID, Outcome]:
    """Read a record with the code of now and let the inbox have it, as the consumer does; settle it.

    Returns the event's id and what became of it: applied, parked (its effect failed, or one before it failed or is
    missing), or known already. Raises RecordNotFound, StillUnreadable, and Unavailable when a fault will pass by
    itself.
    """
    record = await _claim(tx, inbox, record_id)
    try:
        envelope = Envelope.from_headers(record.topic, record.headers)
    except ValueError as error:
        raise StillUnreadable(f"L'enregistrement est toujours illisible : {error}") from error
    outcome = await _take_in(tx, inbox, inbox.parse(envelope, record.payload or b""))
    await _settle(tx, record, how="redriven", reason=None)
    return envelope.event_id, outcome


async def discard(tx: Tx, inbox: Inbox, record_id: UUID, reason: str) -> None:
    """Give a record up for good. Raises RecordNotFound."""
    await _settle(tx, await _claim(tx, inbox, record_id), how="discarded", reason=reason)


async def _claim(tx: Tx, inbox: Inbox, record_id: UUID) -> UnreadableRecord:
    row = (await tx.session.execute(_CLAIM, {"consumer": inbox.consumer, "id": record_id})).one_or_none()
    if row is None:
        raise RecordNotFound("Cet enregistrement n'est pas (ou plus) parmi les illisibles.")
    return UnreadableRecord(**row._mapping)


async def _take_in(tx: Tx, inbox: Inbox, received: Received) -> Outcome:
    while True:
        try:
            async with tx.savepoint():
                decision = await inbox.apply(tx, [received])
        except EffectFailed as failure:
            refuse_passing(failure)
            await inbox.park_failed(tx, failure)
            if failure.event is received:
                return "parked"
            # One that waited for this one failed: it is set aside now, and this one goes on without it.
        else:
            if received in decision.ready:
                return "applied"
            return "parked" if decision.parked else "known"


async def _settle(tx: Tx, record: UnreadableRecord, *, how: str, reason: str | None) -> None:
    await tx.session.execute(_SETTLE, {"id": record.id, "how": how, "by": tx.actor.subject, "reason": reason})
