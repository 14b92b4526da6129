"""What each side of a topic holds, event by event: the proof that ``coorace events reconcile`` draws.

A digest by day and bucket says where the two sides differ; the events of one bucket of one day say in what.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request

from common import digests
from common.digests import Bucket, Place
from common.door import Door, InboxDep, ReadDep
from common.outbox import BUCKETS
from common.pagination import Page, page_of
from common.problem import problems
from common.retention import Keeping
from common.rights import MayOperate
from common.stream_routes import After, Limit, Topic, TopicNotRead, consumer_of
from common.types import Schema

Days = Annotated[int, Query(ge=1, le=digests.MOST_DAYS, description="Combien de jours (UTC), aujourd'hui compris")]
Day = Annotated[date, Query(description="Jour du fait (UTC)", examples=["2026-03-02"])]
BucketNumber = Annotated[int, Query(ge=0, lt=BUCKETS, description="Le seau")]

router = APIRouter(prefix="/ops/streams", tags=["Exploitation"], route_class=Door)


class BucketOut(Schema):
    """Les événements d'un jour et d'un seau."""

    day: date
    bucket: int
    events: int = Field(description="Faits acquittés par le bus (producteur), ou reçus (lecteur)")
    hash: str = Field(description="Empreinte des identifiants, quel que soit leur ordre", examples=["00f1d2c0e5b7a4d3"])
    waiting: int = Field(description="Faits encore en file d'envoi ; toujours 0 chez un lecteur")


class DigestOut(Schema):
    """Un sujet en comptes et empreintes, par jour et par seau ; un seau absent est vide."""

    since: date = Field(description="Premier jour compté (UTC)")
    buckets: list[BucketOut]


class PublishedEventOut(Schema):
    """Un fait de ce service."""

    event_id: UUID
    type: str
    aggregate_id: UUID
    sequence: int
    occurred_at: datetime
    sent: bool = Field(description="Acquitté par le bus ; sinon, encore en file d'envoi")


class ReceivedEventOut(Schema):
    """Un événement que ce service a pris en charge."""

    event_id: UUID
    received_at: datetime


@router.get("/published/digest", operation_id="digestPublishedEvents", summary="Ce que ce service a publié, compté")
async def digest_published(request: Request, read: ReadDep, _: MayOperate, topic: Topic, days: Days = 7) -> DigestOut:
    """Par jour et par seau, d'après le registre, aussi loin qu'il est gardé ; ce qui n'est pas parti est à part."""
    since = digests.first_day(read, min(days, _keeping(request).archive_days or days))
    return _digest(since, await digests.published(read, topic, since))


@router.get("/published/events", operation_id="listPublishedEvents", summary="Les faits publiés d'un jour et d'un seau")
async def list_published_events(
    read: ReadDep,
    _: MayOperate,
    topic: Topic,
    day: Day,
    bucket: BucketNumber,
    cursor: After = None,
    limit: Limit = 1_000,
) -> Page[PublishedEventOut]:
    """Partis ou encore en file d'envoi, par identifiant."""
    place = Place(topic, day, bucket)
    rows = await digests.published_events(read, place, after=cursor, limit=limit + 1)
    return page_of([PublishedEventOut.model_validate(row) for row in rows], limit, lambda event: event.event_id)


@router.get(
    "/received/digest",
    operation_id="digestReceivedEvents",
    summary="Ce que ce service a reçu, compté",
    responses=problems(TopicNotRead),
)
async def digest_received(
    request: Request, inbox: InboxDep, read: ReadDep, _: MayOperate, topic: Topic, days: Days = 7
) -> DigestOut:
    """Par jour et par seau, d'après la boîte de réception, aussi loin qu'elle est gardée : appliqué ou mis de côté."""
    consumer = consumer_of(inbox, topic)
    since = digests.first_day(read, min(days, _keeping(request).inbox_days))
    return _digest(since, await digests.received(read, consumer, topic, since))


@router.get(
    "/received/events",
    operation_id="listReceivedEvents",
    summary="Les événements reçus d'un jour et d'un seau",
    responses=problems(TopicNotRead),
)
async def list_received_events(
    inbox: InboxDep,
    read: ReadDep,
    _: MayOperate,
    topic: Topic,
    day: Day,
    bucket: BucketNumber,
    cursor: After = None,
    limit: Limit = 1_000,
) -> Page[ReceivedEventOut]:
    """Appliqués ou mis de côté, par identifiant."""
    consumer = consumer_of(inbox, topic)
    place = Place(topic, day, bucket)
    rows = await digests.received_events(read, consumer, place, after=cursor, limit=limit + 1)
    return page_of([ReceivedEventOut.model_validate(row) for row in rows], limit, lambda event: event.event_id)


def _keeping(request: Request) -> Keeping:
    keeping: Keeping = request.app.state.runtime.settings.keeping
    return keeping


def _digest(since: date, buckets: Sequence[Bucket]) -> DigestOut:
    return DigestOut(since=since, buckets=[BucketOut.model_validate(bucket) for bucket in buckets])
