"""Events set aside: what waits and why, and what ops do about it, in the order of each aggregate."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text

from common import event_gaps
from common.errors import Conflict, NotFound, Unavailable
from common.faults import is_transient
from common.inbox import EffectFailed, Inbox
from common.transaction import Read, Tx

_WANTED = """(CAST(:topic AS text) IS NULL OR topic = :topic)
  AND (CAST(:aggregate_id AS uuid) IS NULL OR aggregate_id = :aggregate_id)
  AND (CAST(:type AS text) IS NULL OR type = :type) AND (CAST(:why AS text) IS NULL OR why = :why)
  AND (CAST(:fault AS text) IS NULL OR split_part(fault, ':', 1) = :fault)"""
# An event settled since the page before still marks its place.
_LIST = text(f"""
SELECT event_id, topic, aggregate_id, sequence, type, why, fault, attempts, parked_at, asked_at FROM event_parked
WHERE consumer = :consumer AND settled_at IS NULL AND {_WANTED}
  AND (CAST(:cursor AS uuid) IS NULL OR (topic, aggregate_id, sequence) > (
      SELECT topic, aggregate_id, sequence FROM event_parked WHERE consumer = :consumer AND event_id = :cursor))
ORDER BY topic, aggregate_id, sequence LIMIT :limit
""")  # noqa: S608
_AGGREGATES = text(f"""
SELECT * FROM (
    SELECT DISTINCT ON (topic, aggregate_id) topic, aggregate_id, event_id, sequence, type, why, fault, attempts,
           asked_at, count(*) OVER stream - 1 AS behind, min(parked_at) OVER stream AS since
    FROM event_parked WHERE consumer = :consumer AND settled_at IS NULL
    WINDOW stream AS (PARTITION BY topic, aggregate_id) ORDER BY topic, aggregate_id, sequence
) AS first
WHERE {_WANTED} AND (CAST(:cursor AS uuid) IS NULL OR (topic, aggregate_id) > (
      SELECT topic, aggregate_id FROM event_parked WHERE consumer = :consumer AND event_id = :cursor))
ORDER BY topic, aggregate_id LIMIT :limit
""")  # noqa: S608
_FIND = text("SELECT * FROM event_parked WHERE consumer = :consumer AND event_id = :id")
_CLAIM = text(
    "SELECT 1 FROM event_parked WHERE consumer = :consumer AND event_id = :id AND settled_at IS NULL FOR UPDATE"
)
_FOLLOWERS = text(
    "SELECT p.event_id FROM event_parked p JOIN event_parked head"
    " ON (head.consumer, head.topic, head.aggregate_id) = (p.consumer, p.topic, p.aggregate_id)"
    " WHERE head.consumer = :consumer AND head.event_id = :id AND p.settled_at IS NULL ORDER BY p.sequence"
)


class NotParked(NotFound):
    """The event is not parked here, or was settled meanwhile."""

    code = "event_not_parked"


class NotNext(Conflict):
    """An event before this one of the same aggregate is not settled."""

    code = "event_not_next"


class FailsAgain(Conflict):
    """The event fails as before: mend the cause first."""

    code = "event_fails_again"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parked events to look at; in a list of aggregates, the first of each must be so."""

    topic: str | None = None
    aggregate_id: UUID | None = None
    type: str | None = None
    why: Literal["failed", "behind", "gap"] | None = None
    fault: str | None = None
    """The class of the fault: what stands before its first colon."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a redrive, or a discard, let through, in order, and how many events of the aggregate still wait."""

    applied: list[UUID]
    remaining: int


async def events(read: Read, inbox: Inbox, wanted: Wanted, *, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """Return parked events, by aggregate, in the order of their redrive."""
    return await _listed(read, _LIST, inbox, wanted, after, limit)


async def aggregates(read: Read, inbox: Inbox, wanted: Wanted, *, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """Return the aggregates held up: the first event of each, how many wait behind it, since when."""
    return await _listed(read, _AGGREGATES, inbox, wanted, after, limit)


async def find(read: Read, inbox: Inbox, event_id: UUID) -> Row[Any]:
    """Return a parked event in full, settled or not. Raises NotParked."""
    row = (await read.session.execute(_FIND, {"consumer": inbox.consumer, "id": event_id})).one_or_none()
    if row is None:
        raise NotParked("Cet événement n'a pas été mis de côté ici.")
    return row


async def redrive(tx: Tx, inbox: Inbox, event_id: UUID) -> Resumed:
    """Apply a parked event, then those that wait behind it, until one fails.

    Raises NotParked, NotNext, FailsAgain, and Unavailable when the fault will pass by itself.
    """
    await _claim(tx, inbox, event_id)
    try:
        if not await inbox.redrive(tx, event_id):
            raise NotNext("Un événement antérieur de cet agrégat est encore en attente : reprenez-le d'abord.")
    except EffectFailed as failure:
        refuse_passing(failure)
        raise FailsAgain(f"L'événement échoue encore : {failure.fault}") from failure
    applied = [event_id, *await _redrive_followers(tx, inbox, event_id)]
    return Resumed(applied, len(await _followers(tx, inbox, event_id)))


async def discard(tx: Tx, inbox: Inbox, event_id: UUID, reason: str) -> Resumed:
    """Give a parked event up for good, then apply those that wait behind it, until one fails.

    Raises NotParked, NotNext, and Unavailable when a fault of those behind will pass by itself.
    """
    await _claim(tx, inbox, event_id)
    if not await inbox.discard(tx, event_id, reason):
        raise NotNext("Un événement antérieur de cet agrégat est encore en attente.")
    applied = await _redrive_followers(tx, inbox, event_id)
    return Resumed(applied, len(await _followers(tx, inbox, event_id)))


def refuse_passing(failure: EffectFailed) -> None:
    """Raise Unavailable for a fault that will pass by itself: nobody is to blame for it, and nothing is kept."""
    if is_transient(failure):
        raise Unavailable("Une panne passagère empêche la reprise : rien n'a changé, recommencez.") from failure


async def _listed(
    read: Read, query: Any, inbox: Inbox, wanted: Wanted, after: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    parameters = {**asdict(wanted), "consumer": inbox.consumer, "cursor": after, "limit": limit}
    return (await read.session.execute(query, parameters)).all()


async def _claim(tx: Tx, inbox: Inbox, event_id: UUID) -> None:
    if (await tx.session.execute(_CLAIM, {"consumer": inbox.consumer, "id": event_id})).one_or_none() is None:
        raise NotParked("Cet événement n'est pas (ou plus) mis de côté.")


async def _followers(tx: Tx, inbox: Inbox, event_id: UUID) -> list[UUID]:
    return list((await tx.session.execute(_FOLLOWERS, {"consumer": inbox.consumer, "id": event_id})).scalars())


async def _redrive_followers(tx: Tx, inbox: Inbox, event_id: UUID) -> list[UUID]:
    """Apply what waited behind, each under a savepoint, until one fails again or misses the one before it."""
    applied: list[UUID] = []
    for follower in await _followers(tx, inbox, event_id):
        try:
            async with tx.savepoint():
                if not await inbox.redrive(tx, follower):
                    await event_gaps.wait(tx, inbox, follower)
                    break
        except EffectFailed as failure:
            refuse_passing(failure)
            await inbox.park_failed(tx, failure)
            break
        applied.append(follower)
    return applied
