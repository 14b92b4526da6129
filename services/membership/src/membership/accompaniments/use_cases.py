"""What people do with the catalogue: offer, change, close, open slots."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from common.clock import beginning
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.accompaniments import domain, queries, repository
from membership.accompaniments.domain import (
    AccompanimentKindUnknown,
    AccompanimentNotYours,
    Offer,
    Planned,
    Series,
    Slot,
    Terms,
    limits,
    plan,
    require_bookable,
    require_open,
    zone_of,
)
from membership.accompaniments.schemas import AccompanimentAmend, AccompanimentIn, SlotMove, SlotsIn
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import AgendaMode, AgendaStatus, Audience, Source, Told, between
from membership.members.domain import DelegationUnknown
from membership.territory.queries import load_territory, zones


async def offer(tx: Tx, offered: AccompanimentIn) -> UUID:
    """Add an accompaniment to the catalogue, open to booking; return its id.

    Raises AccompanimentKindUnknown, DelegationUnknown, AccompanimentNotYours.
    """
    if offered.kind not in queries.kinds():
        known = ", ".join(queries.kinds())
        raise AccompanimentKindUnknown(f"« {offered.kind} » n'est pas un type d'accompagnement. Types : {known}.")
    codes = [one.code for one in load_territory().delegations]
    if offered.delegation is not None and offered.delegation not in codes:
        raise DelegationUnknown(f"« {offered.delegation} » n'est pas une délégation. Codes : {', '.join(codes)}.")
    _require_yours(tx, offered.delegation)
    terms = Terms(
        title=offered.title,
        description=offered.description,
        preparation=offered.preparation,
        duration_minutes=offered.duration_minutes,
        mode=offered.mode,
        activities=tuple(offered.activities),
    )
    added = Offer(new_id(), offered.kind, offered.delegation, offered.level, terms)
    await repository.add_offer(tx, added)
    return added.id


async def amend(tx: Tx, grant: Grant, offer_id: UUID, if_match: str | None, change: AccompanimentAmend) -> None:
    """Change what an offer promises; what is booked keeps its own words.

    Raises AccompanimentNotFound, AccompanimentNotYours, PreconditionMissing, PreconditionFailed.
    """
    named = {name: value for name, value in change.model_dump(exclude_unset=True).items() if value is not None}

    def changed(held: Offer) -> Offer:
        fields = {name: getattr(held.terms, name) for name in Terms.__dataclass_fields__} | named
        return domain.amend(held, Terms(**{**fields, "activities": tuple(fields["activities"])}))

    await _change(tx, grant, offer_id, if_match, changed)


async def close(tx: Tx, grant: Grant, offer_id: UUID, if_match: str | None) -> None:
    """Take an offer from booking.

    Raises AccompanimentNotFound, AccompanimentNotYours, AccompanimentClosed, PreconditionMissing, PreconditionFailed.
    """
    await _change(tx, grant, offer_id, if_match, domain.close)


async def reopen(tx: Tx, grant: Grant, offer_id: UUID, if_match: str | None) -> None:
    """Open a closed offer to booking again.

    Raises AccompanimentNotFound, AccompanimentNotYours, AccompanimentOpen, PreconditionMissing, PreconditionFailed.
    """
    await _change(tx, grant, offer_id, if_match, domain.reopen)


async def open_slots(tx: Tx, grant: Grant, offer_id: UUID, wanted: SlotsIn) -> tuple[list[Slot], Planned]:
    """Open one slot of an offer, or a series of them: all, or none.

    Raises AccompanimentNotFound, AccompanimentNotYours, AccompanimentClosed, SlotZoneUnknown, SlotInPast,
    SlotsOutOfBounds, AdviserBusy, RuleMissing.
    """
    await queries.offer_of(tx, grant, offer_id)
    held = await repository.hold_offer(tx, offer_id)
    _require_yours(tx, held.delegation)
    require_open(held)
    planned, zone = _planned(held, wanted, tx.now)
    rule = queries.booking_rule(tx.today)
    series_id = new_id() if len(planned.times) > 1 else None
    slots = []
    for starts_at, ends_at in planned.times:
        book_until, cancel_until = limits(rule, starts_at)
        slot = Slot(
            id=new_id(),
            offer_id=held.id,
            starts_at=starts_at,
            ends_at=ends_at,
            zone=zone,
            capacity=wanted.capacity,
            adviser=_adviser(tx, held, wanted.adviser),
            place=wanted.place,
            link=wanted.link,
            book_until=book_until,
            cancel_until=cancel_until,
            series_id=series_id,
        )
        slots.append(slot)
    await repository.add_slots(tx, slots)
    await _show(tx, [slot.id for slot in slots])
    return slots, planned


async def move_slot(tx: Tx, grant: Grant, slot_id: UUID, if_match: str | None, wanted: SlotMove) -> tuple[Slot, Slot]:
    """Give a slot another time or place; return it as it was and as it is. Who booked is told by ``bookings``.

    Raises SlotNotFound, AccompanimentNotYours, SlotCancelled, SlotStarted, SlotInPast, SlotTooSmall, AdviserBusy,
    RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    slot, offered = await _held_slot(tx, grant, slot_id, if_match)
    starts_at = datetime.combine(wanted.day, wanted.begins, ZoneInfo(slot.zone)).astimezone(UTC)
    book_until, cancel_until = limits(queries.booking_rule(tx.today), starts_at)
    moved = Slot(
        id=slot.id,
        offer_id=slot.offer_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=wanted.minutes),
        zone=slot.zone,
        capacity=wanted.capacity,
        adviser=_adviser(tx, offered, wanted.adviser) if wanted.adviser else slot.adviser,
        place=wanted.place,
        link=wanted.link,
        book_until=book_until,
        cancel_until=cancel_until,
        series_id=slot.series_id,
        taken=slot.taken,
    )
    moved = domain.move(slot, moved, tx.now)
    await repository.save_moved(tx, moved)
    await _show(tx, [moved.id])
    return slot, moved


async def cancel_slot(tx: Tx, grant: Grant, slot_id: UUID, if_match: str | None, reason: str) -> Slot:
    """Cancel a slot that has not begun. Who booked is told by ``bookings``.

    Raises SlotNotFound, AccompanimentNotYours, SlotCancelled, SlotStarted, PreconditionMissing, PreconditionFailed.
    """
    slot, _ = await _held_slot(tx, grant, slot_id, if_match)
    cancelled = domain.cancel(slot, reason, tx.now)
    await repository.save_slot(tx, cancelled)
    await _show(tx, [cancelled.id])
    return cancelled


async def cancel_series(tx: Tx, grant: Grant, series_id: UUID, first_day: date | None, reason: str) -> list[Slot]:
    """Cancel what is left of a series; return the slots. Who booked is told by ``bookings``.

    Raises SeriesNotFound, AccompanimentNotYours, SeriesOver.
    """
    slot_ids, offered = await queries.series_of(tx, grant, series_id)
    _require_yours(tx, offered.delegation)
    left = domain.left_of(await repository.hold_slots(tx, slot_ids), first_day, tx.now)
    cancelled = [domain.drop(slot, reason, tx.now) for slot in left]
    for slot in cancelled:
        await repository.save_slot(tx, slot)
    await _show(tx, [slot.id for slot in cancelled])
    return cancelled


async def take_place(tx: Tx, grant: Grant, slot_id: UUID) -> tuple[Slot, Offer]:
    """Take one place of a slot of an open offer within reach, the last one once only.

    Raises SlotNotFound, AccompanimentClosed, SlotCancelled, SlotTooLate, SlotFull.
    """
    _, offered = await queries.slot_of(tx, grant, slot_id)
    require_open(offered)
    slot = await repository.hold_slot(tx, slot_id)  # as it is now: it may have been moved meanwhile
    require_bookable(slot, tx.now)
    await repository.take_place(tx, slot.id)
    await _show(tx, [slot.id])
    return slot, offered


async def hold_slot(tx: Tx, slot_id: UUID) -> Slot:
    """Hold a slot before its bookings: every act on both takes them in this order."""
    return await repository.hold_slot(tx, slot_id)


async def give_back_place(tx: Tx, slot: Slot) -> None:
    """Give one place of a held slot back."""
    await repository.give_back_place(tx, slot.id)
    await _show(tx, [slot.id])


async def tell_again(tx: Tx) -> list[UUID]:
    """Tell the agenda again of the slots that it shows; return them: who is in them, ``bookings`` says."""
    slot_ids = await repository.slots_since(tx, beginning(dates.shown_since(tx)))
    await _show(tx, slot_ids)
    return slot_ids


async def _change(tx: Tx, grant: Grant, offer_id: UUID, if_match: str | None, change: Callable[[Offer], Offer]) -> None:
    await queries.offer_of(tx, grant, offer_id)
    held = await repository.hold_offer(tx, offer_id)
    _require_yours(tx, held.delegation)
    await check_version(if_match, held.version, partial(queries.find_offer, tx, grant, offer_id))
    await repository.save_offer(tx, held, change(held))
    await _show(tx, await repository.coming_slots(tx, held.id, tx.now))


async def _held_slot(tx: Tx, grant: Grant, slot_id: UUID, if_match: str | None) -> tuple[Slot, Offer]:
    _, offered = await queries.slot_of(tx, grant, slot_id)
    _require_yours(tx, offered.delegation)
    slot = await repository.hold_slot(tx, slot_id)
    await check_version(if_match, slot.version, partial(queries.find_slot, tx, grant, slot_id))
    return slot, offered


def _require_yours(tx: Tx, delegation: str | None) -> None:
    if not queries.may_run(tx, delegation):
        whose = f"la délégation « {delegation} »" if delegation else "le réseau"
        raise AccompanimentNotYours(f"Cet accompagnement est tenu par {whose} : adressez-vous à qui le tient.")


def _planned(held: Offer, wanted: SlotsIn, now: datetime) -> tuple[Planned, str]:
    zone = zone_of(zones(), held.delegation, wanted.zone)
    minutes = wanted.minutes or held.terms.duration_minutes
    weekdays = tuple(sorted(set(wanted.weekdays)))
    series = Series(wanted.first_day, wanted.begins, wanted.ends, minutes, wanted.weeks, weekdays)
    years = {wanted.first_day.year, (wanted.first_day + timedelta(weeks=wanted.weeks)).year}
    left_out = {} if wanted.keep_holidays else queries.public_holidays(zone, years)
    return plan(series, zone.zone, left_out, now), zone.zone


def _adviser(tx: Tx, offered: Offer, label: str | None) -> str:
    """Return who holds a slot: the author, or a label, which two delegations may both use for somebody else."""
    return f"{offered.delegation or 'network'}:{label}" if label else tx.actor.subject


async def _show(tx: Tx, slot_ids: Sequence[UUID]) -> None:
    """Have the agenda say when slots are, and whether there is a place to book; who is in them, ``bookings`` says."""
    await agenda.hold(tx, slot_ids)
    await agenda.tell(tx, [_shown(slot, offered) for slot, offered in await repository.slots_of(tx, slot_ids)])


def _shown(slot: Slot, offered: Offer) -> Told:
    cancelled = slot.cancelled_at is not None
    return Told(
        id=slot.id,
        source=Source.ACCOMPANIMENTS,
        kind="accompaniment_slot",
        title=offered.terms.title,
        when=between(slot.starts_at, slot.ends_at, slot.zone),
        audience=Audience.MEMBERS,
        delegation=offered.delegation,
        mode=_mode(slot),
        place=slot.place,
        status=AgendaStatus.CANCELLED if cancelled else AgendaStatus.CONFIRMED,
        cancelled_reason=slot.cancel_reason,
        participants=None,
        listed=not cancelled and offered.is_open and slot.taken < slot.capacity,
    )


def _mode(slot: Slot) -> AgendaMode:
    """Return how a slot is held; its link is for those who booked, and stays out of the agenda."""
    if slot.place is None:
        return AgendaMode.REMOTE
    return AgendaMode.MIXED if slot.link else AgendaMode.ON_SITE
