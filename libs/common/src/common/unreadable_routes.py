"""Records that could not be read, as ops see them and settle them."""

import base64
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from common import unreadable
from common.door import Door, InboxDep, ReadDep, TxDep
from common.pagination import NEXT_PAGE, PAGE_SIZE, Page, page_of
from common.parked_routes import Discard
from common.problem import problems
from common.rights import MayOperate
from common.types import Schema
from common.unreadable import Outcome, RecordNotFound, StillUnreadable, UnreadableRecord

router = APIRouter(prefix="/ops/events/unreadable", tags=["Exploitation"], route_class=Door)


class BytesOut(Schema):
    """Des octets, et le texte qu'on y lit."""

    base64: str
    text: str = Field(description="En UTF-8, ce qui n'en est pas remplacé")


class HeaderOut(Schema):
    """Un en-tête."""

    name: str
    value: BytesOut | None


class UnreadableOut(Schema):
    """Un enregistrement du bus dont l'enveloppe est illisible."""

    id: UUID
    topic: str
    partition: int
    offset: int
    fault: str
    received_at: datetime


class UnreadableDetail(UnreadableOut):
    """Un enregistrement illisible, en entier, et qui l'a réglé s'il l'est."""

    key: BytesOut | None
    headers: list[HeaderOut]
    payload: BytesOut | None
    settled_at: datetime | None
    settled_as: Literal["redriven", "discarded"] | None
    settled_by: str | None
    reason: str | None


class RecordRedriven(Schema):
    """Ce qu'il est advenu de l'enregistrement, enfin lu."""

    event_id: UUID
    outcome: Outcome = Field(
        description="applied : appliqué ; parked : mis de côté comme événement ; known : déjà connu, sans effet"
    )


class RecordDiscarded(Schema):
    """L'enregistrement auquel on renonce."""

    id: UUID


@router.get("", operation_id="listUnreadableRecords", summary="Les enregistrements illisibles")
async def list_unreadable(
    inbox: InboxDep,
    read: ReadDep,
    _: MayOperate,
    topic: Annotated[str | None, Query(max_length=200, description="Le sujet")] = None,
    cursor: Annotated[UUID | None, Query(description=NEXT_PAGE)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description=PAGE_SIZE)] = 200,
) -> Page[UnreadableOut]:
    """Ceux que personne n'a réglés, du plus ancien au plus récent. Ils ne retiennent aucun agrégat."""
    records = await unreadable.waiting(read, inbox, topic=topic, after=cursor, limit=limit + 1)
    return page_of([_summary(record) for record in records], limit, lambda record: record.id)


@router.get(
    "/{record_id}",
    operation_id="showUnreadableRecord",
    summary="Un enregistrement illisible",
    responses=problems(RecordNotFound),
)
async def show(record_id: UUID, inbox: InboxDep, read: ReadDep, _: MayOperate) -> UnreadableDetail:
    """Ses en-têtes et son corps tels qu'ils sont venus, et ce qui n'a pas pu être lu."""
    return _detail(await unreadable.find(read, inbox, record_id))


@router.post(
    "/{record_id}/redrive",
    operation_id="redriveUnreadableRecord",
    summary="Lire de nouveau un enregistrement",
    responses=problems(RecordNotFound, StillUnreadable),
)
async def redrive(record_id: UUID, inbox: InboxDep, tx: TxDep, _: MayOperate) -> RecordRedriven:
    """Avec le code d'aujourd'hui ; lisible, il suit le chemin de tout événement reçu."""
    event_id, outcome = await unreadable.redrive(tx, inbox, record_id)
    return RecordRedriven(event_id=event_id, outcome=outcome)


@router.post(
    "/{record_id}/discard",
    operation_id="discardUnreadableRecord",
    summary="Renoncer à un enregistrement",
    responses=problems(RecordNotFound),
)
async def discard(record_id: UUID, body: Discard, inbox: InboxDep, tx: TxDep, _: MayOperate) -> RecordDiscarded:
    """Il reste lisible ici, avec l'auteur et la raison, et ne compte plus parmi ceux à régler."""
    await unreadable.discard(tx, inbox, record_id, body.reason)
    return RecordDiscarded(id=record_id)


def _summary(record: UnreadableRecord) -> UnreadableOut:
    return UnreadableOut(
        id=record.id,
        topic=record.topic,
        partition=record.partition,
        offset=record.record_offset,
        fault=record.fault,
        received_at=record.received_at,
    )


def _detail(record: UnreadableRecord) -> UnreadableDetail:
    return UnreadableDetail(
        **_summary(record).model_dump(),
        key=_bytes(record.record_key),
        headers=[HeaderOut(name=name, value=_bytes(value)) for name, value in record.headers],
        payload=_bytes(record.payload),
        settled_at=record.settled_at,
        settled_as=record.settled_as,
        settled_by=record.settled_by,
        reason=record.reason,
    )


def _bytes(value: bytes | None) -> BytesOut | None:
    if value is None:
        return None
    return BytesOut(base64=base64.b64encode(value).decode(), text=value.decode("utf-8", "replace"))
