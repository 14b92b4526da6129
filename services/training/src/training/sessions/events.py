"""What the other services are told of a session, in the words of their contract: no person, no remote address."""

from typing import TypeVar

from common.contracts.gatherings import GatheringState
from common.contracts.training import SessionFact, SessionMoved
from training.programmes.domain import Mode
from training.sessions.domain import Listed, Session, SessionStatus, mode_of

_KIND = "training_session"
_MOVED = "moved"
_Told = TypeVar("_Told", bound=SessionFact)


def told(fact: type[_Told], session: Session, listed: Listed) -> _Told:
    """Return a fact of a session that has half-days. One that was confirmed and then changes is moved, and firm."""
    is_moved = fact is SessionMoved and session.status is SessionStatus.CONFIRMED
    return fact(state=_state(session, listed, _MOVED if is_moved else session.status.value))


def says_the_same(before: Session, was: Listed, after: Session, now: Listed) -> bool:
    """Tell whether a change of a session is none for those who are told of it."""
    return _state(before, was, "") == _state(after, now, "")


def _state(session: Session, listed: Listed, status: str) -> GatheringState:
    first, last = session.slots[0], session.slots[-1]
    return GatheringState(
        id=session.id,
        title=session.pinned.title,
        kind=_KIND,
        starts_at=first.starts_at,
        ends_at=last.ends_at,
        zone=first.zone,
        mode=mode_of(session.slots) or Mode.ON_SITE,
        venue=listed.venue,
        city=listed.city,
        department=listed.department,
        delegation=session.terms.delegation,
        audience="participants" if session.terms.reserved_for else "public",
        status=status,
        reason_code=session.reason_code,
        url=None,
    )
