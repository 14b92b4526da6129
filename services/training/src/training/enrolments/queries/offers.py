"""Reads of the offers made to those who wait."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, null, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from training.enrolments import domain
from training.enrolments.domain import Offer, OfferNotFound, OfferStatus
from training.enrolments.queries.requests import REQUEST, buyer_name
from training.enrolments.repository import seats
from training.enrolments.schemas import OfferLine, OfferListParams, OfferOut
from training.enrolments.tables import OfferRow, RequestRow
from training.rights import RIGHTS, Act

_OFFER: Any = OfferRow.__table__  # type: ignore[attr-defined]
_ROW: Any = OfferRow
_ORDER = Order(
    columns={name: _OFFER.c[name] for name in ("opened_at", "expires_at")}, default="-opened_at", unique=_OFFER.c.id
)
_SAME = ("id", "session_id", "request_id", "seats", "opened_at", "expires_at")


async def offer_within(read: Read, grant: Grant, offer_id: UUID) -> Offer:
    """Return an offer within reach. Raises OfferNotFound."""
    return seats.to_offer((await _found(read, grant, offer_id))[0])


async def find_offer(read: Read, grant: Grant, offer_id: UUID) -> OfferOut:
    """Return an offer within reach, and how it can be answered. Raises OfferNotFound."""
    row, request = await _found(read, grant, offer_id)
    offer = seats.to_offer(row)
    answers: dict[str, Callable[[], object]] = {
        "accept": partial(domain.accept, offer, read.now),
        "decline": partial(domain.end, offer, OfferStatus.DECLINED),
    }
    allowed, blockers = tried(answers if grant_for(RIGHTS, Act.ENROL, read.actor) else {})
    return OfferOut(
        **_line(row, request).model_dump(),
        status_label=offer.status.label,
        closed_at=row.closed_at,
        version=offer.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def list_offers(read: Read, grant: Grant, params: OfferListParams) -> Page[OfferLine]:
    """Return one page of the offers within reach."""
    query = _reached(grant)
    if params.session_id:
        query = query.where(_OFFER.c.session_id.in_(params.session_id))
    if params.status:
        query = query.where(_OFFER.c.status.in_(params.status))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[_line(*row) for row in rows], next_cursor=cursor, total=total)


async def _found(read: Read, grant: Grant, offer_id: UUID) -> Any:
    query = _reached(grant).where(_OFFER.c.id == offer_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise OfferNotFound("Cette proposition n'existe pas, ou n'est pas dans votre périmètre.")
    return row


def _reached(grant: Grant) -> Select[Any]:
    query: Select[Any] = select(_ROW, RequestRow).join(REQUEST, REQUEST.c.id == _OFFER.c.request_id)
    return query.where(grant.covers(member=REQUEST.c.member_id, delegation=null()))


def _line(offer: OfferRow, request: RequestRow) -> OfferLine:
    return OfferLine(
        **{name: getattr(offer, name) for name in _SAME},
        status=OfferStatus(offer.status),
        request_reference=request.reference,
        buyer_name=buyer_name(request),
    )
