"""How far each aggregate's story has come, at its producer and at a reader, from its first day.

Sequences are dense per aggregate, so two numbers say whether everything is settled: the last sequence the producer
committed, and the last one the reader settled. Which events those were, the digests say (``digest_routes``).
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import text

from common.door import Door, InboxDep, ReadDep
from common.errors import NotFound
from common.inbox import Inbox
from common.pagination import NEXT_PAGE, PAGE_SIZE, Page, page_of
from common.problem import problems
from common.rights import MayOperate
from common.transaction import Read
from common.types import Schema

Topic = Annotated[str, Query(max_length=200, description="Le sujet", examples=["membership.member"])]
After = Annotated[UUID | None, Query(description=NEXT_PAGE)]
Limit = Annotated[int, Query(ge=1, le=5_000, description=PAGE_SIZE)]

_PUBLISHED = text(
    "SELECT s.aggregate_id, s.sequence, (SELECT count(*) FROM event_outbox o"
    " WHERE o.topic = s.topic AND o.aggregate_id = s.aggregate_id AND NOT o.replayed) AS waiting"
    " FROM event_stream s WHERE s.topic = :topic AND (CAST(:after AS uuid) IS NULL OR s.aggregate_id > :after)"
    " ORDER BY s.aggregate_id LIMIT :limit"
)
# An aggregate whose very first event is parked has no mark yet.
_RECEIVED = text(
    "SELECT aggregate_id, max(sequence) AS sequence, sum(waiting) AS waiting FROM ("
    " SELECT aggregate_id, sequence, 0 AS waiting FROM event_mark WHERE consumer = :consumer AND topic = :topic"
    " UNION ALL SELECT aggregate_id, 0, 1 FROM event_parked"
    " WHERE consumer = :consumer AND topic = :topic AND settled_at IS NULL) AS known"
    " WHERE CAST(:after AS uuid) IS NULL OR aggregate_id > :after"
    " GROUP BY aggregate_id ORDER BY aggregate_id LIMIT :limit"
)

router = APIRouter(prefix="/ops/streams", tags=["Exploitation"], route_class=Door)


class TopicNotRead(NotFound):
    """The service does not listen to this topic."""

    code = "topic_not_read"


class StreamOut(Schema):
    """Où en est l'histoire d'un agrégat."""

    aggregate_id: UUID
    sequence: int = Field(description="Dernier numéro publié (producteur), ou réglé (lecteur) ; 0 : aucun")
    waiting: int = Field(description="Événements en file d'envoi (producteur), ou mis de côté (lecteur)")


@router.get("/published", operation_id="listPublishedStreams", summary="Jusqu'où ce service a publié")
async def list_published(
    read: ReadDep, _: MayOperate, topic: Topic, cursor: After = None, limit: Limit = 1_000
) -> Page[StreamOut]:
    """Agrégat par agrégat, le dernier numéro enregistré, qu'il soit déjà parti ou non."""
    return await _page(read, _PUBLISHED, {"topic": topic}, cursor, limit)


@router.get(
    "/received",
    operation_id="listReceivedStreams",
    summary="Jusqu'où ce service a lu",
    responses=problems(TopicNotRead),
)
async def list_received(
    inbox: InboxDep, read: ReadDep, _: MayOperate, topic: Topic, cursor: After = None, limit: Limit = 1_000
) -> Page[StreamOut]:
    """Agrégat par agrégat, le dernier numéro réglé, et combien d'événements sont mis de côté."""
    consumer = consumer_of(inbox, topic)
    return await _page(read, _RECEIVED, {"topic": topic, "consumer": consumer}, cursor, limit)


def consumer_of(inbox: Inbox, topic: str) -> str:
    """Return the name under which the service reads a topic. Raises TopicNotRead."""
    if topic not in inbox.topics():
        raise TopicNotRead(f"Ce service n'écoute pas {topic}.")
    return inbox.consumer


async def _page(read: Read, query: Any, parameters: dict[str, str], cursor: UUID | None, limit: int) -> Page[StreamOut]:
    result = await read.session.execute(query, {**parameters, "after": cursor, "limit": limit + 1})
    return page_of([StreamOut.model_validate(row) for row in result], limit, lambda stream: stream.aggregate_id)
