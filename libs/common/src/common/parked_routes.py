"""Events set aside, as ops see them and settle them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from common import parked
from common.door import Door, InboxDep, ReadDep, TxDep
from common.pagination import PAGE_SIZE, Page, page_of
from common.parked import FailsAgain, NotNext, NotParked, Resumed, Wanted
from common.payloads import Payload
from common.problem import problems
from common.rights import MayOperate
from common.types import LongText, Schema

Why = Literal["failed", "behind", "gap"]
_WHY = "failed : son effet a échoué ; behind : il attend derrière lui ; gap : un précédent manque"

router = APIRouter(prefix="/ops/events/parked", tags=["Exploitation"], route_class=Door)


class ParkedParams(Schema):
    """What a list of parked events, or of the aggregates they hold up, accepts."""

    topic: str | None = Field(None, max_length=200, description="Le sujet")
    aggregate_id: UUID | None = Field(None, description="L'agrégat")
    type: str | None = Field(None, max_length=200, examples=["note.written"], description="Le type d'événement")
    why: Why | None = Field(None, description=_WHY)
    fault: str | None = Field(
        None, max_length=200, description="Classe de la faute : ce qui précède le deux-points", examples=["Unparsable"]
    )
    cursor: UUID | None = Field(None, description="next_cursor de la page d'avant")
    limit: int = Field(200, ge=1, le=1_000, description=PAGE_SIZE)

    def wanted(self) -> Wanted:
        """Return the filters alone."""
        return Wanted(self.topic, self.aggregate_id, self.type, self.why, self.fault)


Params = Annotated[ParkedParams, Query()]


class ParkedOut(Schema):
    """Un événement mis de côté par ce service."""

    event_id: UUID
    topic: str
    aggregate_id: UUID
    sequence: int
    type: str
    why: Why = Field(description=_WHY)
    fault: str | None
    attempts: int
    parked_at: datetime
    asked_at: datetime | None = Field(description="Quand ce qui manque a été redemandé au producteur")


class ParkedDetail(ParkedOut, Payload):
    """Un événement mis de côté, en entier, et qui l'a réglé s'il l'est."""

    source: str
    traceparent: str | None
    occurred_at: datetime
    settled_at: datetime | None
    settled_as: Literal["applied", "discarded"] | None
    settled_by: str | None
    reason: str | None


class HeldAggregateOut(Schema):
    """Un agrégat retenu : le premier de ses événements mis de côté, et ce qui attend derrière."""

    topic: str
    aggregate_id: UUID
    event_id: UUID = Field(description="Le premier : celui à reprendre")
    sequence: int
    type: str
    why: Why = Field(description=_WHY)
    fault: str | None
    attempts: int
    asked_at: datetime | None
    behind: int = Field(description="Combien d'événements attendent derrière lui")
    since: datetime = Field(description="Depuis quand l'agrégat est retenu")


class Redriven(Schema):
    """Les événements repris, dans l'ordre ; le premier qui échoue encore arrête la reprise."""

    applied: list[UUID]
    remaining: int


class Discard(Schema):
    """Pourquoi l'on y renonce."""

    reason: LongText = Field(min_length=10)


@router.get("", operation_id="listParkedEvents", summary="Les événements mis de côté")
async def list_parked(inbox: InboxDep, read: ReadDep, _: MayOperate, params: Params) -> Page[ParkedOut]:
    """Par agrégat, dans l'ordre où ils seront repris."""
    rows = await parked.events(read, inbox, params.wanted(), after=params.cursor, limit=params.limit + 1)
    return page_of([ParkedOut.model_validate(row) for row in rows], params.limit, lambda event: event.event_id)


@router.get("/aggregates", operation_id="listHeldAggregates", summary="Les agrégats retenus")
async def list_aggregates(inbox: InboxDep, read: ReadDep, _: MayOperate, params: Params) -> Page[HeldAggregateOut]:
    """Un par ligne ; les filtres portent sur le premier de ses événements."""
    rows = await parked.aggregates(read, inbox, params.wanted(), after=params.cursor, limit=params.limit + 1)
    return page_of([HeldAggregateOut.model_validate(row) for row in rows], params.limit, lambda held: held.event_id)


@router.get(
    "/{event_id}", operation_id="showParkedEvent", summary="Un événement mis de côté", responses=problems(NotParked)
)
async def show(event_id: UUID, inbox: InboxDep, read: ReadDep, _: MayOperate) -> ParkedDetail:
    """Son enveloppe, son corps, sa faute ; réglé, il se lit encore."""
    return ParkedDetail.of(await parked.find(read, inbox, event_id))


@router.post(
    "/{event_id}/redrive",
    operation_id="redriveEvent",
    summary="Reprendre un événement et ceux qui l'attendent",
    responses=problems(NotParked, NotNext, FailsAgain),
)
async def redrive(event_id: UUID, inbox: InboxDep, tx: TxDep, _: MayOperate) -> Redriven:
    """Le premier doit passer ; les suivants du même agrégat suivent, dans l'ordre, tant qu'ils passent."""
    return _redriven(await parked.redrive(tx, inbox, event_id))


@router.post(
    "/{event_id}/discard",
    operation_id="discardEvent",
    summary="Renoncer à un événement",
    responses=problems(NotParked, NotNext),
)
async def discard(event_id: UUID, body: Discard, inbox: InboxDep, tx: TxDep, _: MayOperate) -> Redriven:
    """Irréversible : son effet n'aura jamais lieu ici. L'auteur et la raison sont conservés."""
    return _redriven(await parked.discard(tx, inbox, event_id, body.reason))


def _redriven(resumed: Resumed) -> Redriven:
    return Redriven(applied=resumed.applied, remaining=resumed.remaining)
