"""What a service published, as ops see it and act on it: its ledger, its outbox, and sending again.

What the broker refused is in ``quarantine_routes``; the other side, what a service reads, in ``parked_routes`` and
``unreadable_routes``. The command ``coorace events`` speaks to all of them.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import text

from common import archive
from common.archive import LAST_POSITION, MOST_REPLAYED
from common.database_sessions import BucketHolder, FreeBucket, bucket_holders, free_buckets
from common.door import Door, ReadDep, TxDep
from common.errors import NotFound
from common.event_health import event_health
from common.pagination import PAGE_SIZE, Page
from common.payloads import Payload
from common.problem import problems
from common.rights import MayOperate
from common.types import Schema

_SHOW = text(
    "SELECT position, event_id, topic, aggregate_id, sequence, type, payload, actor, reason, occurred_at"
    " FROM event_archive WHERE event_id = :id UNION ALL"
    " SELECT NULL, event_id, topic, aggregate_id, sequence, type, payload, actor, reason, occurred_at"
    " FROM event_outbox WHERE event_id = :id LIMIT 1"
)

router = APIRouter(prefix="/ops/events", tags=["Exploitation"], route_class=Door)


class EventNotFound(NotFound):
    """Neither in the outbox nor in the ledger."""

    code = "event_not_found"


class LedgerEntryOut(Payload):
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


class OutboxOut(Schema):
    """Ce qui reste à envoyer, et qui s'en charge."""

    rows: int
    oldest_seconds: float
    holders: list[BucketHolder]
    free: list[FreeBucket]
    quarantined: int = Field(description="Faits refusés par le bus, chacun avec la suite de son agrégat derrière lui")


class ReplayRequest(Schema):
    """Ce qu'il faut renvoyer ; tout, si rien n'est précisé."""

    topic: str | None = None
    aggregate_id: UUID | None = None
    after_sequence: int = Field(0, ge=0)
    after_position: int = Field(0, ge=0, le=LAST_POSITION, description="next_position de la page d'avant")
    limit: int = Field(MOST_REPLAYED, ge=1, le=MOST_REPLAYED, description="Faits par page")


class Selection(Schema):
    """Les faits à renvoyer, par identifiant."""

    event_ids: list[UUID] = Field(min_length=1, max_length=1_000)


class Replayed(Schema):
    """Combien de faits repartent."""

    events: int


class PageReplayed(Replayed):
    """Combien de faits d'une page du registre repartent."""

    next_position: int | None = Field(description="À renvoyer dans after_position ; absente : il n'y a rien de plus")


@router.get("", operation_id="tailEvents", summary="Le registre des faits publiés")
async def tail(
    read: ReadDep,
    _: MayOperate,
    cursor: Annotated[int | None, Query(ge=0, description="Après cette position ; sinon, les derniers")] = None,
    topic: Annotated[str | None, Query(description="Le sujet")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description=PAGE_SIZE)] = 50,
) -> Page[LedgerEntryOut]:
    """Qui, quand, quoi, pourquoi."""
    if cursor is None:
        entries = await archive.latest(read, limit=limit, topic=topic)
    else:
        entries = await archive.entries(read, after=cursor, limit=limit, topic=topic)
    following = str(entries[-1].position) if len(entries) == limit else None
    return Page(items=[LedgerEntryOut.of(entry) for entry in entries], next_cursor=following)


@router.get("/outbox", operation_id="showOutbox", summary="La file d'envoi")
async def outbox(read: ReadDep, _: MayOperate) -> OutboxOut:
    """Taille, âge du plus ancien, qui tient quels seaux, et combien de faits le bus a refusés."""
    health = await event_health(read)
    holders = await bucket_holders(read)
    return OutboxOut(
        rows=health.outbox_rows,
        oldest_seconds=health.outbox_oldest_seconds,
        holders=holders,
        free=await free_buckets(read, holders),
        quarantined=health.quarantined,
    )


@router.get("/{event_id}", operation_id="showEvent", summary="Un fait", responses=problems(EventNotFound))
async def show(event_id: UUID, read: ReadDep, _: MayOperate) -> LedgerEntryOut:
    """Du registre, ou de la file d'envoi s'il n'est pas parti."""
    row = (await read.session.execute(_SHOW, {"id": event_id})).one_or_none()
    if row is None:
        raise EventNotFound("Ce service n'a pas publié cet événement.")
    return LedgerEntryOut.of(row)


@router.post("/replay", operation_id="replayEvents", summary="Renvoyer des faits du registre")
async def replay(body: ReplayRequest, tx: TxDep, _: MayOperate) -> PageReplayed:
    """Les lecteurs qui les ont les ignorent ; ceux à qui ils manquent les appliquent. Page par page."""
    count, last = await archive.replay_page(
        tx,
        topic=body.topic,
        aggregate_id=body.aggregate_id,
        after_sequence=body.after_sequence,
        after_position=body.after_position,
        limit=body.limit,
    )
    return PageReplayed(events=count, next_position=last)


@router.post("/replay/selected", operation_id="replaySelectedEvents", summary="Renvoyer ces faits du registre")
async def replay_selected(body: Selection, tx: TxDep, _: MayOperate) -> Replayed:
    """Ceux-là seulement ; ceux que le registre n'a pas, ou qui sont déjà en file d'envoi, ne comptent pas."""
    return Replayed(events=await archive.replay_selected(tx, body.event_ids))
