"""Reads of bookings: a structure has its own, a delegation those of its structures and of its offers."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from common.blockers import possible
from common.clock import legal_day
from common.dated import rule_on
from common.errors import Refusal, obstacle
from common.mail import posted
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped
from common.transaction import Read
from membership.accompaniments import queries as catalogue
from membership.accompaniments.domain import Offer, Slot
from membership.accompaniments.schemas import SlotListParams, SlotOut, TermsOut
from membership.bookings import repository
from membership.bookings.documents import export_line
from membership.bookings.domain import (
    Booking,
    BookingNotFound,
    BookingState,
    Deliverable,
    DeliverableFile,
    Question,
    SurveyRule,
    droppable_until,
    is_moved_since,
    readable,
    require_allowance,
    require_begun,
    require_booked,
    require_droppable,
    require_held,
    require_not_booked,
    require_rateable,
    require_served,
    require_settled,
)
from membership.bookings.schemas import (
    BookingDetail,
    BookingExportParams,
    BookingFilters,
    BookingListParams,
    BookingOut,
    BookingReopeningOut,
    DeliverableOut,
    SeriesCancellationOut,
)
from membership.bookings.tables import BookingRow
from membership.members import queries as members
from membership.members.domain import Member
from membership.notices.queries import federation_on
from membership.rights import RIGHTS, Act
from membership.territory.queries import load_territory

_TABLE: Any = BookingRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"starts_at": catalogue.SLOT_STARTS_AT, "booked_at": _TABLE.c.booked_at, "name": members.MEMBER_NAME},
    default="-starts_at",
    unique=_TABLE.c.id,
)
DELEGATION: ColumnElement[str | None] = _TABLE.c.delegation
"""The structure's when it booked: what was done stays done by whom it was done, wherever the structure is now."""
Known = tuple[Booking, Slot, Offer, Member]


@cache
def _rules() -> tuple[SurveyRule, ...]:
    listed = shipped("membership.bookings", "survey.toml")["rules"]
    return tuple(
        SurveyRule(**{**rule, "questions": tuple(Question(**one) for one in rule["questions"])}) for rule in listed
    )


def survey_on(day: date) -> SurveyRule:
    """Return what is asked on a day. Raises RuleMissing."""
    return rule_on(_rules(), day)


async def list_bookings(source: Read, grant: Grant, params: BookingListParams) -> Page[BookingOut]:
    """Return one page of bookings within reach. Raises RuleMissing."""
    rows, cursor, total = await paginate(source, selected(grant, params), _ORDER, params)
    return Page(items=await _shown(source, [known_of(row) for row in rows]), next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, params: BookingExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same bookings as the list with the same filters. Raises RuleMissing."""
    query = selected(grant, params).order_by(catalogue.SLOT_STARTS_AT.desc(), _TABLE.c.id)
    rows = (await source.session.execute(query)).all()
    return map(export_line, await _shown(source, [known_of(row) for row in rows]))


def selected(grant: Grant, filters: BookingFilters) -> Select[Any]:
    """Select the bookings within reach that pass the filters, for a list or a count."""
    query = _within(grant).where(catalogue.starting(filters.starts_from, filters.starts_to))
    if filters.state:
        query = query.where(_TABLE.c.state.in_([state.value for state in filters.state]))
    if filters.kind:
        query = query.where(_TABLE.c.kind.in_(filters.kind))
    if filters.delegation:
        query = query.where(members.in_delegations(filters.delegation))
    same = {"member_id": filters.member_id, "offer_id": filters.accompaniment, "slot_id": filters.slot}
    for name, wanted in same.items():
        if wanted is not None:
            query = query.where(_TABLE.c[name] == wanted)
    if filters.q:
        query = query.where(members.is_named_like(filters.q))
    if filters.booked_delegation:
        query = query.where(DELEGATION.in_(filters.booked_delegation))
    return _once(grant, query) if filters.once else query


def _once(grant: Grant, query: Select[Any]) -> Select[Any]:
    """Keep of a selection the first booking of each structure, for each delegation that it booked under."""
    whose = (_TABLE.c.member_id, func.coalesce(DELEGATION, ""))
    first = query.with_only_columns(_TABLE.c.id, maintain_column_froms=True).ext(distinct_on(*whose))
    ranked = first.order_by(*whose, catalogue.SLOT_STARTS_AT, _TABLE.c.id)
    return _within(grant).where(_TABLE.c.id.in_(ranked))


async def find_booking(source: Read, grant: Grant, booking_id: UUID) -> BookingDetail:
    """Return one booking within reach, with what it left. Raises BookingNotFound, RuleMissing."""
    known = await booking_of(source, grant, booking_id)
    [shown] = await _shown(source, [known])
    runs = _follows(source, known[2])
    left = await repository.deliverables_of(source, [booking_id])
    files = await repository.files_of(source, [one.id for one in left])
    deliverables = [DeliverableOut.of(one, files[one.id], delivers=runs) for one in left]
    return BookingDetail(**dict(shown), deliverables=deliverables)


async def find_file(
    source: Read, grant: Grant, booking_id: UUID, deliverable_id: UUID, file_id: UUID
) -> DeliverableFile:
    """Return a file of a deliverable that the one who asks may read.

    Raises BookingNotFound, DeliverableNotFound, DeliverableFileNotFound.
    """
    _, _, offer, _ = await booking_of(source, grant, booking_id)
    deliverable = await repository.deliverable_of(source, booking_id, deliverable_id)
    sent = (await repository.files_of(source, [deliverable_id]))[deliverable_id]
    return readable(deliverable, sent, file_id, delivers=_follows(source, offer))


async def show_cancelled(
    source: Read, grant: Grant, slots: Sequence[Slot], offer: Offer, dropped: Sequence[Booking]
) -> SeriesCancellationOut:
    """Write what was cancelled of a series. Raises RuleMissing."""
    query = _within(grant).where(_TABLE.c.id.in_([booking.id for booking in dropped]))
    rows = (await source.session.execute(query.order_by(catalogue.SLOT_STARTS_AT, _TABLE.c.id))).all()
    return SeriesCancellationOut(
        items=catalogue.show_slots(source, [(slot, offer) for slot in slots]),
        bookings=await _shown(source, [known_of(row) for row in rows]),
    )


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
    keys = (_TABLE.c.kind, func.coalesce(DELEGATION, "").label("delegation"), _TABLE.c.offer_id)
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
        query = query.where(DELEGATION.in_([delegation]))
    return list(await source.session.execute(query.group_by(*keys).order_by(*keys)))


def holder(offer: Offer, day: date) -> str:
    """Return who holds an accompaniment, as a sentence names whom to call. Raises RuleMissing."""
    for one in load_territory().delegations:
        if one.code == offer.delegation:
            return f"la délégation {one.name}"
    return f"l'équipe réseau de {federation_on(day).name}"


async def list_slots(source: Read, grant: Grant, params: SlotListParams) -> Page[SlotOut]:
    """Return one page of slots of the offers within reach. Raises RuleMissing."""
    found, cursor, total = await catalogue.page_of_slots(source, grant, params)
    return Page(items=await show_slots(source, found), next_cursor=cursor, total=total)


async def find_slot(source: Read, grant: Grant, slot_id: UUID) -> SlotOut:
    """Return one slot of an offer within reach. Raises SlotNotFound, RuleMissing."""
    [shown] = await show_slots(source, [await catalogue.slot_of(source, grant, slot_id)])
    return shown


async def show_slots(source: Read, found: Sequence[tuple[Slot, Offer]]) -> list[SlotOut]:
    """Write slots; a structure is offered the places it would be given, by the rules of ``book``. Raises RuleMissing.

    Others choose the structure afterwards: to them a free place is offered.
    """
    grant = grant_for(RIGHTS, Act.BOOK_ACCOMPANIMENTS, source.actor)
    if grant is None or grant.scope is not Scope.OWN or grant.actor.member_id is None:
        return catalogue.show_slots(source, found)
    member = (await members.structures_of(source, [grant.actor.member_id])).get(grant.actor.member_id)
    if member is None:
        return catalogue.show_slots(source, found)
    held = await repository.bookings_of(source, [member.id])

    def refuses(slot: Slot, offer: Offer) -> Refusal | None:
        year, label = free_year(offer, slot, source.today), catalogue.kinds()[offer.kind].label
        checks = (
            partial(require_served, member, offer),
            partial(require_not_booked, held, slot),
            partial(require_allowance, held, offer.kind, year, label),
        )
        return obstacle(*checks)

    return catalogue.show_slots(source, found, refuses)


def free_year(offer: Offer, slot: Slot, today: date) -> int | None:
    """Return the year whose free first level a booking uses, that of the slot's day; None where none is counted.

    Raises RuleMissing.
    """
    counts = catalogue.booking_rule(today).first_level_once_a_year and catalogue.is_free(offer)
    return legal_day(slot.starts_at).year if counts else None


def require_reopenable(booking: Booking, left: Sequence[Deliverable], held: Sequence[Booking], today: date) -> None:
    """Let an outcome be taken back; ``held``: the structure's bookings, of which one may use its free first level now.

    Raises BookingNotSettled, BookingAnswered, BookingDelivered, OutcomeFixed, FirstLevelUsed, RuleMissing.
    """
    require_settled(booking, legal_day(booking.outcome_at or booking.booked_at), left, survey_on(today), today)
    others = [one for one in held if one.id != booking.id]
    require_allowance(others, booking.kind, booking.free_year, catalogue.kinds()[booking.kind].label)


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


def known_of(row: Any) -> Known:
    """Read a booking with its slot, what was offered and the structure."""
    slot, offer = catalogue.booked_of(*row[1:4])
    return repository.to_booking(row[0]), slot, offer, members.member_of(row)


async def _shown(source: Read, found: Sequence[Known]) -> list[BookingOut]:
    books = await members.allowed_on(source, Act.BOOK_ACCOMPANIMENTS, [known[3].id for known in found])
    mails = await posted(source, [known[0].mail_id for known in found if known[0].mail_id is not None])
    labels = {mail_id: mail.status.label for mail_id, mail in mails.items()}
    reopenable = await _reopenable(source, found)
    return [
        _out(
            source,
            known,
            reopenable.get(known[0].id),
            books=known[3].id in books,
            mail=labels.get(known[0].mail_id or UUID(int=0)),
        )
        for known in found
    ]


async def _reopenable(source: Read, found: Sequence[Known]) -> dict[UUID, Refusal | None]:
    """Return what refuses to take back the outcome of each booking that the one who asks follows."""
    followed = [known[0] for known in found if _follows(source, known[2])]
    if not followed:
        return {}
    left = await repository.deliverables_of(source, [one.id for one in followed])
    missed = [one.member_id for one in followed if one.state is BookingState.ABSENT]
    held = await repository.bookings_of(source, missed) if missed else []
    told = {}
    for booking in followed:
        own = [one for one in left if one.booking_id == booking.id]
        others = [one for one in held if one.member_id == booking.member_id]
        told[booking.id] = obstacle(partial(require_reopenable, booking, own, others, source.today))
    return told


def _out(source: Read, known: Known, reopens: Refusal | None, *, books: bool, mail: str | None) -> BookingOut:
    booking, slot, offer, member = known
    actions, blockers = possible(_acts(source, known, reopens, books=books))
    follows = _follows(source, offer)
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
        cancel_until=droppable_until(booking, slot),
        holder=holder(offer, source.today),
        moved=is_moved_since(booking, slot),
        state=booking.state,
        state_label=booking.state.label,
        cancelled_at=cancellation.at if cancellation else None,
        cancelled_side=cancellation.side if cancellation else None,
        cancel_reason=cancellation.reason if cancellation else None,
        reopenings=[BookingReopeningOut.model_validate(one) for one in booking.reopenings] if follows else [],
        last_mail=mail,
        version=booking.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def _acts(source: Read, known: Known, reopens: Refusal | None, *, books: bool) -> dict[str, Refusal | None]:
    booking, slot, offer, _ = known
    grant = grant_for(RIGHTS, Act.BOOK_ACCOMPANIMENTS, source.actor)
    acts: dict[str, Refusal | None] = {}
    follows = _follows(source, offer)
    if grant is not None and (books or follows):
        by_itself = grant.scope is Scope.OWN
        droppable = partial(require_droppable, booking, slot, source.now)
        acts["cancel"] = obstacle(droppable if by_itself else partial(require_booked, booking))
    if follows:
        begun = obstacle(partial(require_begun, booking, slot, source.now))
        acts |= {"hold": begun, "absent": begun, "deliver": obstacle(partial(require_held, booking)), "reopen": reopens}
    if books and grant_for(RIGHTS, Act.RATE_ACCOMPANIMENTS, source.actor):
        held_on = legal_day(booking.outcome_at or source.now)
        acts["rate"] = obstacle(partial(require_rateable, booking, held_on, survey_on(source.today), source.today))
    return acts


def _follows(source: Read, offer: Offer) -> bool:
    may = grant_for(RIGHTS, Act.FOLLOW_BOOKINGS, source.actor) is not None
    return may and catalogue.may_run(source, offer.delegation)
