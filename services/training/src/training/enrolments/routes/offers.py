"""HTTP door of the offers made to those who wait."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from training.enrolments.domain import OfferClosed, OfferExpired, OfferNotFound, PoolNotFound, SessionNotOpen
from training.enrolments.queries import offers as queries
from training.enrolments.schemas import OfferLine, OfferListParams, OfferOut
from training.enrolments.use_cases import offers as use_cases
from training.rights import Act
from training.sessions.domain import SessionNotFound

router = APIRouter(prefix="/seat-offers", tags=["Inscriptions"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ENROLMENTS))]
MayEnrol = Annotated[Grant, Depends(allow(Act.ENROL))]
_ANSWERED = (
    PreconditionMissing, PreconditionFailed, OfferNotFound, PoolNotFound, OfferClosed, SessionNotFound, SessionNotOpen,
    RuleMissing,
)  # fmt: skip


@router.get("", operation_id="listSeatOffers", summary="Les propositions", responses=problems(BadCursor, BadSort))
async def list_offers(read: ReadDep, grant: MayRead, params: Annotated[OfferListParams, Query()]) -> Page[OfferLine]:
    """Une structure voit les siennes. Tris : opened_at, expires_at."""
    return await queries.list_offers(read, grant, params)


@router.get("/{offer_id}", operation_id="getSeatOffer", summary="Une proposition", responses=problems(OfferNotFound))
async def get_offer(offer_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> OfferOut:
    """Combien de places sont gardées, et jusqu'à quand."""
    return versioned(response, await queries.find_offer(read, grant, offer_id))


@router.post(
    "/{offer_id}/accept",
    operation_id="acceptSeatOffer",
    summary="Accepter",
    responses=problems(*_ANSWERED, OfferExpired),
)
async def accept(offer_id: UUID, tx: TxDep, grant: MayEnrol, response: Response, if_match: IfMatch = None) -> OfferOut:
    """Les places gardées sont prises."""
    await use_cases.accept(tx, grant, offer_id, if_match)
    return versioned(response, await queries.find_offer(tx, grant, offer_id))


@router.post("/{offer_id}/decline", operation_id="declineSeatOffer", summary="Décliner", responses=problems(*_ANSWERED))
async def decline(offer_id: UUID, tx: TxDep, grant: MayEnrol, response: Response, if_match: IfMatch = None) -> OfferOut:
    """Ces places ne sont plus attendues ; elles vont à qui est le suivant."""
    await use_cases.decline(tx, grant, offer_id, if_match)
    return versioned(response, await queries.find_offer(tx, grant, offer_id))
