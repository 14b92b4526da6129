"""A session as enrolments know it."""

from datetime import datetime
from uuid import UUID

from common.transaction import Read
from training.enrolments.domain import OpenSession, SessionNotOpen
from training.sessions.domain import ANNOUNCED, Session, closes_on
from training.sessions.queries.sessions import session_of


def as_open(session: Session, now: datetime) -> OpenSession:
    """Return what seats are asked of. Raises SessionNotOpen: without half-days or a number of seats there are none."""
    if not session.slots or session.terms.seats_max is None:
        raise SessionNotOpen("Cette session n'a pas encore de dates ou de nombre de places.")
    return OpenSession(
        id=session.id,
        reference=session.reference,
        title=session.pinned.title,
        programme_code=session.pinned.code,
        delegation=session.terms.delegation,
        announced=session.status_at(now) in ANNOUNCED,
        closes_on=closes_on(session),
        first_starts_at=session.slots[0].starts_at,
        half_days=tuple(slot.ends_at for slot in session.slots),
        remote=all(slot.remote and slot.room_id is None for slot in session.slots),
        reserved_for=frozenset(session.terms.reserved_for),
        seats=session.terms.seats_max,
    )


async def open_session(read: Read, session_id: UUID) -> OpenSession:
    """Return a session whose seats are counted. Raises SessionNotFound, SessionNotOpen."""
    return as_open(await session_of(read, session_id), read.now)
