"""Reads of billings: one with its shares, a page, an export; what each is worth today."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, null, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from training.billings import repository
from training.billings.documents import billing_line
from training.billings.domain import (
    Agreement,
    Billing,
    BillingNotFound,
    Share,
    agree,
    refuse,
    revise,
    what_is_sold,
)
from training.billings.schemas import BillingFilters, BillingLine, BillingListParams, BillingOut, ShareOut
from training.billings.tables import BillingRow, BillingShareRow
from training.enrolments.domain import EnrolmentStatus
from training.enrolments.queries.sold import SEAT, Sold, sold_of
from training.quotes.queries import prices_of
from training.rights import RIGHTS, Act

_BILLING: Any = BillingRow.__table__  # type: ignore[attr-defined]
_SHARE: Any = BillingShareRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"opened_at": _BILLING.c.opened_at, "reference": _BILLING.c.reference, "total": _BILLING.c.total},
    default="-opened_at",
    unique=_BILLING.c.id,
)
_SAME = (
    "id", "reference", "request_id", "session_id", "title", "member_id", "seats", "total", "invoiced",
)  # fmt: skip
_PERSON = "une personne à ses frais"
_TAKEN = (
    select(func.count())
    .where(SEAT.c.request_id == _BILLING.c.request_id, SEAT.c.status == EnrolmentStatus.CONFIRMED.value)
    .correlate(_BILLING)
    .scalar_subquery()
)
_TO_INVOICE = exists().where(_SHARE.c.billing_id == _BILLING.c.id, _SHARE.c.invoiced < _SHARE.c.amount)


async def billing_within(read: Read, grant: Grant, billing_id: UUID) -> Billing:
    """Return a billing within reach. Raises BillingNotFound."""
    query = _reached(grant).where(_BILLING.c.id == billing_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise BillingNotFound("Cette facturation n'existe pas, ou n'est pas dans votre périmètre.")
    return (await repository.load(read, [row]))[0]


async def worth_of(read: Read, billing: Billing) -> tuple[Sold, Decimal]:
    """Return the seats of a billing as they are now, and what they are sold for."""
    sold = (await sold_of(read, [billing.request_id]))[billing.request_id]
    return sold, _worth(sold, (await prices_of(read, [billing.quote_id]))[billing.quote_id])


async def find_billing(read: Read, grant: Grant, billing_id: UUID) -> BillingOut:
    """Return a billing within reach, as it is shown. Raises BillingNotFound."""
    billing = await billing_within(read, grant, billing_id)
    [line] = await _lines(read, [billing])
    bills = grant_for(RIGHTS, Act.BILL, read.actor) is not None
    allowed, blockers = tried({"revise": partial(revise, billing, line.seats, line.sold)} if bills else {})
    return BillingOut(
        **line.model_dump(),
        quote_id=billing.quote_id,
        individual=billing.individual,
        shares=[_share_out(read, billing, share, bills=bills) for share in billing.shares],
        opened_at=billing.opened_at,
        version=billing.version,
        allowed_actions=[*allowed, "ask"] if bills else allowed,
        blockers=blockers,
    )


async def list_billings(read: Read, grant: Grant, params: BillingListParams) -> Page[BillingLine]:
    """Return one page of the billings within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=await _lines(read, await repository.load(read, rows)), next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: BillingFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same billings as the list with the same filters."""
    rows = (await read.session.execute(_filtered(grant, filters).order_by(_BILLING.c.id))).scalars().all()
    return map(billing_line, await _lines(read, await repository.load(read, rows)))


def buyer_name(billing: Billing) -> str:
    """Return what the buyer of a billing is called: never a person's name."""
    return billing.buyer_name or _PERSON


def _reached(grant: Grant) -> Select[Any]:
    return select(BillingRow).where(grant.covers(member=_BILLING.c.member_id, delegation=null()))


def _filtered(grant: Grant, params: BillingFilters) -> Select[Any]:
    query = _reached(grant)
    wanted = {
        _BILLING.c.member_id: params.member_id,
        _BILLING.c.session_id: params.session_id,
        _BILLING.c.request_id: params.request_id,
    }
    for column, values in wanted.items():
        if values:
            query = query.where(column.in_(values))
    if params.to_invoice is not None:
        query = query.where(_TO_INVOICE if params.to_invoice else ~_TO_INVOICE)
    if params.to_revise is not None:
        changed = _BILLING.c.seats != _TAKEN
        query = query.where(changed if params.to_revise else ~changed)
    return query


def _worth(sold: Sold, price: Decimal) -> Decimal:
    return what_is_sold(price, sold.asked, sold.taken, sold.due)


async def _lines(read: Read, billings: Sequence[Billing]) -> list[BillingLine]:
    seats = await sold_of(read, [one.request_id for one in billings])
    prices = await prices_of(read, [one.quote_id for one in billings])
    return [_line(one, seats[one.request_id], prices[one.quote_id]) for one in billings]


def _line(billing: Billing, seats: Sold, price: Decimal) -> BillingLine:
    worth = _worth(seats, price)
    return BillingLine(
        **{name: getattr(billing, name) for name in _SAME},
        buyer_name=buyer_name(billing),
        sold=worth,
        to_invoice=billing.total - billing.invoiced,
        to_credit=max(billing.invoiced - worth, Decimal(0)),
        to_revise=seats.taken != billing.seats,
    )


def _share_out(read: Read, billing: Billing, share: Share, *, bills: bool) -> ShareOut:
    answer = Agreement(amount=share.amount, file_reference=share.file_reference or "", agreed_on=read.today)
    acts = {
        "agree": partial(agree, billing, share.id, answer, read.today),
        "refuse": partial(refuse, billing, share.id),
    }
    allowed, blockers = tried(acts if bills else {})
    funder = share.funder
    return ShareOut(
        **{name: getattr(share, name) for name in ("id", "amount", "invoiced", "left", "file_reference", "agreed_on")},
        kind=share.kind,
        kind_label=share.kind.label,
        status=share.status,
        status_label=share.status.label,
        name=funder.name if funder else buyer_name(billing),
        siren=funder.siren if funder else None,
        allowed_actions=allowed,
        blockers=blockers,
    )
