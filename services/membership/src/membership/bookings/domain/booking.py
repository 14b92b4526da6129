"""A place booked by a structure: who may, until when it is dropped, what became of it, what was delivered."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from common.labels import Labelled
from common.wording import write_day
from membership.accompaniments.domain import Offer, Slot, write_there
from membership.bookings.domain.refusals import (
    AccompanimentNotHeld,
    ActivityNotServed,
    BookingAnswered,
    BookingCancelTooLate,
    BookingDelivered,
    BookingNotSettled,
    BookingSettled,
    DelegationNotServed,
    DeliverableWithdrawn,
    DeliveredAnotherDay,
    FirstLevelUsed,
    MemberCannotBook,
    OutcomeFixed,
    SatisfactionGiven,
    SlotAlreadyBooked,
    SlotNotBegun,
)
from membership.bookings.domain.survey import SurveyRule, require_asked
from membership.members.domain import Member, MemberStatus


class BookingState(Labelled):
    """What became of a booking."""

    BOOKED = "booked", "réservée"
    CANCELLED = "cancelled", "annulée"
    HELD = "held", "tenue"
    ABSENT = "absent", "personne n'est venu"


class CancelledBy(Labelled):
    """Who dropped a place."""

    STRUCTURE = "structure", "la structure"
    STAFF = "staff", "la délégation ou le réseau"
    SLOT = "slot", "créneau annulé"


class DeliverableKind(Labelled):
    """What an accompaniment leaves."""

    REPORT = "report", "compte rendu"
    ACTION_PLAN = "action_plan", "plan d'action"
    DIAGNOSIS = "diagnosis", "diagnostic"
    OTHER = "other", "autre document"


COUNTED = frozenset({BookingState.BOOKED, BookingState.HELD})
"""What uses the free first level of a year: neither a place that was dropped, nor one where nobody came (assumed)."""


@dataclass(frozen=True, slots=True)
class BookingCancellation:
    """Who dropped a place, when and why."""

    at: datetime
    by: str
    side: CancelledBy
    reason: str | None


@dataclass(frozen=True, slots=True)
class BookingReopening:
    """Who took an outcome back, when and why; and which it was, told by whom."""

    at: datetime
    by: str
    reason: str
    state: BookingState
    outcome_at: datetime
    outcome_by: str


@dataclass(frozen=True, slots=True)
class Booking:
    """One place of a slot for one structure, on the edition of the offer that was promised then.

    ``delegation`` is the structure's at that moment, for the figures. ``free_year`` is the year whose free first level
    it uses, where the rule counts them; None with ``allowance_reason`` where another was allowed. ``answered``: the
    structure said what it thought, and its answer still has a name.
    """

    id: UUID
    slot_id: UUID
    offer_id: UUID
    edition: int
    kind: str
    member_id: UUID
    delegation: str | None
    booked_at: datetime
    booked_by: str
    expectation: str | None = None
    free_year: int | None = None
    allowance_reason: str | None = None
    state: BookingState = BookingState.BOOKED
    cancellation: BookingCancellation | None = None
    outcome_at: datetime | None = None
    outcome_by: str | None = None
    answered: bool = False
    reopenings: tuple[BookingReopening, ...] = ()
    mail_id: UUID | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class DeliverableWithdrawal:
    """Who took a deliverable back, when and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deliverable:
    """What an accompaniment left: a link, a summary, or files (``by_file``). A wrong one is taken back, and stays."""

    id: UUID
    booking_id: UUID
    kind: DeliverableKind
    title: str
    delivered_on: date
    link: str | None
    summary: str | None
    next_offer_id: UUID | None
    recorded_at: datetime
    recorded_by: str
    by_file: bool = False
    withdrawal: DeliverableWithdrawal | None = None


def require_served(member: Member, offer: Offer) -> None:
    """Let only a member with its rights book what is for it.

    Raises MemberCannotBook, DelegationNotServed, ActivityNotServed.
    """
    if member.status is not MemberStatus.ACTIVE:
        raise MemberCannotBook(
            f"{member.name} est {member.status.label} : les accompagnements sont pour les adhérentes actives."
        )
    if offer.delegation not in (None, member.delegation):
        raise DelegationNotServed(f"{member.name} n'est pas de la délégation qui offre « {offer.terms.title} ».")
    if offer.terms.activities and not set(offer.terms.activities) & set(member.activities):
        served = ", ".join(kind.label for kind in offer.terms.activities)
        raise ActivityNotServed(f"« {offer.terms.title} » s'adresse à d'autres structures : {served}.")


def require_not_booked(held: Iterable[Booking], slot: Slot) -> None:
    """Give a structure one place of a slot. Raises SlotAlreadyBooked."""
    if any(one.slot_id == slot.id and one.state is not BookingState.CANCELLED for one in held):
        raise SlotAlreadyBooked("Votre structure a déjà une place dans ce créneau.")


def require_allowance(held: Iterable[Booking], kind: str, year: int | None, label: str) -> None:
    """Let the free first level of a kind be used once a year (assumed, ADR 0030). Raises FirstLevelUsed."""
    used = [one for one in held if (one.kind, one.free_year) == (kind, year) and one.state in COUNTED]
    if year is not None and used:
        raise FirstLevelUsed(
            f"Le premier niveau gratuit de « {label} » est déjà réservé pour {year} : annulez l'autre réservation,"
            " demandez un devis pour la suite, ou demandez-en un autre à votre délégation."
        )


def require_booked(booking: Booking) -> None:
    """Let only a booking without an outcome have one. Raises BookingSettled."""
    if booking.state is not BookingState.BOOKED:
        again = "" if booking.state is BookingState.CANCELLED else " Dite par erreur, son issue se reprend."
        raise BookingSettled(f"Cette réservation est {booking.state.label} : elle ne change plus.{again}")


def require_droppable(booking: Booking, slot: Slot, now: datetime) -> None:
    """Let a structure drop its place until the limit, or until it begins where the slot was moved since.

    Raises BookingSettled, BookingCancelTooLate.
    """
    require_booked(booking)
    until = droppable_until(booking, slot)
    if until is None:
        raise BookingCancelTooLate(
            "Cette place a été réservée trop tard pour être rendue en ligne : appelez qui tient l'accompagnement."
        )
    if now > until:
        raise BookingCancelTooLate(
            f"La place s'annulait jusqu'au {write_there(until, slot.zone)} : appelez qui tient l'accompagnement."
        )


def droppable_until(booking: Booking, slot: Slot) -> datetime | None:
    """Return until when a structure drops its place by itself; None for one booked after the limit had passed."""
    if is_moved_since(booking, slot):
        return slot.starts_at
    return slot.cancel_until if booking.booked_at <= slot.cancel_until else None


def is_moved_since(booking: Booking, slot: Slot) -> bool:
    """Tell whether a slot is not any more when and where the structure booked it."""
    return slot.moved_at is not None and slot.moved_at > booking.booked_at


def moved(booking: Booking, year: int) -> Booking:
    """Give the free first level of a year back to a structure whose slot was moved to another one."""
    if booking.free_year in (None, year):
        return booking
    return replace(booking, free_year=None, allowance_reason="Créneau déplacé à une autre année.")


def cancel(booking: Booking, cancellation: BookingCancellation) -> Booking:
    """Drop a place. Raises BookingSettled."""
    require_booked(booking)
    return drop(booking, cancellation)


def drop(booking: Booking, cancellation: BookingCancellation) -> Booking:
    """Drop a place that is known to be booked, as all those of a slot that is cancelled."""
    return replace(booking, state=BookingState.CANCELLED, cancellation=cancellation, version=booking.version + 1)


def settle(booking: Booking, slot: Slot, outcome: BookingState, now: datetime, by: str) -> Booking:
    """Say that an accompaniment was held, or that nobody came. Raises BookingSettled, SlotNotBegun."""
    require_begun(booking, slot, now)
    return replace(booking, state=outcome, outcome_at=now, outcome_by=by, version=booking.version + 1)


def require_begun(booking: Booking, slot: Slot, now: datetime) -> None:
    """Let an outcome be told once the slot has begun. Raises BookingSettled, SlotNotBegun."""
    require_booked(booking)
    if now < slot.starts_at:
        raise SlotNotBegun(f"Cet accompagnement commence le {write_there(slot.starts_at, slot.zone)}.")


def require_settled(
    booking: Booking, settled_on: date, left: Iterable[Deliverable], rule: SurveyRule, today: date
) -> None:
    """Let an outcome be taken back that nothing was built on, as long as answers are named.

    Raises BookingNotSettled, BookingAnswered, BookingDelivered, OutcomeFixed.
    """
    if booking.state not in (BookingState.HELD, BookingState.ABSENT):
        raise BookingNotSettled(f"Cette réservation est {booking.state.label} : elle n'a pas d'issue à reprendre.")
    if booking.answered:
        raise BookingAnswered("La structure a donné son avis : l'accompagnement s'est tenu.")
    if any(one.withdrawal is None for one in left):
        raise BookingDelivered("Un livrable a été remis : retirez-le d'abord.")
    last = settled_on + timedelta(days=rule.named_days)
    if today > last:
        raise OutcomeFixed(f"Cette issue se reprenait jusqu'au {write_day(last)}.")


def reopen(booking: Booking, at: datetime, by: str, reason: str) -> Booking:
    """Take back an outcome that may be: it is booked again, and what was told is kept."""
    told_at, told_by = booking.outcome_at or booking.booked_at, booking.outcome_by or booking.booked_by
    kept = BookingReopening(at, by, reason, booking.state, told_at, told_by)
    opened = replace(booking, state=BookingState.BOOKED, outcome_at=None, outcome_by=None)
    return replace(opened, reopenings=(*booking.reopenings, kept), version=booking.version + 1)


def require_held(booking: Booking) -> None:
    """Let only what was held be delivered or rated. Raises AccompanimentNotHeld."""
    if booking.state is not BookingState.HELD:
        raise AccompanimentNotHeld(f"Cette réservation est {booking.state.label} : dites d'abord qu'elle a été tenue.")


def require_rateable(booking: Booking, held_on: date, rule: SurveyRule, today: date) -> None:
    """Let a structure say once what it thought. Raises AccompanimentNotHeld, SatisfactionGiven, SatisfactionTooLate."""
    require_held(booking)
    if booking.answered:
        raise SatisfactionGiven("Votre avis est déjà donné : changez-le plutôt.")
    require_asked(held_on, rule, today)


def require_deliverable(booking: Booking, held_on: date, delivered_on: date, today: date) -> None:
    """Let something be delivered from the day it was held on. Raises AccompanimentNotHeld, DeliveredAnotherDay."""
    require_held(booking)
    if not held_on <= delivered_on <= today:
        raise DeliveredAnotherDay(f"La remise est entre le {write_day(held_on)} et le {write_day(today)}.")


def withdraw(deliverable: Deliverable, withdrawal: DeliverableWithdrawal) -> Deliverable:
    """Take a deliverable back; it stays to be read. Raises DeliverableWithdrawn."""
    if deliverable.withdrawal is not None:
        raise DeliverableWithdrawn("Ce livrable est déjà retiré.")
    return replace(deliverable, withdrawal=withdrawal)
