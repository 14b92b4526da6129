"""Where people of a session can go: another of the same programme, the nearest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from common.labels import Labelled
from training.decisions.domain.refusals import NotSister
from training.sessions.domain import Session, require_announced


class Nearness(Labelled):
    """How near another session is held."""

    DEPARTMENT = "department", "même département"
    DELEGATION = "delegation", "même délégation"
    REMOTE = "remote", "à distance"
    ELSEWHERE = "elsewhere", "ailleurs"


_ORDER = list(Nearness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a session is held, for those who travel to it."""

    delegation: str | None
    department: str | None
    remote: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sister:
    """Another announced session of the same programme, that has not begun. ``free``: seats that nobody has."""

    session_id: UUID
    reference: str
    first_day: date
    at: Place
    free: int


def nearness(home: Place, other: Place) -> Nearness:
    """Return how near another session is."""
    if home.department is not None and home.department == other.department:
        return Nearness.DEPARTMENT
    if home.delegation is not None and home.delegation == other.delegation:
        return Nearness.DELEGATION
    return Nearness.REMOTE if other.remote else Nearness.ELSEWHERE


def ranked(home: Place, sisters: Iterable[Sister]) -> list[Sister]:
    """Return those that have room, the nearest first, then the soonest."""
    with_room = (one for one in sisters if one.free > 0)
    return sorted(with_room, key=lambda one: (_ORDER.index(nearness(home, one.at)), one.first_day, one.reference))


def require_sisters(session: Session, others: Sequence[Session], now: datetime) -> None:
    """Let people go only where the same is taught, to come, to them too.

    Raises NotSister, NotAnnounced, SessionEnded.
    """
    if len({one.id for one in (session, *others)}) <= len(others):
        raise NotSister("Nommez d'autres sessions, chacune une fois.")
    for other in others:
        require_announced(other, now)
        if other.slots[0].starts_at <= now:
            raise NotSister(f"La session {other.reference} a commencé.")
        if other.pinned.code != session.pinned.code:
            raise NotSister(f"La session {other.reference} est d'un autre programme, {other.pinned.code}.")
        held_for = other.terms.reserved_for
        if held_for and not (session.terms.reserved_for and set(session.terms.reserved_for) <= set(held_for)):
            raise NotSister(f"La session {other.reference} est réservée à d'autres structures.")
