"""HTTP door of the requests for seats."""

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
from training.enrolments.domain import (
    AlreadyEnrolled,
    EnrolmentsClosed,
    NotLive,
    NotOfBuyer,
    OfferPending,
    PoolNotFound,
    QuoteOfAnother,
    ReasonNotYours,
    RequestNotFound,
    SessionNotOpen,
    SessionReserved,
    TraineesMismatch,
)
from training.enrolments.queries import requests as queries
from training.enrolments.schemas import RequestIn, RequestLine, RequestListParams, RequestOut, WithdrawalIn
from training.enrolments.use_cases import requests as use_cases
from training.members.domain import MemberMerged, MemberUnknown
from training.programmes.domain import ProgrammeNotFound, SheetNotFound, VersionNotFound
from training.quotes.domain import (
    DiscountTooLarge,
    FundingTooLarge,
    PriceMissing,
    PriceNotYours,
    QuoteAccepted,
    QuoteExpired,
    QuoteNotFound,
    QuoteOutdated,
)
from training.rights import Act
from training.sessions.domain import SessionNotFound
from training.trainees.domain import TraineeNotFound

router = APIRouter(prefix="/enrolment-requests", tags=["Inscriptions"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ENROLMENTS))]
MayEnrol = Annotated[Grant, Depends(allow(Act.ENROL))]
_QUOTED = (
    MemberUnknown, MemberMerged, TraineeNotFound, SheetNotFound, ProgrammeNotFound, VersionNotFound, PriceNotYours,
    PriceMissing, DiscountTooLarge, FundingTooLarge, RuleMissing,
)  # fmt: skip
_TAKEN = (QuoteNotFound, QuoteAccepted, QuoteExpired, QuoteOutdated, QuoteOfAnother)
_SEATED = (
    SessionNotFound, SessionNotOpen, EnrolmentsClosed, SessionReserved, TraineesMismatch, NotOfBuyer, AlreadyEnrolled,
)  # fmt: skip


@router.get("", operation_id="listEnrolmentRequests", summary="Les demandes", responses=problems(BadCursor, BadSort))
async def list_requests(
    read: ReadDep, grant: MayRead, params: Annotated[RequestListParams, Query()]
) -> Page[RequestLine]:
    """Une structure voit les siennes. Tris : asked_at, reference."""
    return await queries.list_requests(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="askSeats",
    summary="Demander des places",
    responses=problems(*_QUOTED, *_TAKEN, *_SEATED),
)
async def ask_seats(body: RequestIn, tx: TxDep, grant: MayEnrol, response: Response) -> RequestOut:
    """Ce qui est libre est pris, le reste attendu dans l'ordre. `dry_run` : le prix, les places ou le rang."""
    request, seats = await use_cases.ask(tx, grant, body)
    response.headers["Location"] = f"/training/v1/enrolment-requests/{request.id}"
    return versioned(response, await queries.request_out(tx, request, seats))


@router.get(
    "/{request_id}",
    operation_id="getEnrolmentRequest",
    summary="Une demande",
    responses=problems(RequestNotFound),
)
async def get_request(request_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> RequestOut:
    """Ses places une à une, et son rang tant qu'elle attend."""
    return versioned(response, await queries.find_request(read, grant, request_id))


@router.post(
    "/{request_id}/withdraw",
    operation_id="withdrawEnrolmentRequest",
    summary="Rendre toutes ses places",
    responses=problems(
        PreconditionMissing, PreconditionFailed, RequestNotFound, PoolNotFound, ReasonNotYours, NotLive, OfferPending,
        SessionNotFound, SessionNotOpen, RuleMissing,
    ),
)  # fmt: skip
async def withdraw_request(
    request_id: UUID, body: WithdrawalIn, tx: TxDep, grant: MayEnrol, response: Response, if_match: IfMatch = None
) -> RequestOut:
    """Les places prises sont rendues, les autres ne sont plus attendues ; celles qui sont proposées se déclinent."""
    await use_cases.withdraw(tx, grant, request_id, if_match, body.reason)
    return versioned(response, await queries.find_request(tx, grant, request_id))
