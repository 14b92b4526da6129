"""The half-days of a session: when, where, with whom, and what a change of them says.

Half-days are the unit that attendance is signed by, trainers and rooms are paid by, and the yearly report splits by
(arrêté of 21 December 2018; Cerfa 10443*17).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from common.moments import instant, require_hours
from common.wording import write_day
from training.programmes.domain import Mode
from training.sessions.domain.refusals import SlotsOverlap, SlotTimesWrong, ZoneUnknown
from training.trainers.domain import HalfDay

METROPOLE = "Europe/Paris"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A half-day as somebody asks for it, at the hours that its place reads on the wall."""

    id: UUID
    half_day: HalfDay
    begins: time
    ends: time
    room_id: UUID | None = None
    remote: bool = False
    trainers: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A half-day of a session. Instants are UTC; ``zone`` is where its hours are read. In a room, remote, or both."""

    id: UUID
    half_day: HalfDay
    starts_at: datetime
    ends_at: datetime
    zone: str
    room_id: UUID | None = None
    remote: bool = False
    trainers: tuple[UUID, ...] = ()

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ends_at - self.starts_at

    def written(self) -> str:
        """Write when it is, as its place reads it: « 3 mars 2027, matin, 9 h 00 à 12 h 30 »."""
        begins, ends = (at.astimezone(ZoneInfo(self.zone)) for at in (self.starts_at, self.ends_at))
        half = self.half_day.half.label
        return f"{write_day(self.half_day.day)}, {half}, {begins:%-H h %M} à {ends:%-H h %M}"


def lay_out(wanted: Iterable[Wanted], rooms: Mapping[UUID, str], zone: str) -> tuple[Slot, ...]:
    """Place half-days in time, each at the hour of its room (``rooms``: their zones), else at that of the session.

    Raises HourSkipped, SlotTimesWrong, SlotsOverlap.
    """
    slots = sorted((_placed(one, rooms.get(one.room_id, zone) if one.room_id else zone) for one in wanted), key=_start)
    for one, other in pairwise(sorted(slots, key=lambda slot: slot.half_day.rank)):
        if one.half_day == other.half_day:
            raise SlotsOverlap(f"Deux fois la même demi-journée : {one.written()} et {other.written()}.")
    for one, other in pairwise(slots):
        if other.starts_at < one.ends_at or other.half_day.rank < one.half_day.rank:
            raise SlotsOverlap(f"Ces demi-journées se chevauchent : {one.written()} et {other.written()}.")
    return tuple(slots)


def require_zone(zone: str) -> None:
    """Let a session be held at the hour of a zone that exists. Raises ZoneUnknown."""
    if zone not in _zones():
        raise ZoneUnknown(f"« {zone} » n'est pas un fuseau horaire : écrivez-le comme Indian/Reunion.")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def carried(slots: Iterable[Slot], days: int, ids: Iterable[UUID]) -> Iterator[Wanted]:
    """Return the same half-days so many days later, at the same hours of the clock, each with an id of its own."""
    for slot, slot_id in zip(slots, ids, strict=False):
        half_day = HalfDay(slot.half_day.day + timedelta(days), slot.half_day.half)
        yield asked_again(slot, half_day, slot_id)


def asked_again(slot: Slot, half_day: HalfDay, slot_id: UUID) -> Wanted:
    """Return a half-day as somebody would ask for it, at the hours that its place reads."""
    begins, ends = (at.astimezone(ZoneInfo(slot.zone)).time() for at in (slot.starts_at, slot.ends_at))
    return Wanted(
        id=slot_id,
        half_day=half_day,
        begins=begins,
        ends=ends,
        room_id=slot.room_id,
        remote=slot.remote,
        trainers=slot.trainers,
    )


def hours_of(slots: Iterable[Slot]) -> Decimal:
    """Return how long the half-days last together, in hours."""
    seconds = sum((slot.length for slot in slots), timedelta())
    return (Decimal(round(seconds / timedelta(seconds=1))) / round(_HOUR.total_seconds())).quantize(Decimal("0.01"))


def mode_of(slots: Sequence[Slot]) -> Mode | None:
    """Return how a session is taught, by where its half-days are; None while none says where it is."""
    modes = {_mode(slot) for slot in slots} - {None}
    return modes.pop() if len(modes) == 1 else Mode.MIXED if modes else None


def _mode(slot: Slot) -> Mode | None:
    if slot.room_id is not None:
        return Mode.MIXED if slot.remote else Mode.ON_SITE
    return Mode.REMOTE if slot.remote else None


def first_day(slots: Sequence[Slot]) -> date | None:
    """Return the day of the first half-day."""
    return slots[0].half_day.day if slots else None


def last_day(slots: Sequence[Slot]) -> date | None:
    """Return the day of the last half-day."""
    return slots[-1].half_day.day if slots else None


def _placed(one: Wanted, zone: str) -> Slot:
    require_hours(one.half_day.day, one.begins, one.ends, zone)
    starts_at, ends_at = (instant(one.half_day.day, hour, zone) for hour in (one.begins, one.ends))
    if starts_at >= ends_at:
        raise SlotTimesWrong(f"Le {write_day(one.half_day.day)}, {one.half_day.half.label} : la fin précède le début.")
    return Slot(
        id=one.id,
        half_day=one.half_day,
        starts_at=starts_at,
        ends_at=ends_at,
        zone=zone,
        room_id=one.room_id,
        remote=one.remote,
        trainers=one.trainers,
    )


def _start(slot: Slot) -> datetime:
    return slot.starts_at
