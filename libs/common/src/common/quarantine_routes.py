"""Facts that the broker refused, as ops see them and settle them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from common import quarantine
from common.door import Door, ReadDep, TxDep
from common.pagination import NEXT_PAGE, PAGE_SIZE, Page, page_of
from common.parked_routes import Discard
from common.payloads import Payload
from common.problem import problems
from common.quarantine import NotQuarantined
from common.rights import MayOperate
from common.types import Schema

router = APIRouter(prefix="/ops/events/quarantined", tags=["Exploitation"], route_class=Door)


class RefusedFact(Schema):
    """Un fait de ce service que le bus a refusé."""

    event_id: UUID
    topic: str
    aggregate_id: UUID
    sequence: int
    type: str
    fault: str | None = Field(description="Ce que le bus en a dit")
    quarantined_at: datetime


class HeldFact(RefusedFact):
    """Un fait refusé, et ce qu'il retient."""

    behind: int = Field(description="Combien de faits de son agrégat attendent derrière lui")


class RefusedFactDetail(RefusedFact, Payload):
    """Un fait refusé, en entier, et qui y a renoncé si c'est le cas."""

    actor: str
    occurred_at: datetime
    discarded_at: datetime | None
    discarded_by: str | None
    reason: str | None


class RefusedFactRef(Schema):
    """Le fait que ce geste concerne."""

    event_id: UUID


@router.get("", operation_id="listQuarantinedEvents", summary="Les faits que le bus a refusés")
async def list_quarantined(
    read: ReadDep,
    _: MayOperate,
    topic: Annotated[str | None, Query(max_length=200, description="Le sujet")] = None,
    cursor: Annotated[UUID | None, Query(description=NEXT_PAGE)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description=PAGE_SIZE)] = 200,
) -> Page[HeldFact]:
    """Ceux que personne n'a réglés, du plus ancien au plus récent."""
    rows = await quarantine.waiting(read, topic=topic, after=cursor, limit=limit + 1)
    return page_of([HeldFact.model_validate(row) for row in rows], limit, lambda fact: fact.event_id)


@router.get(
    "/{event_id}",
    operation_id="showQuarantinedEvent",
    summary="Un fait que le bus a refusé",
    responses=problems(NotQuarantined),
)
async def show(event_id: UUID, read: ReadDep, _: MayOperate) -> RefusedFactDetail:
    """Son corps, ce que le bus en a dit ; abandonné, il se lit encore."""
    return RefusedFactDetail.of(await quarantine.find(read, event_id))


@router.post(
    "/{event_id}/retry",
    operation_id="retryQuarantinedEvent",
    summary="Tenter de nouveau l'envoi d'un fait refusé",
    responses=problems(NotQuarantined),
)
async def retry(event_id: UUID, tx: TxDep, _: MayOperate) -> RefusedFactRef:
    """Puis de ce qui attend derrière lui, dans l'ordre ; refusé encore, il revient ici."""
    await quarantine.retry(tx, event_id)
    return RefusedFactRef(event_id=event_id)


@router.post(
    "/{event_id}/discard",
    operation_id="discardQuarantinedEvent",
    summary="Renoncer à envoyer un fait refusé",
    responses=problems(NotQuarantined),
)
async def discard(event_id: UUID, body: Discard, tx: TxDep, _: MayOperate) -> RefusedFactRef:
    """Irréversible : aucun lecteur ne l'aura, la suite de l'agrégat part. Le fait reste lisible ici, avec la raison."""
    await quarantine.discard(tx, event_id, body.reason)
    return RefusedFactRef(event_id=event_id)
