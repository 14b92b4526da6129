"""Reads of the catalogue of accompaniments and of its slots."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

import holidays
from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from common.blockers import possible
from common.clock import beginning
from common.dated import rule_on
from common.errors import Refusal, obstacle
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped, shipped_rules
from common.transaction import Read
from membership.accompaniments import repository
from membership.accompaniments.domain import (
    AccompanimentKind,
    AccompanimentNotFound,
    BookingRule,
    Level,
    Offer,
    SeriesNotFound,
    Slot,
    SlotNotFound,
    Terms,
    require_bookable,
    require_changeable,
    require_closed,
    require_open,
)
from membership.accompaniments.schemas import (
    AccompanimentKindOut,
    AccompanimentKindsOut,
    AccompanimentListParams,
    AccompanimentOut,
    BookingRuleOut,
    NextSlotOut,
    SlotListParams,
    SlotOut,
)
from membership.accompaniments.tables import OfferEditionRow, OfferRow, SlotRow
from membership.members.domain import ActivityKind, normalise
from membership.members.queries import structures_of
from membership.rights import RIGHTS, Act
from membership.territory.domain import Zone

_OFFER: Any = OfferRow.__table__  # type: ignore[attr-defined]
_EDITION: Any = OfferEditionRow.__table__  # type: ignore[attr-defined]
_SLOT: Any = SlotRow.__table__  # type: ignore[attr-defined]
_NEXT = 3
_OFFERS = Order(
    columns={"title": _EDITION.c.normalized, "kind": _OFFER.c.kind}, default="kind,title", unique=_OFFER.c.id
)
_SLOTS = Order(columns={"starts_at": _SLOT.c.starts_at}, default="starts_at", unique=_SLOT.c.id)


@cache
def kinds() -> dict[str, AccompanimentKind]:
    """Return the kinds of accompaniment shipped with the service, by code."""
    listed = shipped("membership.accompaniments", "kinds.toml")["kinds"]
    found = (
        AccompanimentKind(**{**one, "activities": tuple(map(ActivityKind, one.get("activities", ())))})
        for one in listed
    )
    return {kind.code: kind for kind in found}


@cache
def _rules() -> tuple[BookingRule, ...]:
    return shipped_rules("membership.accompaniments", "booking.toml", BookingRule)


def booking_rule(day: date) -> BookingRule:
    """Return the rule of booking that holds on a day. Raises RuleMissing."""
    return rule_on(_rules(), day)


def public_holidays(zone: Zone, years: Collection[int]) -> Mapping[date, str]:
    """Return the public holidays of some years where a zone is, by day, with their French names."""
    return dict(holidays.country_holidays("FR", subdiv=zone.holidays or None, years=years, language="fr"))


def list_kinds(today: date) -> AccompanimentKindsOut:
    """Return the kinds, and the rule of booking of today. Raises RuleMissing."""
    data = shipped("membership.accompaniments", "kinds.toml")
    return AccompanimentKindsOut(
        items=[AccompanimentKindOut.model_validate(kind) for kind in kinds().values()],
        status=data["status"],
        source=data["source"],
        rule=BookingRuleOut(
            **{name: getattr(booking_rule(today), name) for name in BookingRuleOut.model_fields},
        ),
    )


async def list_offers(source: Read, grant: Grant, params: AccompanimentListParams) -> Page[AccompanimentOut]:
    """Return one page of the catalogue within reach."""
    query = await _offers(source, grant)
    for column, wanted in ((_OFFER.c.kind, params.kind), (_OFFER.c.delegation, params.delegation)):
        if wanted:
            query = query.where(column.in_(wanted))
    if params.level:
        query = query.where(_OFFER.c.level == params.level.value)
    if params.is_open is not None:
        query = query.where(_OFFER.c.is_open == params.is_open)
    if params.activity:
        activities = _EDITION.c.activities
        query = query.where(or_(func.cardinality(activities) == 0, activities.contains([params.activity.value])))
    if params.q:
        query = query.where(_EDITION.c.normalized.contains(normalise(params.q), autoescape=True))
    if params.free_from or params.free_to:
        at = starting(params.free_from, params.free_to)
        query = query.where(exists().where(_SLOT.c.offer_id == _OFFER.c.id, _is_free(source.now), at))
    rows, cursor, total = await paginate(source, query, _OFFERS, params)
    items = await _shown(source, [repository.to_offer(*row) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def find_offer(source: Read, grant: Grant, offer_id: UUID) -> AccompanimentOut:
    """Return one offer within reach. Raises AccompanimentNotFound."""
    [shown] = await _shown(source, [await offer_of(source, grant, offer_id)])
    return shown


async def offer_of(source: Read, grant: Grant, offer_id: UUID) -> Offer:
    """Return one offer within reach, as the rules know it. Raises AccompanimentNotFound."""
    query = (await _offers(source, grant)).where(_OFFER.c.id == offer_id)
    row = (await source.session.execute(query)).one_or_none()
    if row is None:
        raise AccompanimentNotFound("Cet accompagnement n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_offer(*row)


async def page_of_slots(
    source: Read, grant: Grant, params: SlotListParams
) -> tuple[list[tuple[Slot, Offer]], str | None, int | None]:
    """Return one page of slots of the offers within reach, each with its offer; its cursor and its total."""
    query = await selected_slots(source, grant, params)
    rows, cursor, total = await paginate(source, query, _SLOTS, params)
    found = [(repository.to_slot(row[0]), repository.to_offer(row[1], row[2])) for row in rows]
    return found, cursor, total


async def selected_slots(source: Read, grant: Grant, params: SlotListParams) -> Select[Any]:
    """Select the slots of the offers within reach that pass the filters, for a list or a count."""
    query = await _slots(source, grant)
    for column, wanted in ((_OFFER.c.kind, params.kind), (_OFFER.c.delegation, params.delegation)):
        if wanted:
            query = query.where(column.in_(wanted))
    if params.series:
        query = query.where(_SLOT.c.series_id == params.series)
    if params.accompaniment:
        query = query.where(_OFFER.c.id == params.accompaniment)
    if params.free is not None:
        free = and_(_is_free(source.now), _OFFER.c.is_open)
        query = query.where(free if params.free else ~free)
    if params.cancelled is not None:
        given = _SLOT.c.cancelled_at.is_not(None)
        query = query.where(given if params.cancelled else ~given)
    return query.where(starting(params.starts_from, params.starts_to))


async def find_slot(source: Read, grant: Grant, slot_id: UUID) -> SlotOut:
    """Return one slot of an offer within reach. Raises SlotNotFound."""
    [shown] = show_slots(source, [await slot_of(source, grant, slot_id)])
    return shown


async def slot_of(source: Read, grant: Grant, slot_id: UUID) -> tuple[Slot, Offer]:
    """Return one slot of an offer within reach, with its offer. Raises SlotNotFound."""
    row = (await source.session.execute((await _slots(source, grant)).where(_SLOT.c.id == slot_id))).one_or_none()
    if row is None:
        raise SlotNotFound("Ce créneau n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_slot(row[0]), repository.to_offer(row[1], row[2])


async def series_of(source: Read, grant: Grant, series_id: UUID) -> tuple[list[UUID], Offer]:
    """Return the slots of a series of an offer within reach, and the offer. Raises SeriesNotFound."""
    rows = (await source.session.execute((await _slots(source, grant)).where(_SLOT.c.series_id == series_id))).all()
    if not rows:
        raise SeriesNotFound("Cette série de créneaux n'existe pas, ou n'est pas dans votre périmètre.")
    return [row[0].id for row in rows], repository.to_offer(rows[0][1], rows[0][2])


def joined_with_slot(query: Select[Any], slot_id: Any, edition: Any) -> Select[Any]:
    """Add to a query of bookings the slot of each, its offer, and the edition it was booked on: three columns."""
    query = query.add_columns(SlotRow, OfferRow, OfferEditionRow).join(SlotRow, _SLOT.c.id == slot_id)
    query = query.join(OfferRow, _OFFER.c.id == _SLOT.c.offer_id)
    return query.join(OfferEditionRow, and_(_EDITION.c.offer_id == _OFFER.c.id, _EDITION.c.edition == edition))


def booked_of(slot: Any, offer: Any, edition: Any) -> tuple[Slot, Offer]:
    """Return what ``joined_with_slot`` added to a row."""
    return repository.to_slot(slot), repository.to_offer(offer, edition)


SLOT_STARTS_AT: ColumnElement[datetime] = _SLOT.c.starts_at
OFFER_DELEGATION: ColumnElement[str | None] = _OFFER.c.delegation
"""For the order and the reach of a list of what is booked."""


def may_run(source: Read, delegation: str | None) -> bool:
    """Tell whether the one who asks runs the offers of a delegation, or those of the network (None)."""
    grant = grant_for(RIGHTS, Act.RUN_ACCOMPANIMENTS, source.actor)
    return grant is not None and grant.reaches(delegation)


def is_free(offer: Offer) -> bool:
    """Tell whether members pay nothing for an offer."""
    return offer.level is Level.FIRST and kinds()[offer.kind].first_level_free


def terms_out(terms: Terms) -> dict[str, Any]:
    """Return the fields of ``TermsOut``."""
    fields = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
    return {**fields, "mode_label": terms.mode.label, "activities": list(terms.activities)}


async def _offers(source: Read, grant: Grant) -> Select[Any]:
    edition = and_(_EDITION.c.offer_id == _OFFER.c.id, _EDITION.c.edition == _OFFER.c.edition)
    query = select(OfferRow).add_columns(OfferEditionRow).join(OfferEditionRow, edition)
    return query.where(await _visible(source, grant))


async def _slots(source: Read, grant: Grant) -> Select[Any]:
    edition = and_(_EDITION.c.offer_id == _OFFER.c.id, _EDITION.c.edition == _OFFER.c.edition)
    query = select(SlotRow).add_columns(OfferRow, OfferEditionRow).join(OfferRow, _OFFER.c.id == _SLOT.c.offer_id)
    return query.join(OfferEditionRow, edition).where(await _visible(source, grant))


async def _visible(source: Read, grant: Grant) -> ColumnElement[bool]:
    """Return the condition that an offer is within reach: the network's is everybody's.

    A structure has those of its own delegation, while they are open.
    """
    actor = grant.actor
    if grant.scope is Scope.ALL:
        return true()
    if grant.scope is Scope.DELEGATION:
        return or_(_OFFER.c.delegation.is_(None), _OFFER.c.delegation == actor.delegation)
    if actor.member_id is None:
        return false()
    structure = (await structures_of(source, [actor.member_id])).get(actor.member_id)
    if structure is None:
        return false()
    reached = or_(_OFFER.c.delegation.is_(None), _OFFER.c.delegation == structure.delegation)
    return and_(_OFFER.c.is_open, reached)


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Return ``require_bookable`` as a condition; a test holds the two together."""
    columns = _SLOT.c
    return and_(columns.cancelled_at.is_(None), columns.taken < columns.capacity, columns.book_until >= now)


def starting(first: date | None, last: date | None) -> ColumnElement[bool]:
    """Return the condition that a slot begins between two days, both in Paris and both included."""
    after = _SLOT.c.starts_at >= beginning(first) if first else true()
    return and_(after, _SLOT.c.starts_at < beginning(last + timedelta(days=1)) if last else true())


async def _next_slots(source: Read, offers: Sequence[Offer]) -> dict[UUID, list[NextSlotOut]]:
    rank = func.row_number().over(partition_by=_SLOT.c.offer_id, order_by=(_SLOT.c.starts_at, _SLOT.c.id))
    bookable = [offer.id for offer in offers if offer.is_open]
    ranked = select(SlotRow, rank.label("rank")).where(_SLOT.c.offer_id.in_(bookable), _is_free(source.now)).subquery()
    slot = aliased(SlotRow, ranked)
    query = select(slot).where(ranked.c.rank <= _NEXT).order_by(ranked.c.starts_at)
    found: dict[UUID, list[NextSlotOut]] = {offer.id: [] for offer in offers}
    for row in (await source.session.execute(query)).scalars():
        left = row.capacity - row.taken
        shown = NextSlotOut(id=row.id, starts_at=row.starts_at, ends_at=row.ends_at, zone=row.zone, free_places=left)
        found[row.offer_id].append(shown)
    return found


async def _shown(source: Read, offers: Sequence[Offer]) -> list[AccompanimentOut]:
    slots = await _next_slots(source, offers)
    return [_offer_out(source, offer, slots[offer.id]) for offer in offers]


def _offer_out(source: Read, offer: Offer, next_slots: list[NextSlotOut]) -> AccompanimentOut:
    opened = obstacle(partial(require_open, offer))
    closed = obstacle(partial(require_closed, offer))
    acts = {"amend": None, "open_slots": opened, "close": opened, "reopen": closed}
    actions, blockers = possible(acts) if may_run(source, offer.delegation) else ([], {})
    return AccompanimentOut(
        id=offer.id,
        kind=offer.kind,
        kind_label=kinds()[offer.kind].label,
        delegation=offer.delegation,
        level=offer.level,
        level_label=offer.level.label,
        free=is_free(offer),
        is_open=offer.is_open,
        edition=offer.edition,
        next_slots=next_slots,
        version=offer.version,
        allowed_actions=actions,
        blockers=blockers,
        **terms_out(offer.terms),
    )


RefusesPlace = Callable[[Slot, Offer], Refusal | None]
"""What refuses a place of a slot to the one who asks, beside what the slot itself does."""


def show_slots(
    source: Read, found: Sequence[tuple[Slot, Offer]], refuses: RefusesPlace = lambda _, __: None
) -> list[SlotOut]:
    """Write slots as the API shows them to the one who asks."""
    return [_slot_out(source, slot, offer, refuses) for slot, offer in found]


def _slot_out(source: Read, slot: Slot, offer: Offer, refuses: RefusesPlace) -> SlotOut:
    runs = may_run(source, offer.delegation)
    changes = obstacle(partial(require_changeable, slot, source.now))
    books = obstacle(partial(require_open, offer)) or obstacle(partial(require_bookable, slot, source.now))
    acts: dict[str, Refusal | None] = {"move": changes, "cancel": changes} if runs else {}
    if grant_for(RIGHTS, Act.BOOK_ACCOMPANIMENTS, source.actor):
        acts["book"] = books or refuses(slot, offer)
    actions, blockers = possible(acts)
    names = SlotOut.model_fields.keys() & Slot.__dataclass_fields__.keys() - {"link", "adviser"}
    return SlotOut(
        **{name: getattr(slot, name) for name in names},
        accompaniment_id=offer.id,
        title=offer.terms.title,
        kind=offer.kind,
        delegation=offer.delegation,
        free_places=slot.capacity - slot.taken,
        link=slot.link if runs else None,
        adviser=slot.adviser if runs else None,
        allowed_actions=actions,
        blockers=blockers,
    )
