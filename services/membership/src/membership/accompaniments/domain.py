"""The catalogue of accompaniments and its slots: what is offered, to whom, and when a place can be booked."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.labels import Labelled
from common.wording import write_day
from membership.members.domain import ActivityKind
from membership.territory.domain import NETWORK_ZONE, Zone

_MOST_SLOTS = 200
_TOLD = ("starts_at", "ends_at", "place", "link")


class AccompanimentNotFound(NotFound):
    """No such offer within reach."""

    code = "accompaniment_not_found"


class AccompanimentNotYours(Forbidden):
    """Each delegation runs its own offers; those of the network are the network's."""

    code = "accompaniment_not_yours"


class AccompanimentKindUnknown(Invalid):
    """The kind is none of those that the federation defines."""

    code = "accompaniment_kind_unknown"


class AccompanimentClosed(Conflict):
    """Nothing is opened nor booked on a closed offer."""

    code = "accompaniment_closed"


class AccompanimentOpen(Conflict):
    """Only a closed offer is opened again."""

    code = "accompaniment_open"


class SlotNotFound(NotFound):
    """No such slot within reach."""

    code = "slot_not_found"


class SlotInPast(Invalid):
    """A slot is opened, or moved, to a time that has not come."""

    code = "slot_in_past"


class SlotsOutOfBounds(Invalid):
    """A call opens at least one slot, and not more than two hundred."""

    code = "slots_out_of_bounds"


class SlotZoneUnknown(Invalid):
    """A delegation's slots are at one of its own local times."""

    code = "slot_zone_unknown"


class AdviserBusy(Conflict):
    """An adviser holds one slot at a time."""

    code = "adviser_busy"


class SlotCancelled(Conflict):
    """What was cancelled is neither booked, moved nor cancelled again."""

    code = "slot_cancelled"


class SlotStarted(Conflict):
    """What has begun is not moved nor cancelled any more."""

    code = "slot_started"


class SeriesNotFound(NotFound):
    """No such series within reach."""

    code = "series_not_found"


class SeriesOver(Conflict):
    """Nothing of the series is left to cancel."""

    code = "series_over"


class SlotTooLate(Conflict):
    """The last moment to book has passed."""

    code = "slot_too_late"


class SlotFull(Conflict):
    """Every place is taken."""

    code = "slot_full"


class SlotTooSmall(Conflict):
    """A slot keeps a place for each structure that booked it."""

    code = "slot_too_small"


class Level(Labelled):
    """How far an accompaniment goes."""

    FIRST = "first", "premier niveau"
    FURTHER = "further", "niveau suivant, sur devis"


class MeetingMode(Labelled):
    """How the structure and its adviser meet."""

    REMOTE = "remote", "à distance"
    ON_SITE = "on_site", "sur place"
    EITHER = "either", "à distance ou sur place"


@dataclass(frozen=True, slots=True)
class AccompanimentKind:
    """A kind of accompaniment defined nationally. ``activities``: for which structures; none for all."""

    code: str
    label: str
    description: str
    first_level_free: bool
    activities: tuple[ActivityKind, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingRule:
    """Until when a place is booked and dropped, in hours before the slot, and how often the first level is free."""

    since: date
    book_hours_before: int
    cancel_hours_before: int
    first_level_once_a_year: bool
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer promises. Changed, it is another edition; a booking keeps the one it was made on."""

    title: str
    description: str
    preparation: str
    duration_minutes: int
    mode: MeetingMode
    activities: tuple[ActivityKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind at one level, offered by a delegation, or by the network to all (``delegation`` is None)."""

    id: UUID
    kind: str
    delegation: str | None
    level: Level
    terms: Terms
    is_open: bool = True
    edition: int = 1
    version: int = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which an offer is held. Instants are UTC, ``zone`` is the local time it was given in."""

    id: UUID
    offer_id: UUID
    starts_at: datetime
    ends_at: datetime
    zone: str
    capacity: int
    adviser: str
    place: str | None
    link: str | None
    book_until: datetime
    cancel_until: datetime
    series_id: UUID | None = None
    taken: int = 0
    moved_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Series:
    """Slots of ``minutes`` one after the other between two local hours, on some weekdays, for some weeks.

    Weekdays count from Monday, 0. One slot is a series of one.
    """

    first_day: date
    begins: time
    ends: time
    minutes: int
    weeks: int = 1
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """When the slots of a series are, as pairs of instants, and the public holidays that were left out."""

    times: tuple[tuple[datetime, datetime], ...]
    left_out: tuple[tuple[date, str], ...]


def require_open(offer: Offer) -> None:
    """Let only an open offer have slots and bookings. Raises AccompanimentClosed."""
    if not offer.is_open:
        raise AccompanimentClosed(f"« {offer.terms.title} » n'est plus ouvert à la réservation.")


def amend(offer: Offer, terms: Terms) -> Offer:
    """Change what an offer promises from now on, as another edition; the same words change nothing."""
    if terms == offer.terms:
        return offer
    return replace(offer, terms=terms, edition=offer.edition + 1, version=offer.version + 1)


def close(offer: Offer) -> Offer:
    """Take an offer from booking; what is booked stays booked. Raises AccompanimentClosed."""
    require_open(offer)
    return replace(offer, is_open=False, version=offer.version + 1)


def reopen(offer: Offer) -> Offer:
    """Open a closed offer to booking again. Raises AccompanimentOpen."""
    require_closed(offer)
    return replace(offer, is_open=True, version=offer.version + 1)


def require_closed(offer: Offer) -> None:
    """Let only a closed offer be opened. Raises AccompanimentOpen."""
    if offer.is_open:
        raise AccompanimentOpen(f"« {offer.terms.title} » est déjà ouvert à la réservation.")


def zone_of(zones: Collection[Zone], delegation: str | None, wanted: str | None) -> Zone:
    """Return the local time of a delegation's slot: the one wanted, or its first. Raises SlotZoneUnknown."""
    own = [zone for zone in zones if zone.delegation == delegation]
    own = own or [Zone(delegation or "", NETWORK_ZONE, "")]
    for zone in own:
        if wanted in (None, zone.zone):
            return zone
    offered = ", ".join(zone.zone for zone in own)
    raise SlotZoneUnknown(f"Cette délégation n'est pas à l'heure de {wanted}. Heures possibles : {offered}.")


def plan(series: Series, zone: str, holidays: Mapping[date, str], now: datetime) -> Planned:
    """Lay out a series in local time, the public holidays left out. Raises SlotInPast, SlotsOutOfBounds.

    The hour is the one people read on the wall: it stays when the clocks change.
    """
    days = list(_days(series))
    times = [pair for day in days if day not in holidays for pair in _times(series, day, ZoneInfo(zone))]
    left_out = tuple((day, holidays[day]) for day in days if day in holidays)
    if not times:
        named = ", ".join(f"{write_day(day)} ({name})" for day, name in left_out)
        why = f" Jours fériés laissés : {named}." if named else " Élargissez les heures, ou raccourcissez la durée."
        raise SlotsOutOfBounds(f"Aucun créneau n'entre dans ces heures.{why}")
    if len(times) > _MOST_SLOTS:
        raise SlotsOutOfBounds(f"{len(times)} créneaux d'un coup : {_MOST_SLOTS} au plus. Ouvrez moins de semaines.")
    if times[0][0] <= now:
        raise SlotInPast("Le premier créneau est déjà passé : choisissez un jour à venir.")
    return Planned(tuple(times), left_out)


def _days(series: Series) -> Iterator[date]:
    weekdays = series.weekdays or (series.first_day.weekday(),)
    for offset in range(series.weeks * 7):
        day = series.first_day + timedelta(days=offset)
        if day.weekday() in weekdays:
            yield day


def _times(series: Series, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    length, start = timedelta(minutes=series.minutes), datetime.combine(day, series.begins)
    while start + length <= datetime.combine(day, series.ends):
        begins = start.replace(tzinfo=zone).astimezone(UTC)
        yield begins, begins + length  # on the clock's own time: an hour that is skipped ends no earlier than it begins
        start += length


def limits(rule: BookingRule, starts_at: datetime) -> tuple[datetime, datetime]:
    """Return the last moments to book and to cancel a place."""
    book = starts_at - timedelta(hours=rule.book_hours_before)
    return book, starts_at - timedelta(hours=rule.cancel_hours_before)


def require_bookable(slot: Slot, now: datetime) -> None:
    """Let a place be booked while there is one and it is time. Raises SlotCancelled, SlotTooLate, SlotFull."""
    _require_kept(slot)
    if now > slot.book_until:
        raise SlotTooLate(f"Ce créneau se réservait jusqu'au {write_there(slot.book_until, slot.zone)}.")
    if slot.taken >= slot.capacity:
        raise SlotFull("Ce créneau n'a plus de place : choisissez-en un autre.")


def require_changeable(slot: Slot, now: datetime) -> None:
    """Let a slot be moved or cancelled before it begins. Raises SlotCancelled, SlotStarted."""
    _require_kept(slot)
    if now >= slot.starts_at:
        raise SlotStarted(f"Ce créneau a commencé le {write_there(slot.starts_at, slot.zone)}.")


def move(slot: Slot, moved: Slot, now: datetime) -> Slot:
    """Give a slot another time or place. Raises SlotCancelled, SlotStarted, SlotInPast, SlotTooSmall."""
    require_changeable(slot, now)
    if moved.starts_at <= now:
        raise SlotInPast("Ce moment est déjà passé : choisissez un moment à venir.")
    if moved.capacity < slot.taken:
        raise SlotTooSmall(f"{slot.taken} places sont déjà réservées : gardez-en au moins autant.")
    told = any(getattr(moved, name) != getattr(slot, name) for name in _TOLD)
    return replace(moved, moved_at=now if told else slot.moved_at, version=slot.version + 1)


def cancel(slot: Slot, reason: str, now: datetime) -> Slot:
    """Cancel a slot before it begins; nobody keeps a place. Raises SlotCancelled, SlotStarted."""
    require_changeable(slot, now)
    return drop(slot, reason, now)


def drop(slot: Slot, reason: str, now: datetime) -> Slot:
    """Cancel a slot that is known to be to come, as all that is left of a series."""
    return replace(slot, taken=0, cancelled_at=now, cancel_reason=reason, version=slot.version + 1)


def left_of(slots: Iterable[Slot], first_day: date | None, now: datetime) -> list[Slot]:
    """Return what is left of a series: neither cancelled nor begun, from a day on, local. Raises SeriesOver."""
    left = [slot for slot in slots if slot.cancelled_at is None and slot.starts_at > now]
    left = [slot for slot in left if first_day is None or _day(slot) >= first_day]
    if not left:
        raise SeriesOver("Rien de cette série n'est encore à venir : choisissez un jour plus tôt, ou une autre série.")
    return left


def _day(slot: Slot) -> date:
    return slot.starts_at.astimezone(ZoneInfo(slot.zone)).date()


def write_there(at: datetime, zone: str) -> str:
    """Write an instant at the hour of the place it is about.

    >>> write_there(datetime(2026, 12, 1, 5, 0, tzinfo=UTC), "Indian/Reunion")
    '1er décembre 2026 à 9 h 00'
    """
    there = at.astimezone(ZoneInfo(zone))
    return f"{write_day(there.date())} à {there:%-H h %M}"


def _require_kept(slot: Slot) -> None:
    if slot.cancelled_at is not None:
        raise SlotCancelled(f"Ce créneau est annulé : {slot.cancel_reason}")
