"""Dates: what each source says of its own, and what a calendar must see of every change."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.labels import Labelled
from common.moments import When


class AgendaEntryNotFound(NotFound):
    """No such date within reach."""

    code = "agenda_entry_not_found"


class AgendaEntryNotYours(Forbidden):
    """A delegation writes its own dates; those of all are the network's."""

    code = "agenda_entry_not_yours"


class AgendaEntryElsewhere(Conflict):
    """What comes from elsewhere is changed there, and the agenda follows."""

    code = "agenda_entry_elsewhere"


class AgendaEntryCancelled(Conflict):
    """What was cancelled stays so: another date is written."""

    code = "agenda_entry_cancelled"


class AgendaEntryOver(Conflict):
    """What is over is neither moved nor cancelled."""

    code = "agenda_entry_over"


class AgendaKindUnknown(Invalid):
    """The kind is none of those that are written by hand."""

    code = "agenda_kind_unknown"


class Audience(Labelled):
    """Who sees a date."""

    PUBLIC = "public", "tout le monde"
    MEMBERS = "members", "les adhérentes"
    PARTICIPANTS = "participants", "celles qui y sont invitées"
    BOARD = "board", "le conseil d'administration"
    STRUCTURE = "structure", "la structure concernée, elle seule"


class AgendaMode(Labelled):
    """How people meet."""

    ON_SITE = "on_site", "sur place"
    REMOTE = "remote", "à distance"
    MIXED = "mixed", "sur place ou à distance"


class AgendaStatus(Labelled):
    """Whether it will be held."""

    TENTATIVE = "tentative", "à confirmer"
    CONFIRMED = "confirmed", "confirmée"
    CANCELLED = "cancelled", "annulée"


class Source(Labelled):
    """Where a date is kept, and so where it is changed."""

    AGENDA = "agenda", "l'agenda"
    MEETINGS = "meetings", "les rencontres départementales"
    ASSEMBLIES = "assemblies", "les assemblées générales"
    SITTINGS = "sittings", "les séances du conseil"
    ACCOMPANIMENTS = "accompaniments", "les créneaux d'accompagnement"
    DECLARATIONS = "declarations", "les campagnes de déclaration"
    RENEWALS = "renewals", "le renouvellement"
    INTERVIEWS = "interviews", "les entretiens annuels"
    TRAINING = "training", "le service des formations"
    LEGAL_DESK = "legal-desk", "le service juridique"
    PTCE = "ptce", "le service des PTCE"
    DUES = "dues", "le service des cotisations"
    FG2I = "fg2i", "le service du fonds de garantie"


@dataclass(frozen=True, slots=True)
class Told:
    """What a source says of one of its dates, whole, each time something of it changes.

    ``participants``: the structures that were called to it, or are in it; None where the source does not know them and
    another capability says them. ``listed``: whether it shows to those who are not in it, and work for none of those
    who run the network.
    """

    id: UUID
    source: Source
    kind: str
    title: str
    when: When
    audience: Audience
    delegation: str | None = None
    description: str | None = None
    mode: AgendaMode | None = None
    place: str | None = None
    url: str | None = None
    status: AgendaStatus = AgendaStatus.CONFIRMED
    cancelled_reason: str | None = None
    participants: tuple[UUID, ...] | None = ()
    listed: bool = True


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """One date of the agenda. ``sequence`` counts what calendars had to see changed (RFC 5545 §3.8.7.4), from 0.

    ``heard`` is the sequence of the last fact of another service, None for what is not heard from the bus.
    """

    told: Told
    recorded_at: datetime
    changed_at: datetime
    sequence: int = 0
    cancelled_at: datetime | None = None
    heard: int | None = None

    @property
    def version(self) -> int:
        """Its version, for who changes it."""
        return self.sequence + 1


@dataclass(frozen=True, slots=True)
class AgendaKind:
    """What a date is, with its French name; ``by_hand``: it may be written in the agenda itself."""

    code: str
    label: str
    by_hand: bool


def is_web_page(url: str) -> bool:
    """Tell whether an address is a page of the web that a calendar can carry: https, neither spaces nor the unseen."""
    return url.startswith("https://") and url.isprintable() and " " not in url


def retell(before: AgendaEntry | None, told: Told, now: datetime, heard: int | None = None) -> AgendaEntry:
    """Return the entry that says what a source tells; the same words again change nothing.

    Which structures see it, and whether it shows, move no sequence: a calendar reads the same words or none.
    """
    cancelled_at = now if told.status is AgendaStatus.CANCELLED else None
    if told.participants is None:
        told = replace(told, participants=before.told.participants if before else ())
    if before is None:
        return AgendaEntry(told, now, now, cancelled_at=cancelled_at, heard=heard)
    if told == before.told:
        return replace(before, heard=heard)
    seen = _shown(told) != _shown(before.told)
    if cancelled_at:
        cancelled_at = before.cancelled_at or now
    changed = replace(before, told=told, changed_at=max(now, before.changed_at), cancelled_at=cancelled_at, heard=heard)
    return replace(changed, sequence=before.sequence + seen)


def is_new(before: AgendaEntry | None, heard: int) -> bool:
    """Tell whether a fact says more than what was heard already."""
    return before is None or before.heard is None or before.heard < heard


def require_own(entry: AgendaEntry) -> None:
    """Let the agenda change what is kept in it. Raises AgendaEntryElsewhere, AgendaEntryCancelled."""
    if entry.told.source is not Source.AGENDA:
        raise AgendaEntryElsewhere(f"Cette date vient d'ailleurs ({entry.told.source.label}) : changez-la là-bas.")
    if entry.told.status is AgendaStatus.CANCELLED:
        reason = (entry.told.cancelled_reason or "").rstrip(" .")
        raise AgendaEntryCancelled(f"Cette date est annulée ({reason}). Saisissez-en une autre.")


def require_movable(entry: AgendaEntry, now: datetime) -> None:
    """Let what is not over be moved or cancelled. Raises AgendaEntryOver, and what ``require_own`` raises."""
    require_own(entry)
    if entry.told.when.over_at <= now:
        raise AgendaEntryOver("Ce moment est passé : il reste dans l'agenda tel qu'il a eu lieu.")


def require_kind(kinds: Collection[AgendaKind], code: str) -> None:
    """Let a date be of a kind that is written by hand. Raises AgendaKindUnknown."""
    by_hand = [kind.code for kind in kinds if kind.by_hand]
    if code not in by_hand:
        raise AgendaKindUnknown(f"« {code} » ne se saisit pas ici. Codes possibles : {', '.join(by_hand)}.")


def _shown(told: Told) -> Told:
    """Return what a calendar reads of it."""
    return replace(told, participants=(), listed=True)
