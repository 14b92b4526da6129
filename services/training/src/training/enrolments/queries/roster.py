"""Who has a seat of a session: what attendance is taken of."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from common.transaction import Read
from training.enrolments.domain import EnrolmentStatus
from training.enrolments.tables import EnrolmentRow
from training.trainees.queries import people_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """A seat that is taken, and who has it; nobody yet, where it has no name."""

    enrolment_id: UUID
    session_id: UUID
    member_id: UUID | None
    trainee_id: UUID | None
    name: str | None
    email: str | None


async def seated_in(read: Read, session_id: UUID) -> list[Seated]:
    """Return the seats of a session that are taken, by name, those without one at the end."""
    return await _seated(read, col(EnrolmentRow.session_id) == session_id)


async def seat_of(read: Read, enrolment_id: UUID) -> Seated | None:
    """Return a seat, None where it is not taken."""
    return next(iter(await _seated(read, col(EnrolmentRow.id) == enrolment_id)), None)


async def _seated(read: Read, which: ColumnElement[bool]) -> list[Seated]:
    query = select(EnrolmentRow).where(which, col(EnrolmentRow.status) == EnrolmentStatus.CONFIRMED.value)
    rows = list((await read.session.execute(query.execution_options(populate_existing=True))).scalars())
    people = await people_of(read, {row.trainee_id for row in rows})
    found = []
    for row in rows:
        who = people.get(row.trainee_id)
        seat = Seated(
            enrolment_id=row.id,
            session_id=row.session_id,
            member_id=row.member_id,
            trainee_id=row.trainee_id,
            name=who.name if who else None,
            email=who.email if who else None,
        )
        found.append((who is None, who.name_key if who else "", row.id, seat))
    return [seat for *_, seat in sorted(found)]
