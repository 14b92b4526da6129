"""The rules of calendars: whose, at which secret addresses, and what calendars were told that is so no more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from common.labels import Labelled
from common.moments import instant
from common.secret_addresses import SecretAddress
from training.sessions.domain import METROPOLE

_GONE = "Cette demi-journée n'a plus lieu à ce moment, ou n'est plus dans ce calendrier."


class Reader(Labelled):
    """Whose half-days a calendar shows."""

    TRAINER = "trainer", "un formateur"
    TRAINEE = "trainee", "une personne formée"
    STRUCTURE = "structure", "une structure"


class SlotStatus(StrEnum):
    """Whether a half-day will be held: of a session to be confirmed, of one that is, or not any more."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """How long addresses serve and what calendars show, in days, half-days and hours.

    ``feed_notice_days``: when a calendar begins to say that it ends. ``feed_kept_days``: an address that serves no more
    is still listed, and one that expired can be renewed. ``ask_again_hours``: what calendars are asked to wait between
    two readings. ``mail_kept_days``: how long a mail that bears an address is kept.
    """

    since: date
    feed_days: int
    feed_notice_days: int
    feed_kept_days: int
    feeds_each: int
    past_shown_days: int
    cancelled_shown_days: int
    most_in_a_calendar: int
    ask_again_hours: int
    mail_kept_days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAddress(SecretAddress):
    """A secret address at which a calendar reads the half-days of ``reader_id``.

    ``through``: the structure that gave its person the address. What that person learns at their own expense is none of
    the structure's business, and is not shown. ``mail_id``: the mail that bears it, None where none does.
    """

    reader: Reader
    reader_id: UUID
    through: UUID | None
    label: str
    created_by: str
    mail_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a calendar shows of a half-day, in words; ``zone`` is where its hours are read. It names nobody."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    status: SlotStatus
    title: str
    place: str | None
    description: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the calendar of an address was last told of a half-day.

    ``sequence`` counts what it had to see changed, from 0 (RFC 5545 §3.8.7.4): one that goes back is not read.
    """

    slot_id: UUID
    said: Said
    sequence: int
    told_at: datetime
    changed_at: datetime


def retell(known: Mapping[UUID, Told], present: Mapping[UUID, Said], now: datetime) -> dict[UUID, Told]:
    """Return what calendars are told now: what is, and cancelled, what they were told and is no more.

    What none was ever told is cancelled nowhere: there is nothing to drop. Told again, what is the same stays the same.
    """
    said = {slot_id: _cancelled(told.said) for slot_id, told in known.items()} | dict(present)
    return {slot_id: _retold(known.get(slot_id), slot_id, one, now) for slot_id, one in said.items()}


def shown(told: Iterable[Told], rule: CalendarRule, now: datetime) -> list[Told]:
    """Return what a calendar still shows, the earliest first: not long over, and not long cancelled.

    Of more than a calendar takes, the nearest to come stay, then the latest that are over.
    """
    since, lately = shown_since(rule, now), now - timedelta(days=rule.cancelled_shown_days)
    fresh = [
        one
        for one in told
        if one.said.ends_at >= since and (one.said.status is not SlotStatus.CANCELLED or one.changed_at >= lately)
    ]
    nearest = sorted(fresh, key=lambda one: (one.said.ends_at <= now, abs(one.said.starts_at - now), one.slot_id))
    return sorted(nearest[: rule.most_in_a_calendar], key=lambda one: (one.said.starts_at, one.slot_id))


def shown_since(rule: CalendarRule, now: datetime) -> datetime:
    """Return since when a calendar shows what is over."""
    return now - timedelta(days=rule.past_shown_days)


def expires_on(today: date, rule: CalendarRule) -> date:
    """Return the last day of an address that is given or renewed today."""
    return today + timedelta(days=rule.feed_days)


def notice_from(address: CalendarAddress, rule: CalendarRule) -> datetime:
    """Return since when a calendar says that its address stops serving: else it would stop without a word."""
    return instant(address.expires_on - timedelta(days=rule.feed_notice_days), time(), METROPOLE)


def _cancelled(said: Said) -> Said:
    if said.status is SlotStatus.CANCELLED:
        return said
    return replace(said, status=SlotStatus.CANCELLED, description=_GONE, url=None)


def _retold(known: Told | None, slot_id: UUID, said: Said, now: datetime) -> Told:
    if known is None:
        return Told(slot_id=slot_id, said=said, sequence=0, told_at=now, changed_at=now)
    if known.said == said:
        return known
    return replace(known, said=said, sequence=known.sequence + 1, changed_at=now)
