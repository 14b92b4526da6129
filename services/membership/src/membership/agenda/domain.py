"""The network's agenda: what each source says of its dates, and what a calendar must see of every change."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.labels import Labelled
from common.wording import write_day

FEED_DAYS = 400
"""How long a personal feed lives unless it is renewed: a year and a month. Ours; nobody publishes a length."""
CANCELLED_SHOWN_DAYS = 90
"""How long what was cancelled stays in the feeds, so that a calendar that keeps copies drops its own. Ours too."""
PAST_SHOWN_DAYS = 90
MOST_FEEDS = 20


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


class AgendaMomentPassed(Invalid):
    """A date is written for, or moved to, a moment that has not passed."""

    code = "agenda_moment_passed"


class AgendaKindUnknown(Invalid):
    """The kind is none of those that are written by hand."""

    code = "agenda_kind_unknown"


class AgendaZoneUnknown(Invalid):
    """The hour is that of one of the federation's places."""

    code = "agenda_zone_unknown"


class AgendaFeedNotFound(NotFound):
    """No such feed of yours; or an address that was revoked, or has expired."""

    code = "agenda_feed_not_found"


class AgendaFeedRevoked(Conflict):
    """A revoked address never serves again: another is asked for."""

    code = "agenda_feed_revoked"


class AgendaFeedsTooMany(Conflict):
    """Twenty addresses that serve are more than one person's calendars."""

    code = "agenda_feeds_too_many"


class Audience(Labelled):
    """Who sees a date."""

    PUBLIC = "public", "tout le monde"
    MEMBERS = "members", "les adhérentes"
    PARTICIPANTS = "participants", "celles qui y sont invitées"
    BOARD = "board", "le conseil d'administration"


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
    TRAINING = "training", "le service des formations"
    LEGAL_DESK = "legal-desk", "le service juridique"
    PTCE = "ptce", "le service des PTCE"


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time: two instants, UTC, and the IANA zone whose hour people read there.

    ``ends_at`` is None where nobody said until when. ``all_day``: from midnight there to the midnight after.
    """

    starts_at: datetime
    ends_at: datetime | None
    zone: str
    all_day: bool = False

    def local(self) -> tuple[datetime, datetime | None]:
        """Return both ends at the hour of the place."""
        there = ZoneInfo(self.zone)
        return self.starts_at.astimezone(there), self.ends_at.astimezone(there) if self.ends_at else None

    @property
    def over_at(self) -> datetime:
        """From when on it belongs to the past."""
        return self.ends_at or self.starts_at


@dataclass(frozen=True, slots=True)
class Told:
    """What a source says of one of its dates, whole, each time something of it changes.

    ``participants``: the structures that were called to it. ``listed``: whether it shows at all.
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
    participants: tuple[UUID, ...] = ()
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


@dataclass(frozen=True, slots=True)
class AgendaFeed:
    """A secret address at which a calendar reads what a person sees; the rights are those of the day it was given."""

    id: UUID
    subject: str
    label: str
    token_hash: str
    roles: tuple[str, ...]
    member_id: UUID | None
    delegation: str | None
    created_at: datetime
    expires_on: date
    last_used_on: date | None = None
    revoked_at: datetime | None = None


def hours(day: date, begins: time, ends: time | None, zone: str) -> When:
    """Return a stretch between two hours of one day, as read on the wall of a place.

    >>> hours(date(2026, 12, 1), time(9), None, "America/Cayenne").starts_at
    datetime.datetime(2026, 12, 1, 12, 0, tzinfo=datetime.timezone.utc)
    """
    return When(_instant(day, begins, zone), _instant(day, ends, zone) if ends else None, zone)


def whole_days(first: date, last: date, zone: str) -> When:
    """Return whole days, both included, where they are lived."""
    return When(_instant(first, time(), zone), _instant(last + timedelta(days=1), time(), zone), zone, all_day=True)


def of_day(day: date, begins: time | None, ends: time | None, zone: str) -> When:
    """Return the hours of a day, or the whole day while nobody said the hour."""
    return hours(day, begins, ends, zone) if begins else whole_days(day, day, zone)


def between(starts_at: datetime, ends_at: datetime, zone: str) -> When:
    """Return what is between two instants; a zone that this machine does not know is read in UTC."""
    return When(starts_at, ends_at if ends_at > starts_at else None, zone if zone in available_timezones() else "UTC")


def retell(before: AgendaEntry | None, told: Told, now: datetime, heard: int | None = None) -> AgendaEntry:
    """Return the entry that says what a source tells; the same words again change nothing.

    Which structures see it, and whether it shows, move no sequence: a calendar reads the same words or none.
    """
    cancelled_at = now if told.status is AgendaStatus.CANCELLED else None
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


def require_coming(when: When, now: datetime) -> None:
    """Let a date be written for what is not over. Raises AgendaMomentPassed."""
    if when.over_at <= now:
        raise AgendaMomentPassed("Ce moment est passé : choisissez un jour à venir.")


def require_own(entry: AgendaEntry) -> None:
    """Let the agenda change what is kept in it. Raises AgendaEntryElsewhere, AgendaEntryCancelled."""
    if entry.told.source is not Source.AGENDA:
        raise AgendaEntryElsewhere(f"Cette date vient d'ailleurs ({entry.told.source.label}) : changez-la là-bas.")
    if entry.told.status is AgendaStatus.CANCELLED:
        raise AgendaEntryCancelled(f"Cette date est annulée : {entry.told.cancelled_reason} Saisissez-en une autre.")


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


def require_zone(offered: Collection[str], zone: str) -> None:
    """Let an hour be that of one of the federation's places. Raises AgendaZoneUnknown."""
    if zone not in offered:
        raise AgendaZoneUnknown(f"« {zone} » n'est pas un fuseau du réseau. Fuseaux : {', '.join(offered)}.")


def expires_on(today: date) -> date:
    """Return the last day of a feed that is given or renewed today."""
    return today + timedelta(days=FEED_DAYS)


def require_serving(feed: AgendaFeed) -> None:
    """Let only an address that was not revoked be renewed or revoked. Raises AgendaFeedRevoked."""
    if feed.revoked_at is not None:
        revoked = write_day(feed.revoked_at.date())
        raise AgendaFeedRevoked(f"Cette adresse a été retirée le {revoked} : demandez-en une autre.")


def require_room(feeds: Collection[AgendaFeed], today: date) -> None:
    """Let a person have so many addresses that serve. Raises AgendaFeedsTooMany."""
    serving = [feed for feed in feeds if feed.revoked_at is None and feed.expires_on >= today]
    if len(serving) >= MOST_FEEDS:
        raise AgendaFeedsTooMany(f"Vous avez déjà {MOST_FEEDS} adresses : retirez-en une.")


def _shown(told: Told) -> Told:
    """Return what a calendar reads of it."""
    return replace(told, participants=(), listed=True)


def _instant(day: date, hour: time, zone: str) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)
