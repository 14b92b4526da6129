"""The event stream as ops see it and act on it; the command ``coorace events`` speaks to these routes."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy import text
from starlette.requests import Request

from common import archive
from common.door import Door, ReadDep, TxDep
from common.errors import Conflict, NotFound
from common.event_health import event_health
from common.inbox import EffectFailed, Inbox
from common.pagination import Page
from common.problem import problems
from common.rights import CommonAct, Grant, allow
from common.sessions import BucketHolder, FreeBucket, bucket_holders, free_buckets
from common.transaction import Tx
from common.types import LongText, Schema

MayOperate = Annotated[Grant, Depends(allow(CommonAct.OPERATE_EVENTS))]

_SHOW = text(
    "SELECT position, event_id, topic, aggregate_id, sequence, type, payload, actor, reason, occurred_at"
    " FROM event_archive WHERE event_id = :id UNION ALL"
    " SELECT NULL, event_id, topic, aggregate_id, sequence, type, payload, actor, reason, occurred_at"
    " FROM event_outbox WHERE event_id = :id LIMIT 1"
)

# An event settled since the page before still marks its place.
_PARKED = text(
    "SELECT event_id, topic, aggregate_id, sequence, type, why, fault, attempts, parked_at, asked_at FROM event_parked"
    " WHERE settled_at IS NULL AND (CAST(:cursor AS uuid) IS NULL OR (topic, aggregate_id, sequence) >"
    " (SELECT topic, aggregate_id, sequence FROM event_parked WHERE event_id = :cursor))"
    " ORDER BY topic, aggregate_id, sequence LIMIT :limit"
)

router = APIRouter(prefix="/ops/events", tags=["Exploitation"], route_class=Door)


class EventNotFound(NotFound):
    """Neither in the outbox nor in the ledger."""

    code = "event_not_found"


class NotParked(NotFound):
    """The event is not parked here, or was settled meanwhile."""

    code = "event_not_parked"


class NotNext(Conflict):
    """An event before this one of the same aggregate is not settled."""

    code = "event_not_next"


class FailsAgain(Conflict):
    """The event fails as before: mend the cause first."""

    code = "event_fails_again"


class LedgerEntryOut(Schema):
    """Un fait publié par ce service."""

    position: int | None
    event_id: UUID
    topic: str
    aggregate_id: UUID
    sequence: int
    type: str
    actor: str
    reason: str | None
    occurred_at: datetime
    fact: dict[str, Any]


class ParkedOut(Schema):
    """Un événement mis de côté par ce service."""

    event_id: UUID
    topic: str
    aggregate_id: UUID
    sequence: int
    type: str
    why: Literal["failed", "behind", "gap"] = Field(
        description="failed : son effet a échoué ; behind : il attend derrière lui ; gap : un précédent manque"
    )
    fault: str | None
    attempts: int
    parked_at: datetime
    asked_at: datetime | None


class OutboxOut(Schema):
    """Ce qui reste à envoyer, et qui s'en charge."""

    rows: int
    oldest_seconds: float
    holders: list[BucketHolder]
    free: list[FreeBucket]
    quarantined: list[LedgerEntryOut]


class Redriven(Schema):
    """Les événements rejoués, dans l'ordre ; le premier qui échoue encore arrête la reprise."""

    applied: list[UUID]
    remaining: int


class Discard(Schema):
    """Pourquoi l'on renonce à cet événement."""

    reason: LongText = Field(min_length=10)


class ReplayRequest(Schema):
    """Ce qu'il faut renvoyer ; tout, si rien n'est précisé."""

    topic: str | None = None
    aggregate_id: UUID | None = None
    after_sequence: int = Field(0, ge=0)


class Replayed(Schema):
    """Combien de faits repartent."""

    events: int


@router.get("", operation_id="tailEvents", summary="Le registre des faits publiés")
async def tail(
    read: ReadDep,
    _: MayOperate,
    cursor: Annotated[int | None, Query(ge=0, description="Après cette position ; sinon, les derniers")] = None,
    topic: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Page[LedgerEntryOut]:
    """Qui, quand, quoi, pourquoi."""
    if cursor is None:
        entries = await archive.latest(read, limit=limit, topic=topic)
    else:
        entries = await archive.entries(read, after=cursor, limit=limit, topic=topic)
    following = str(entries[-1].position) if len(entries) == limit else None
    return Page(items=[_entry(entry) for entry in entries], next_cursor=following)


@router.get("/outbox", operation_id="showOutbox", summary="La file d'envoi")
async def outbox(read: ReadDep, _: MayOperate) -> OutboxOut:
    """Taille, âge du plus ancien, qui tient quels seaux, et ce que le bus a refusé."""
    health = await event_health(read)
    holders = await bucket_holders(read)
    refused = await read.session.execute(
        text("SELECT NULL AS position, o.* FROM event_outbox o WHERE quarantined_at IS NOT NULL ORDER BY id LIMIT 100")
    )
    return OutboxOut(
        rows=health.outbox_rows,
        oldest_seconds=health.outbox_oldest_seconds,
        holders=holders,
        free=await free_buckets(read, holders),
        quarantined=[_entry(row) for row in refused],
    )


@router.get("/parked", operation_id="listParkedEvents", summary="Les événements mis de côté")
async def parked(
    read: ReadDep,
    _: MayOperate,
    cursor: Annotated[UUID | None, Query(description="next_cursor de la page d'avant")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> Page[ParkedOut]:
    """Par agrégat, dans l'ordre où ils seront repris."""
    rows = (await read.session.execute(_PARKED, {"cursor": cursor, "limit": limit + 1})).all()
    items = [ParkedOut.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=str(items[-1].event_id) if len(rows) > limit else None)


@router.get("/{event_id}", operation_id="showEvent", summary="Un fait", responses=problems(EventNotFound))
async def show(event_id: UUID, read: ReadDep, _: MayOperate) -> LedgerEntryOut:
    """Du registre, ou de la file d'envoi s'il n'est pas parti."""
    row = (await read.session.execute(_SHOW, {"id": event_id})).one_or_none()
    if row is None:
        raise EventNotFound("Ce service n'a pas publié cet événement.")
    return _entry(row)


@router.post(
    "/parked/{event_id}/redrive",
    operation_id="redriveEvent",
    summary="Reprendre un événement et ceux qui l'attendent",
    responses=problems(NotParked, NotNext, FailsAgain),
)
async def redrive(event_id: UUID, request: Request, tx: TxDep, _: MayOperate) -> Redriven:
    """Le premier doit passer ; les suivants du même agrégat suivent, dans l'ordre, tant qu'ils passent."""
    inbox: Inbox = request.app.state.runtime.inbox
    await _require_parked(tx, event_id)
    try:
        if not await inbox.redrive(tx, event_id):
            raise NotNext("Un événement antérieur de cet agrégat est encore en attente : reprenez-le d'abord.")
    except EffectFailed as failure:
        raise FailsAgain(f"L'événement échoue encore : {failure.fault}") from failure
    applied = [event_id, *await _redrive_followers(tx, inbox, event_id)]
    return Redriven(applied=applied, remaining=len(await _followers(tx, event_id)))


@router.post(
    "/parked/{event_id}/discard",
    operation_id="discardEvent",
    summary="Renoncer à un événement",
    responses=problems(NotParked, NotNext),
)
async def discard(event_id: UUID, body: Discard, request: Request, tx: TxDep, _: MayOperate) -> Redriven:
    """Irréversible : son effet n'aura jamais lieu ici. L'auteur et la raison sont conservés."""
    inbox: Inbox = request.app.state.runtime.inbox
    await _require_parked(tx, event_id)
    if not await inbox.discard(tx, event_id, body.reason):
        raise NotNext("Un événement antérieur de cet agrégat est encore en attente.")
    applied = await _redrive_followers(tx, inbox, event_id)
    return Redriven(applied=applied, remaining=len(await _followers(tx, event_id)))


@router.post("/replay", operation_id="replayEvents", summary="Renvoyer des faits du registre")
async def replay(body: ReplayRequest, tx: TxDep, _: MayOperate) -> Replayed:
    """Les lecteurs qui les ont les ignorent ; ceux à qui ils manquent les appliquent."""
    count = await archive.replay(
        tx, topic=body.topic, aggregate_id=body.aggregate_id, after_sequence=body.after_sequence
    )
    return Replayed(events=count)


@router.post(
    "/outbox/{event_id}/retry",
    operation_id="retryQuarantinedEvent",
    summary="Tenter de nouveau l'envoi d'un fait refusé",
    responses=problems(EventNotFound),
)
async def retry(event_id: UUID, tx: TxDep, _: MayOperate) -> Replayed:
    """Libère l'agrégat que ce fait retenait."""
    result = await tx.session.execute(
        text(
            "UPDATE event_outbox SET quarantined_at = NULL, fault = NULL"
            " WHERE event_id = :id AND quarantined_at IS NOT NULL RETURNING id"
        ),
        {"id": event_id},
    )
    if result.one_or_none() is None:
        raise EventNotFound("Cet événement n'est pas retenu dans la file d'envoi.")
    return Replayed(events=1)


async def _require_parked(tx: Tx, event_id: UUID) -> None:
    query = text("SELECT 1 FROM event_parked WHERE event_id = :id AND settled_at IS NULL FOR UPDATE")
    if (await tx.session.execute(query, {"id": event_id})).one_or_none() is None:
        raise NotParked("Cet événement n'est pas (ou plus) mis de côté.")


async def _followers(tx: Tx, event_id: UUID) -> list[UUID]:
    query = text(
        "SELECT p.event_id FROM event_parked p JOIN event_parked head"
        " ON (head.consumer, head.topic, head.aggregate_id) = (p.consumer, p.topic, p.aggregate_id)"
        " WHERE head.event_id = :id AND p.settled_at IS NULL ORDER BY p.sequence"
    )
    return list((await tx.session.execute(query, {"id": event_id})).scalars())


async def _redrive_followers(tx: Tx, inbox: Inbox, event_id: UUID) -> list[UUID]:
    """Apply what waited behind, each under a savepoint, until one fails again."""
    applied: list[UUID] = []
    for follower in await _followers(tx, event_id):
        try:
            async with tx.savepoint():
                if not await inbox.redrive(tx, follower):
                    break
        except EffectFailed as failure:
            await inbox.park_failed(tx, failure)
            break
        applied.append(follower)
    return applied


def _entry(row: Any) -> LedgerEntryOut:
    return LedgerEntryOut(
        position=row.position,
        event_id=row.event_id,
        topic=row.topic,
        aggregate_id=row.aggregate_id,
        sequence=row.sequence,
        type=row.type,
        actor=row.actor,
        reason=row.reason,
        occurred_at=row.occurred_at,
        fact=orjson.loads(row.payload),
    )
