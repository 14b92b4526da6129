"""A session as enrolments know it."""

from uuid import UUID

from common.transaction import Read
from training.enrolments.domain import OpenSession, SessionNotOpen
from training.sessions.queries.outline import Outline, outline_of


def as_open(session: Outline) -> OpenSession:
    """Return what seats are asked of. Raises SessionNotOpen: without half-days or a number of seats there are none."""
    if session.first_starts_at is None or session.seats_max is None:
        raise SessionNotOpen("Cette session n'a pas encore de dates ou de nombre de places.")
    return OpenSession(
        id=session.id,
        reference=session.reference,
        title=session.title,
        programme_code=session.programme_code,
        delegation=session.delegation,
        announced=session.announced,
        closes_on=session.closes_on,
        first_starts_at=session.first_starts_at,
        half_days=session.half_days,
        remote=session.remote,
        reserved_for=frozenset(session.reserved_for),
        seats=session.seats_max,
    )


async def open_session(read: Read, session_id: UUID) -> OpenSession:
    """Return a session whose seats are counted. Raises SessionNotFound, SessionNotOpen."""
    return as_open(await outline_of(read, session_id))
