"""Reads of bookings: a structure has its own, a delegation those of its structures and of its offers."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, func, or_, select

from common.blockers import possible
from common.errors import Refusal
from common.mail import posted
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from membership.accompaniments import queries as catalogue
from membership.accompaniments.domain import Offer, Slot
from membership.accompaniments.schemas import TermsOut
from membership.bookings import repository
from membership.bookings.documents import export_line
from membership.bookings.domain import (
    Booking,
    BookingNotFound,
    BookingState,
    Deliverable,
    is_moved_since,
    require_begun,
    require_booked,
    require_droppable,
    require_held,
)
from membership.bookings.schemas import (
    BookingDetail,
    BookingExportParams,
    BookingFilters,
    BookingListParams,
    BookingOut,
    DeliverableOut,
)
from membership.bookings.tables import BookingRow
from membership.members import queries as members
from membership.members.domain import Member
from membership.rights import RIGHTS, Act

_TABLE: Any = BookingRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"starts_at": catalogue.SLOT_STARTS_AT, "booked_at": _TABLE.c.booked_at, "name": members.MEMBER_NAME},
    default="-starts_at",
    unique=_TABLE.c.id,
)
Known = tuple[Booking, Slot, Offer, Member]


async def list_bookings(source: Read, grant: Grant, params: BookingListParams) -> Page[BookingOut]:
    """Return one page of bookings within reach."""
    rows, cursor, total = await paginate(source, _filtered(grant, params), _ORDER, params)
    return Page(items=await _shown(source, [known_of(row) for row in rows]), next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, params: BookingExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same bookings as the list with the same filters."""
    query = _filtered(grant, params).order_by(catalogue.SLOT_STARTS_AT.desc(), _TABLE.c.id)
    rows = (await source.session.execute(query)).all()
    return map(export_line, await _shown(source, [known_of(row) for row in rows]))


async def find_booking(source: Read, grant: Grant, booking_id: UUID) -> BookingDetail:
    """Return one booking within reach, with what it left. Raises BookingNotFound."""
    known = await booking_of(source, grant, booking_id)
    [shown] = await _shown(source, [known])
    runs = _follows(source, known[2])
    left = await repository.deliverables_of(source, [booking_id])
    return BookingDetail(**dict(shown), deliverables=[_deliverable_out(one, runs=runs) for one in left])


async def booking_of(source: Read, grant: Grant, booking_id: UUID) -> Known:
    """Return one booking within reach with its slot, what was offered and the structure. Raises BookingNotFound."""
    row = (await source.session.execute(_within(grant).where(_TABLE.c.id == booking_id))).one_or_none()
    if row is None:
        raise BookingNotFound("Cette réservation n'existe pas, ou n'est pas dans votre périmètre.")
    return known_of(row)


async def yearly(source: Read, delegation: str | None, first: datetime, last: datetime) -> list[Any]:
    """Count the bookings of slots between two instants, by kind, delegation and offer; of one delegation or of all.

    Each row: kind, delegation, offer_id, booked, held, absent, structures.
    """
    keys = (_TABLE.c.kind, func.coalesce(_TABLE.c.delegation, "").label("delegation"), _TABLE.c.offer_id)
    state = _TABLE.c.state
    held = state == BookingState.HELD.value
    counts = (
        func.count().filter(state != BookingState.CANCELLED.value).label("booked"),
        func.count().filter(held).label("held"),
        func.count().filter(state == BookingState.ABSENT.value).label("absent"),
        func.array_agg(_TABLE.c.member_id.distinct()).filter(held).label("structures"),
    )
    query = catalogue.joined_with_slot(select(*keys, *counts), _TABLE.c.slot_id, _TABLE.c.edition)
    query = query.with_only_columns(*keys, *counts, maintain_column_froms=True)
    query = query.where(first <= catalogue.SLOT_STARTS_AT, last > catalogue.SLOT_STARTS_AT)
    if delegation is not None:
        query = query.where(_TABLE.c.delegation == delegation)
    return list(await source.session.execute(query.group_by(*keys).order_by(*keys)))


def held() -> FromClause:
    """Return the bookings held, as a table: ``id``, ``member_id``, ``delegation``, ``kind``, ``starts_at``."""
    query = select(_TABLE.c.id, _TABLE.c.member_id, _TABLE.c.delegation, _TABLE.c.kind)
    query = catalogue.joined_with_slot(query, _TABLE.c.slot_id, _TABLE.c.edition)
    columns = (_TABLE.c.id, _TABLE.c.member_id, _TABLE.c.delegation, _TABLE.c.kind, catalogue.SLOT_STARTS_AT)
    query = query.with_only_columns(*columns, maintain_column_froms=True)
    return query.where(_TABLE.c.state == BookingState.HELD.value).subquery()


def joined_with_booking(query: Select[Any], booking_id: ColumnElement[UUID | None], grant: Grant) -> Select[Any]:
    """Add to another capability's query the booking each row is about, within reach; read it with ``known_of``."""
    return _reached(query.add_columns(BookingRow).join(BookingRow, _TABLE.c.id == booking_id), grant)


def _within(grant: Grant) -> Select[Any]:
    return _reached(select(BookingRow), grant)


def _reached(query: Select[Any], grant: Grant) -> Select[Any]:
    """Keep the bookings within reach: those of a structure within reach, and those of a delegation's own offers."""
    query = catalogue.joined_with_slot(query, _TABLE.c.slot_id, _TABLE.c.edition)
    query = members.joined_with_member(query, _TABLE.c.member_id, Grant(grant.actor, Scope.ALL))
    reach: ColumnElement[bool] = grant.covers(member=members.MEMBER_ID, delegation=members.MEMBER_DELEGATION)
    if grant.scope is Scope.DELEGATION and grant.actor.delegation is not None:
        reach = or_(reach, catalogue.OFFER_DELEGATION.in_([grant.actor.delegation]))
    return query.where(reach)


def _filtered(grant: Grant, filters: BookingFilters) -> Select[Any]:
    query = _within(grant).where(catalogue.starting(filters.starts_from, filters.starts_until))
    if filters.state:
        query = query.where(_TABLE.c.state.in_([state.value for state in filters.state]))
    if filters.kind:
        query = query.where(_TABLE.c.kind.in_(filters.kind))
    if filters.delegation:
        query = query.where(members.in_delegations(filters.delegation))
    same = {"member_id": filters.member, "offer_id": filters.accompaniment, "slot_id": filters.slot}
    for name, wanted in same.items():
        if wanted is not None:
            query = query.where(_TABLE.c[name] == wanted)
    if filters.q:
        query = query.where(members.is_named_like(filters.q))
    return query


def known_of(row: Any) -> Known:
    """Read a booking with its slot, what was offered and the structure."""
    slot, offer = catalogue.booked_of(*row[1:4])
    return repository.to_booking(row[0]), slot, offer, members.member_of(row)


async def _shown(source: Read, found: Sequence[Known]) -> list[BookingOut]:
    books = await members.allowed_on(source, Act.BOOK_ACCOMPANIMENTS, [known[3].id for known in found])
    mails = await posted(source, [known[0].mail_id for known in found if known[0].mail_id is not None])
    labels = {mail_id: mail.status.label for mail_id, mail in mails.items()}
    return [
        _out(source, known, books=known[3].id in books, mail=labels.get(known[0].mail_id or UUID(int=0)))
        for known in found
    ]


def _out(source: Read, known: Known, *, books: bool, mail: str | None) -> BookingOut:
    booking, slot, offer, member = known
    actions, blockers = possible(_acts(source, known, books=books))
    cancellation = booking.cancellation
    may_join = booking.state is BookingState.BOOKED or catalogue.may_run(source, offer.delegation)
    names = ("id", "edition", "expectation", "free_year", "allowance_reason", "booked_at", "booked_by", "outcome_at")
    return BookingOut(
        **{name: getattr(booking, name) for name in names},
        member_id=member.id,
        reference=member.reference,
        name=member.name,
        delegation=member.delegation,
        accompaniment_id=offer.id,
        kind=booking.kind,
        kind_label=catalogue.kinds()[booking.kind].label,
        level=offer.level,
        free=catalogue.is_free(offer),
        promised=TermsOut(**catalogue.terms_out(offer.terms)),
        slot_id=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        zone=slot.zone,
        place=slot.place,
        link=slot.link if may_join else None,
        cancel_until=slot.cancel_until,
        moved=is_moved_since(booking, slot),
        state=booking.state,
        state_label=booking.state.label,
        cancelled_at=cancellation.at if cancellation else None,
        cancelled_side=cancellation.side if cancellation else None,
        cancel_reason=cancellation.reason if cancellation else None,
        last_mail=mail,
        version=booking.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def _acts(source: Read, known: Known, *, books: bool) -> dict[str, Refusal | None]:
    booking, slot, offer, _ = known
    grant = grant_for(RIGHTS, Act.BOOK_ACCOMPANIMENTS, source.actor)
    acts: dict[str, Refusal | None] = {}
    follows = _follows(source, offer)
    if grant is not None and (books or follows):
        by_itself = grant.scope is Scope.OWN
        droppable = partial(require_droppable, booking, slot, source.now)
        acts["cancel"] = _refusal(droppable if by_itself else partial(require_booked, booking))
    if follows:
        begun = _refusal(partial(require_begun, booking, slot, source.now))
        acts |= {"hold": begun, "absent": begun, "deliver": _refusal(partial(require_held, booking))}
    if books and grant_for(RIGHTS, Act.RATE_ACCOMPANIMENTS, source.actor):
        acts["rate"] = _refusal(partial(require_held, booking))
    return acts


def _follows(source: Read, offer: Offer) -> bool:
    may = grant_for(RIGHTS, Act.FOLLOW_BOOKINGS, source.actor) is not None
    return may and catalogue.may_run(source, offer.delegation)


def _deliverable_out(one: Deliverable, *, runs: bool) -> DeliverableOut:
    withdrawal = one.withdrawal
    told = runs or withdrawal is None  # what was another structure's is not to be read any more
    return DeliverableOut(
        id=one.id,
        kind=one.kind,
        kind_label=one.kind.label,
        title=one.title,
        delivered_on=one.delivered_on,
        link=one.link if told else None,
        summary=one.summary if told else None,
        next_accompaniment_id=one.next_offer_id,
        recorded_at=one.recorded_at,
        recorded_by=one.recorded_by,
        withdrawn_at=withdrawal.at if withdrawal else None,
        withdrawn_reason=withdrawal.reason if withdrawal else None,
        allowed_actions=["withdraw"] if runs and withdrawal is None else [],
    )


def _refusal(check: partial[None]) -> Refusal | None:
    try:
        check()
    except Refusal as refusal:
        return refusal
    return None
