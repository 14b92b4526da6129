"""Loads and saves meetings and who was called to them; the only writer of their tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from common.transaction import Read, Tx
from membership.meetings.domain import Attendee, Invitation, Meeting, MeetingPresence, MeetingState
from membership.meetings.tables import AttendeeRow, InvitationRow, MeetingRow


async def get_for_update(tx: Tx, meeting_id: UUID) -> Meeting:
    """Load a meeting that was reached, and hold it until the end of the transaction."""
    query = select(MeetingRow).where(col(MeetingRow.id) == meeting_id).with_for_update()
    return to_domain((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def add(tx: Tx, meeting: Meeting) -> None:
    """Insert a meeting."""
    await tx.session.execute(insert(MeetingRow).values(**_values(meeting)))


async def save(tx: Tx, meeting: Meeting) -> None:
    """Write a meeting that was loaded for update."""
    statement = update(MeetingRow).where(col(MeetingRow.id) == meeting.id)
    await tx.session.execute(statement.values(**_values(meeting)))


async def invited(source: Read, meeting_id: UUID) -> dict[UUID, Invitation]:
    """Return who was called to a meeting or came without, and whether each came."""
    query = select(InvitationRow).where(col(InvitationRow.meeting_id) == meeting_id)
    rows = (await source.session.execute(query.execution_options(populate_existing=True))).scalars()
    return {row.member_id: Invitation(MeetingPresence(row.presence), row.called) for row in rows}


async def save_invited(tx: Tx, meeting_id: UUID, lines: Mapping[UUID, Invitation]) -> None:
    """Write who was called to a meeting that is held for update, and whether each came: these and no others."""
    await tx.session.execute(delete(InvitationRow).where(col(InvitationRow.meeting_id) == meeting_id))
    rows = [
        {"meeting_id": meeting_id, "member_id": one, "presence": line.presence.value, "called": line.called}
        for one, line in lines.items()
    ]
    if rows:
        await tx.session.execute(insert(InvitationRow), rows)


async def attendees(source: Read, meeting_id: UUID) -> list[Attendee]:
    """Return who came to a meeting, in the order in which they were told."""
    query = select(AttendeeRow).where(col(AttendeeRow.meeting_id) == meeting_id).order_by(col(AttendeeRow.rank))
    return [to_attendee(row) for row in (await source.session.execute(query)).scalars()]


async def save_attendees(tx: Tx, meeting_id: UUID, attendees: Sequence[Attendee]) -> None:
    """Write who came to a meeting that is held for update: these and nobody else."""
    await tx.session.execute(delete(AttendeeRow).where(col(AttendeeRow.meeting_id) == meeting_id))
    if attendees:
        await tx.session.execute(insert(AttendeeRow), [{**asdict(one), "meeting_id": meeting_id} for one in attendees])


async def naming(source: Read, contact_ids: Collection[UUID]) -> list[tuple[Meeting, Attendee]]:
    """Return who came among some people, and to which meeting, by day."""
    query = select(MeetingRow, AttendeeRow).join(AttendeeRow, col(AttendeeRow.meeting_id) == col(MeetingRow.id))
    query = query.where(col(AttendeeRow.contact_id).in_(contact_ids))
    rows = await source.session.execute(query.order_by(col(MeetingRow.day), col(AttendeeRow.id)))
    return [(to_domain(meeting), to_attendee(attendee)) for meeting, attendee in rows]


def to_attendee(row: AttendeeRow) -> Attendee:
    """Read a row as the rules know who came."""
    return Attendee(**row.model_dump(exclude={"meeting_id"}))


def to_domain(row: MeetingRow) -> Meeting:
    """Read a row as the rules know a meeting."""
    told = row.model_dump()
    return Meeting(**{**told, "state": MeetingState(row.state), "departments": tuple(row.departments)})


def _values(meeting: Meeting) -> dict[str, object]:
    return {**asdict(meeting), "state": meeting.state.value, "departments": list(meeting.departments)}


async def ids_since(source: Read, day: date) -> list[UUID]:
    """Return those of a day or later, in one order."""
    query = select(col(MeetingRow.id)).where(col(MeetingRow.day) >= day).order_by(col(MeetingRow.id))
    return list((await source.session.execute(query)).scalars())
