"""Who sits in which sessions, without saying who: what calendars, and whatever counts people, asks of the seats."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from common.transaction import Read
from training.enrolments.domain import EnrolmentStatus
from training.enrolments.tables import EnrolmentRow
from training.members.queries import records_of

_SEAT: Any = EnrolmentRow.__table__  # type: ignore[attr-defined]
_CONFIRMED = _SEAT.c.status == EnrolmentStatus.CONFIRMED.value


async def sessions_of(read: Read, trainee_id: UUID, through: UUID | None) -> list[UUID]:
    """Return the sessions in which a person has a seat; ``through``: that a structure took, None for all."""
    query = select(_SEAT.c.session_id).where(_SEAT.c.trainee_id == trainee_id, _CONFIRMED)
    if through is not None:
        query = query.where(_SEAT.c.member_id.in_(records_of(through)))
    return list((await read.session.execute(query)).scalars())


async def seats_by_session(read: Read, member_id: UUID) -> dict[UUID, int]:
    """Return how many seats a structure has, by session; those that were taken under a duplicate are its own."""
    query = select(_SEAT.c.session_id, func.count()).where(_SEAT.c.member_id.in_(records_of(member_id)), _CONFIRMED)
    rows = await read.session.execute(query.group_by(_SEAT.c.session_id))
    return {row[0]: row[1] for row in rows}
