"""Reads of requests: one, with its seats and its rank; a page of them."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, null, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from training.enrolments.domain import (
    Enrolment,
    EnrolmentStatus,
    OfferStatus,
    RequestNotFound,
    SeatRequest,
    to_give_back,
)
from training.enrolments.repository import pools, seats
from training.enrolments.schemas import RequestLine, RequestListParams, RequestOut, SeatOut, WaitingOut
from training.enrolments.tables import OfferRow, RequestRow
from training.rights import RIGHTS, Act

REQUEST: Any = RequestRow.__table__  # type: ignore[attr-defined]
_OFFER: Any = OfferRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"asked_at": REQUEST.c.asked_at, "reference": REQUEST.c.reference}, default="-asked_at", unique=REQUEST.c.id
)
_SAME = (
    "id", "reference", "session_id", "quote_id", "programme_code", "member_id", "together", "unit_price", "names_by",
    "contact_email", "asked_at", "reseats", "version",
)  # fmt: skip
_PERSON = "une personne à ses frais"


async def request_within(read: Read, grant: Grant, request_id: UUID) -> SeatRequest:
    """Return a request within reach. Raises RequestNotFound."""
    query = reached(grant).where(REQUEST.c.id == request_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise RequestNotFound("Cette demande n'existe pas, ou n'est pas dans votre périmètre.")
    return seats.to_request(row)


async def find_request(read: Read, grant: Grant, request_id: UUID) -> RequestOut:
    """Return a request within reach, with its seats, its rank and its open offers. Raises RequestNotFound."""
    request = await request_within(read, grant, request_id)
    return await request_out(read, request, await seats.seats_of(read, request_id))


async def request_out(read: Read, request: SeatRequest, asked: list[Enrolment]) -> RequestOut:
    """Show a request that was reached, with its seats."""
    waited = sum(seat.status is EnrolmentStatus.WAITING for seat in asked)
    offered = any(seat.status is EnrolmentStatus.OFFERED for seat in asked)
    acts: dict[str, Callable[[], object]] = {"withdraw": partial(to_give_back, asked)}
    allowed, blockers = tried(acts if grant_for(RIGHTS, Act.ENROL, read.actor) else {})
    return RequestOut(
        **{name: getattr(request, name) for name in _SAME},
        buyer_name=buyer_name(request),
        seats=[
            SeatOut.model_validate(
                {
                    **{name: getattr(seat, name) for name in ("id", "rank", "status", "trainee_id", "version")},
                    "status_label": seat.status.label,
                }
            )
            for seat in asked
        ],
        waiting=await _waiting(read, request, waited) if waited else None,
        open_offers=await _open_offers(read, request.id) if offered else [],
        allowed_actions=allowed,
        blockers=blockers,
    )


async def list_requests(read: Read, grant: Grant, params: RequestListParams) -> Page[RequestLine]:
    """Return one page of the requests within reach."""
    query = reached(grant)
    if params.session_id:
        query = query.where(REQUEST.c.session_id.in_(params.session_id))
    if params.member_id:
        query = query.where(REQUEST.c.member_id.in_(params.member_id))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    names = [name for name in RequestLine.model_fields if name != "buyer_name"]
    items = [
        RequestLine.model_validate({**{name: getattr(row, name) for name in names}, "buyer_name": buyer_name(row)})
        for row in rows
    ]
    return Page(items=items, next_cursor=cursor, total=total)


def reached(grant: Grant) -> Select[Any]:
    """Select the requests within reach."""
    return select(RequestRow).where(grant.covers(member=REQUEST.c.member_id, delegation=null()))


def buyer_name(request: SeatRequest | RequestRow) -> str:
    """Return what the buyer of a request is called: never a person's name."""
    return request.buyer_name or _PERSON


async def _waiting(read: Read, request: SeatRequest, waited: int) -> WaitingOut:
    rank, before, policy = await pools.rank_of(read, request)
    return WaitingOut(rank=rank, seats=waited, seats_before=before, policy=policy, policy_text=policy.label)


async def _open_offers(read: Read, request_id: UUID) -> list[UUID]:
    query = select(_OFFER.c.id).where(_OFFER.c.request_id == request_id, _OFFER.c.status == OfferStatus.OPEN.value)
    return list((await read.session.execute(query.order_by(_OFFER.c.id))).scalars())
