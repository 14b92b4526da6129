"""The life of a session: a draft, announced, confirmed, over; or cancelled on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from common.errors import FieldError
from common.labels import Labelled
from common.wording import write_day
from common.workdays import FRANCE
from training.sessions.domain.costs import CostLine
from training.sessions.domain.plan import METROPOLE, Slot, first_day
from training.sessions.domain.refusals import (
    AlreadyAtVersion,
    AlreadyConfirmed,
    AudienceKept,
    DateWrong,
    Incomplete,
    NotAnnounced,
    NotDraft,
    NothingMoved,
    NothingToCopy,
    SessionEnded,
    SlotHeld,
)


class SessionStatus(Labelled):
    """Where a session stands. That it is over is not kept: its last half-day says it."""

    DRAFT = "draft", "en préparation"
    SCHEDULED = "scheduled", "annoncée, à confirmer"
    CONFIRMED = "confirmed", "confirmée"
    OVER = "over", "terminée"
    CANCELLED = "cancelled", "annulée"


ANNOUNCED = (SessionStatus.SCHEDULED, SessionStatus.CONFIRMED)


class SessionType(Labelled):
    """For whom it is, as the reports of the federation count them; it follows from who is named."""

    INTER = "inter", "inter"
    INTRA = "intra", "intra"
    TAILOR_MADE = "tailor_made", "sur mesure"


class CancelReason(Labelled):
    """Why a session is cancelled: the codes of what several services tell of their gatherings."""

    WEATHER = "weather", "intempéries"
    TOO_FEW = "too_few", "trop peu d'inscrits"
    SPEAKER = "speaker", "formateur empêché"
    VENUE = "venue", "salle indisponible"
    POSTPONED = "postponed", "reportée"
    OTHER = "other", "autre raison"


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """How many working days before the first half-day it is decided whether a session is held."""

    since: date
    workdays_before: int
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """The version of a programme that a session teaches, and what it says that the session is held against."""

    code: str
    number: int
    title: str
    theme: str
    hours: Decimal | None = None
    access_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is decided of a session beside its half-days. ``delegation`` None: the whole country's.

    ``decide_on`` and ``closes_on``: in the place of the days that the rule and the programme give.
    """

    delegation: str | None = None
    zone: str = METROPOLE
    seats_min: int | None = None
    seats_max: int | None = None
    reserved_for: tuple[UUID, ...] = ()
    adaptation: str = ""
    adapted_hours: Decimal | None = None
    remote_url: str | None = None
    decide_on: date | None = None
    decide_reason: str = ""
    closes_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A programme taught on some half-days."""

    id: UUID
    reference: str
    pinned: Pinned
    terms: Terms
    slots: tuple[Slot, ...] = ()
    costs: tuple[CostLine, ...] = ()
    status: SessionStatus = SessionStatus.DRAFT
    announced_at: datetime | None = None
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason_code: CancelReason | None = None
    version: int = 1

    @property
    def type(self) -> SessionType:
        """For whom it is."""
        if not self.terms.reserved_for:
            return SessionType.INTER
        return SessionType.TAILOR_MADE if self.terms.adaptation else SessionType.INTRA

    @property
    def hours_due(self) -> Decimal | None:
        """How many hours its half-days must last together: those of the sheet, or those that were adapted."""
        adapted = self.terms.adapted_hours if self.type is SessionType.TAILOR_MADE else None
        return adapted if adapted is not None else self.pinned.hours

    def status_at(self, now: datetime) -> SessionStatus:
        """Tell where it stands at an instant."""
        over = self.status in ANNOUNCED and bool(self.slots) and self.slots[-1].ends_at <= now
        return SessionStatus.OVER if over else self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What follows from the rest and a session is found by: the days of its rules, its first room as announced."""

    decide_on: date | None
    closes_on: date | None
    room_id: UUID | None = None
    venue: str | None = None
    city: str | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """What keeps a session from being announced: where, what."""

    pointer: str
    code: str
    message: str


def decides_on(session: Session, rule: DecisionRule) -> date | None:
    """Return the day on which it is decided whether a session is held, None while no day is planned."""
    first = first_day(session.slots)
    if session.terms.decide_on is not None or first is None:
        return session.terms.decide_on
    return FRANCE.before(first, rule.workdays_before)


def closes_on(session: Session) -> date | None:
    """Return the last day on which one enrols: the programme's access delay before the first half-day.

    Source: décret 2019-565, indicator 1: the delay between the request and the beginning is published, in days.
    """
    first = first_day(session.slots)
    if session.terms.closes_on is not None or first is None:
        return session.terms.closes_on
    return date.fromordinal(first.toordinal() - (session.pinned.access_days or 0))


def require_draft(session: Session) -> None:
    """Let only what nobody could read be rewritten whole or thrown away. Raises NotDraft."""
    if session.status is not SessionStatus.DRAFT:
        raise NotDraft("Cette session a été annoncée : déplacez-la ou annulez-la.")


def require_slots(session: Session) -> None:
    """Let only what has half-days be carried to another day. Raises NothingToCopy."""
    if not session.slots:
        raise NothingToCopy("Cette session n'a pas de demi-journée : rien ne se reporte à un autre jour.")


def require_open(session: Session, now: datetime) -> None:
    """Let only what is neither over nor cancelled change. Raises SessionEnded."""
    status = session.status_at(now)
    if status in (SessionStatus.OVER, SessionStatus.CANCELLED):
        raise SessionEnded(f"Cette session est {status.label} : elle ne change plus.")


def require_announced(session: Session, now: datetime) -> None:
    """Let an act be done of what people count on. Raises NotAnnounced, SessionEnded."""
    require_open(session, now)
    if session.status not in ANNOUNCED:
        raise NotAnnounced("Cette session est en préparation : annoncez-la d'abord.")


def amend(session: Session, terms: Terms, now: datetime) -> Session:
    """Decide otherwise of a session. Raises SessionEnded, AudienceKept, DateWrong."""
    require_open(session, now)
    announced = session.status in ANNOUNCED
    if announced and bool(terms.reserved_for) != bool(session.terms.reserved_for):
        raise AudienceKept("Cette session est annoncée : ouverte, elle le reste ; réservée, elle le reste.")
    if announced and terms.zone != session.terms.zone:
        raise AudienceKept("Cette session est annoncée à une heure locale : déplacez-la plutôt.")
    changed = _changed(session, terms=terms)
    require_dates(changed)
    return changed


def plan(session: Session, slots: Sequence[Slot]) -> Session:
    """Give a draft its half-days, whole. Raises NotDraft, DateWrong."""
    require_draft(session)
    changed = _changed(session, slots=tuple(slots))
    require_dates(changed)
    return changed


def move(session: Session, slots: Sequence[Slot], now: datetime) -> Session:
    """Give an announced session other half-days, those that have begun left as they are.

    Raises NotAnnounced, SessionEnded, SlotHeld, NothingMoved, DateWrong.
    """
    require_announced(session, now)
    begun = {slot for slot in session.slots if slot.starts_at <= now}
    if begun != {slot for slot in slots if slot.starts_at <= now}:
        raise SlotHeld("Une demi-journée commencée ne se déplace pas, ne se retire pas et ne s'ajoute pas après coup.")
    if tuple(slots) == session.slots:
        raise NothingMoved("Ces demi-journées sont celles de la session : rien ne se déplace.")
    changed = _changed(session, slots=tuple(slots))
    require_dates(changed)
    return changed


def price(session: Session, costs: Sequence[CostLine]) -> Session:
    """Say what a session costs, whole; also afterwards, when the bills are in."""
    return _changed(session, costs=tuple(costs))


def adopt(session: Session, pinned: Pinned, now: datetime) -> Session:
    """Teach the programme's present version. Raises SessionEnded, AlreadyAtVersion."""
    require_open(session, now)
    if pinned == session.pinned:
        raise AlreadyAtVersion(f"La session suit déjà la version {pinned.number} du programme.")
    return _changed(session, pinned=pinned)


def schedule(session: Session, found: Sequence[Defect], now: datetime) -> Session:
    """Announce a draft. Raises NotDraft, Incomplete."""
    require_draft(session)
    require_none(found, "Cette session ne peut pas encore s'annoncer : ")
    return _changed(session, status=SessionStatus.SCHEDULED, announced_at=now)


def confirm(session: Session, now: datetime) -> Session:
    """Promise that an announced session is held. Raises NotAnnounced, SessionEnded, AlreadyConfirmed."""
    require_announced(session, now)
    if session.status is SessionStatus.CONFIRMED:
        raise AlreadyConfirmed("Cette session est déjà confirmée.")
    return _changed(session, status=SessionStatus.CONFIRMED, confirmed_at=now)


def postpone(session: Session, day: date, reason: str, now: datetime) -> Session:
    """Decide on another day whether it is held. Raises NotAnnounced, SessionEnded, AlreadyConfirmed."""
    confirm(session, now)
    return _changed(session, terms=replace(session.terms, decide_on=day, decide_reason=reason))


def cancel(session: Session, reason_code: CancelReason, now: datetime) -> Session:
    """Give up an announced session; what it held is free again. Raises NotAnnounced, SessionEnded."""
    require_announced(session, now)
    return _changed(session, status=SessionStatus.CANCELLED, cancelled_at=now, reason_code=reason_code)


def require_no_worse(before: Sequence[Defect], after: Sequence[Defect]) -> None:
    """Let an announced session change only into what could be announced. Raises Incomplete.

    What was wrong already, such as a trainer fallen ill, does not keep the rest from being mended.
    """
    known = {(one.code, one.message) for one in before}
    new = [one for one in after if (one.code, one.message) not in known]
    require_none(new, "Ce changement ne va pas : ")


def require_none(found: Sequence[Defect], why: str) -> None:
    """Let nothing pass that has a defect. Raises Incomplete."""
    if found:
        raise Incomplete(
            why + " ".join(one.message for one in found),
            errors=[FieldError(one.pointer, one.code, one.message) for one in found],
        )


def require_dates(session: Session) -> None:
    """Let a day be set in the place of a rule's where it can be kept, and is said why. Raises DateWrong."""
    terms, first = session.terms, first_day(session.slots)
    if (terms.decide_on is None) != (terms.decide_reason == ""):
        raise DateWrong("Un jour de décision fixé à la main s'explique ; sans lui, rien à expliquer.")
    for name, day in (("Le jour de la décision", terms.decide_on), ("La clôture des inscriptions", terms.closes_on)):
        if day is not None and first is not None and day > first:
            raise DateWrong(
                f"{name}, le {write_day(day)}, vient après la première demi-journée, le {write_day(first)}."
            )


def without_days(terms: Terms) -> Terms:
    """Return what is decided but the days that were set by hand: another session has its own."""
    return replace(terms, decide_on=None, decide_reason="", closes_on=None)


def at_hours(session: Session, slots: Sequence[Slot]) -> Session:
    """Give a draft the same half-days at the hour of another zone, in the same change as its terms."""
    return replace(session, slots=tuple(slots))


def _changed(session: Session, **fields: object) -> Session:
    return replace(session, version=session.version + 1, **fields)  # type: ignore[arg-type]  # fields of its own
