"""A request for seats, each seat of it, and the offers made to those who wait.

A seat asked for is waited for, offered or confirmed, then cancelled; never deleted. Source: issue of the peers, pretix
#1163: an offer has one end, and a seat that is given back is never blocked by an old promise.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from training.enrolments.domain.refusals import (
    EnrolmentsClosed,
    NotLive,
    OfferClosed,
    OfferExpired,
    OfferPending,
    ReasonNotYours,
    SessionBegun,
    SessionNotOpen,
    SessionReserved,
    TraineesMismatch,
)


class EnrolmentStatus(Labelled):
    """Where a seat asked for stands."""

    WAITING = "waiting", "sur liste d'attente"
    OFFERED = "offered", "place proposée"
    CONFIRMED = "confirmed", "place prise"
    CANCELLED = "cancelled", "place rendue"

    @property
    def holds_a_seat(self) -> bool:
        """Whether a seat of the session is counted for it."""
        return self in (EnrolmentStatus.OFFERED, EnrolmentStatus.CONFIRMED)


class OfferStatus(Labelled):
    """Where an offer of seats stands. Every end is final."""

    OPEN = "open", "en attente de réponse"
    ACCEPTED = "accepted", "acceptée"
    DECLINED = "declined", "déclinée"
    EXPIRED = "expired", "échue"
    WITHDRAWN = "withdrawn", "retirée"


class WithdrawalReason(Labelled):
    """Why a seat is given back."""

    CHANGED_PLANS = "changed_plans", "changement d'organisation"
    ABSENCE = "absence", "la personne ne peut pas venir"
    LEFT_STRUCTURE = "left_structure", "la personne a quitté la structure"
    FUNDING_REFUSED = "funding_refused", "financement refusé"
    DATE_MOVED = "date_moved", "date ou lieu changé par l'organisme"
    FORCE_MAJEURE = "force_majeure", "force majeure reconnue"
    ORGANISER = "organiser", "annulation par l'organisme"
    DECLINED = "declined", "proposition déclinée"
    EXPIRED = "expired", "proposition sans réponse"

    @property
    def is_of_staff(self) -> bool:
        """Whether the training team alone may give it."""
        return self in (WithdrawalReason.FORCE_MAJEURE, WithdrawalReason.ORGANISER, WithdrawalReason.DATE_MOVED)

    @property
    def is_of_offer(self) -> bool:
        """Whether it is how an offer ended: nobody gives it as a reason."""
        return self in (WithdrawalReason.DECLINED, WithdrawalReason.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """One seat of a request. ``trainee_id``: absent while it has no name; ``withdrawn``: the reason of its end."""

    id: UUID
    request_id: UUID
    session_id: UUID
    rank: int
    status: EnrolmentStatus
    trainee_id: UUID | None
    offer_id: UUID | None = None
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: WithdrawalReason | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRequest:
    """Seats asked for by a buyer, at the price of a quote. ``buyer`` tells one buyer from another.

    ``place``: its place in the order of the session; ``names_by``: the day by which seats without a name have one;
    ``reseats``: the request of a session that was not held, whose people, price and seniority it carries on.
    """

    id: UUID
    reference: str
    session_id: UUID
    quote_id: UUID
    programme_code: str
    buyer: str
    buyer_name: str
    individual: bool
    member_id: UUID | None
    seats: int
    together: bool
    place: int
    unit_price: Decimal
    names_by: date | None
    contact_email: str | None
    asked_at: datetime
    asked_by: str
    reseats: UUID | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Seats held for a request until an instant."""

    id: UUID
    session_id: UUID
    request_id: UUID
    seats: int
    status: OfferStatus
    opened_at: datetime
    expires_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """What enrolments ask of a session: whether seats can be asked of it, by whom, until when.

    ``half_days``: when each ends; ``remote``: all of them are.
    """

    id: UUID
    reference: str
    title: str
    programme_code: str
    delegation: str | None
    announced: bool
    closes_on: date | None
    first_starts_at: datetime
    half_days: tuple[datetime, ...]
    remote: bool
    reserved_for: frozenset[UUID]
    seats: int

    def gives_seats_at(self, now: datetime) -> bool:
        """Tell whether a seat that is free is still offered: the session is to be held, and has not begun."""
        return self.announced and now < self.first_starts_at

    def half_days_over(self, now: datetime) -> int:
        """Tell how many half-days are over."""
        return sum(ends_at <= now for ends_at in self.half_days)


def require_open(session: OpenSession, member_id: UUID | None, today: date) -> None:
    """Let seats be asked for. Raises SessionNotOpen, EnrolmentsClosed, SessionReserved."""
    if not session.announced:
        raise SessionNotOpen("On s'inscrit à une session annoncée ou confirmée.")
    if session.closes_on is not None and today > session.closes_on:
        raise EnrolmentsClosed(f"Les inscriptions étaient closes le {session.closes_on:%d/%m/%Y}.")
    if session.reserved_for and member_id not in session.reserved_for:
        raise SessionReserved("Cette session est réservée à d'autres structures : demandez-en une pour la vôtre.")


def require_names(seats: int, named: Sequence[UUID], names_by: date | None, session: OpenSession) -> None:
    """Have each seat named, or a day to name it by, before the session. Raises TraineesMismatch."""
    if len(named) > seats or len(set(named)) < len(named):
        raise TraineesMismatch("Nommez chaque personne une fois, et pas plus de personnes que de places.")
    if len(named) == seats:
        return
    if names_by is None:
        raise TraineesMismatch("Dites jusqu'à quel jour les autres personnes seront nommées (names_by).")
    if names_by >= session.first_starts_at.date():
        raise TraineesMismatch("Les personnes se nomment avant le premier jour de la session.")


def require_reason(reason: WithdrawalReason, *, by_staff: bool) -> None:
    """Let a reason be given by whom it belongs to. Raises ReasonNotYours."""
    if reason.is_of_offer or (reason.is_of_staff and not by_staff):
        raise ReasonNotYours("Cette raison est donnée par Coorace Formation.")


def confirm(enrolment: Enrolment, now: datetime) -> Enrolment:
    """Take the seat."""
    return _changed(enrolment, status=EnrolmentStatus.CONFIRMED, confirmed_at=now)


def offered(enrolment: Enrolment, offer_id: UUID) -> Enrolment:
    """Hold a seat for whom it was waited for."""
    return _changed(enrolment, status=EnrolmentStatus.OFFERED, offer_id=offer_id)


def require_live(enrolment: Enrolment) -> None:
    """Let what was not given back change. Raises NotLive."""
    if enrolment.status is EnrolmentStatus.CANCELLED:
        raise NotLive("Cette place a été rendue.")


def withdraw(enrolment: Enrolment, reason: WithdrawalReason, now: datetime) -> Enrolment:
    """Give the seat back, or wait for it no more. Raises NotLive, OfferPending."""
    require_live(enrolment)
    if enrolment.status is EnrolmentStatus.OFFERED:
        raise OfferPending("Cette place vous est proposée : acceptez ou déclinez la proposition.")
    return lose(enrolment, reason, now)


def to_give_back(asked: Collection[Enrolment]) -> list[Enrolment]:
    """Return the seats of a request that it can give back at once, or wait for no more. Raises NotLive."""
    found = [one for one in asked if one.status in (EnrolmentStatus.WAITING, EnrolmentStatus.CONFIRMED)]
    if not found:
        raise NotLive("Rien n'est à rendre : chaque place l'a été, ou vous est proposée.")
    return found


def lose(enrolment: Enrolment, reason: WithdrawalReason, now: datetime) -> Enrolment:
    """Take back a seat that was offered and not accepted."""
    return _changed(enrolment, status=EnrolmentStatus.CANCELLED, cancelled_at=now, reason=reason)


def require_substitutable(enrolment: Enrolment, session: OpenSession, now: datetime, *, by_staff: bool) -> None:
    """Let a seat go to another person. Raises NotLive, SessionBegun."""
    require_live(enrolment)
    if now >= session.first_starts_at and not by_staff:
        raise SessionBegun("La session a commencé : demandez-le à Coorace Formation.")


def substitute(enrolment: Enrolment, trainee_id: UUID) -> Enrolment:
    """Give the seat to another person, or name one."""
    return _changed(enrolment, trainee_id=trainee_id)


def accept(offer: Offer, now: datetime) -> Offer:
    """Take the seats that were held. Raises OfferClosed, OfferExpired."""
    accepted = end(offer, OfferStatus.ACCEPTED)
    if now >= offer.expires_at:
        raise OfferExpired("Le délai pour accepter ces places est passé : elles vont à la demande suivante.")
    return accepted


def end(offer: Offer, status: OfferStatus) -> Offer:
    """End an offer. Raises OfferClosed."""
    if offer.status is not OfferStatus.OPEN:
        raise OfferClosed(f"Cette proposition est déjà close : {offer.status.label}.")
    return replace(offer, status=status, version=offer.version + 1)


def to_offer(waiting: Collection[Enrolment], seats: int) -> list[Enrolment]:
    """Return which seats of a request are offered: those named first, then in the order they were asked."""
    live = [one for one in waiting if one.status is EnrolmentStatus.WAITING]
    return sorted(live, key=lambda one: (one.trainee_id is None, one.rank))[:seats]


def _changed(enrolment: Enrolment, **fields: object) -> Enrolment:
    return replace(enrolment, version=enrolment.version + 1, **fields)  # type: ignore[arg-type]  # fields of its own
