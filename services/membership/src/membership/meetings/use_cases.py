"""What a delegation does with its departmental meetings: call, change or move one, say who came, cancel it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.moments import require_hours
from common.rights import Grant
from common.transaction import Tx
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import AgendaStatus, Audience, Source, Told, of_day
from membership.contacts.domain import Person
from membership.contacts.queries import people_now
from membership.meetings import domain, queries, repository
from membership.meetings.domain import (
    Attendee,
    Invitation,
    InviteeUnknown,
    Meeting,
    MeetingState,
    attendance,
    require_attendees,
    require_departments,
)
from membership.meetings.schemas import MeetingAmend, MeetingAttendeeLine, MeetingIn, MeetingMoveIn, MeetingRecordIn
from membership.members.queries import structures_of
from membership.territory.domain import local_zone
from membership.territory.queries import load_territory, zones


async def plan(tx: Tx, grant: Grant, given: MeetingIn) -> UUID:
    """Call a meeting of a delegation within reach; return its id.

    Raises MeetingDelegationUnknown, DepartmentOutside, InviteeUnknown, HourSkipped.
    """
    within = [one for one in load_territory().delegations if grant.reaches(one.code)]
    require_departments(within, given.delegation, given.departments)
    meeting = Meeting(
        id=new_id(),
        delegation=given.delegation,
        departments=tuple(dict.fromkeys(given.departments)),
        subject=given.subject,
        day=given.day,
        first_day=given.day,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        place=given.place,
        recorded_at=tx.now,
        recorded_by=tx.actor.subject,
    )
    require_hours(meeting.day, meeting.starts_at, meeting.ends_at, _zone(meeting))
    called = await _called(tx, meeting, given.members)
    await repository.add(tx, meeting)
    await repository.save_invited(tx, meeting.id, dict.fromkeys(sorted(called), Invitation()))
    await _show(tx, meeting)
    return meeting.id


async def amend(tx: Tx, grant: Grant, meeting_id: UUID, if_match: str | None, given: MeetingAmend) -> None:
    """Say otherwise what a meeting to come is about, or where it is.

    Raises MeetingNotFound, MeetingSettled, PreconditionMissing, PreconditionFailed.
    """
    meeting = await _held(tx, grant, meeting_id, if_match)
    amended = domain.amend(meeting, given.fields())
    await repository.save(tx, amended)
    await _show(tx, amended)


async def move(tx: Tx, grant: Grant, meeting_id: UUID, if_match: str | None, given: MeetingMoveIn) -> None:
    """Hold a meeting another day, at other hours, or elsewhere; those called to it stay the same.

    Raises MeetingNotFound, MeetingSettled, HourSkipped, PreconditionMissing, PreconditionFailed.
    """
    meeting = await _held(tx, grant, meeting_id, if_match)
    moved = domain.move(meeting, given.day, given.starts_at, given.ends_at, given.place)
    require_hours(moved.day, moved.starts_at, moved.ends_at, _zone(moved))
    await repository.save(tx, moved)
    await _show(tx, moved)


async def invite(tx: Tx, grant: Grant, meeting_id: UUID, if_match: str | None, members: Sequence[UUID] | None) -> None:
    """Call others to a meeting that is to come: some, or all that its departments have by its day.

    Raises MeetingNotFound, MeetingSettled, InviteeUnknown, PreconditionMissing, PreconditionFailed.
    """
    meeting = await _held(tx, grant, meeting_id, if_match)
    again = domain.called_again(meeting)
    called = await _called(tx, meeting, members)
    known = await repository.invited(tx, meeting.id)
    await repository.save_invited(tx, meeting.id, {**dict.fromkeys(called, Invitation()), **known})
    await repository.save(tx, again)
    await _show(tx, again)


async def record(tx: Tx, grant: Grant, meeting_id: UUID, if_match: str | None, given: MeetingRecordIn) -> None:
    """Say that a meeting was held and who came, or correct what was said of it.

    Raises MeetingNotFound, MeetingCancelled, MeetingInFuture, InviteeUnknown, AttendeeUnknown, AttendeeOfAbsent,
    PreconditionMissing, PreconditionFailed.
    """
    meeting = await _held(tx, grant, meeting_id, if_match)
    recorded = domain.record(meeting, given.notes, tx.today, tx.actor.subject)
    known = await repository.invited(tx, meeting.id)
    told = {line.member_id: line.presence for line in given.attendance}
    await _require_covered(tx, meeting, set(told) - set(known))
    structures = await structures_of(tx, known)
    # What stands under a duplicate that was merged is not shown, so nobody tells it: it stays, for whoever undoes that.
    unseen = {one: line for one, line in known.items() if structures[one].merged_into is not None}
    seen = {one: line for one, line in known.items() if one not in unseen}
    before = {one.contact_id: one for one in await repository.attendees(tx, meeting.id) if one.contact_id is not None}
    people = await people_now(tx, [one.contact_id for one in given.people if one.contact_id is not None])
    attendees = _attendees(given.people, people, before)
    require_attendees(attendees, people, told, before)
    await repository.save_invited(tx, meeting.id, {**unseen, **attendance(seen, told)})
    await repository.save_attendees(tx, meeting.id, attendees)
    await repository.save(tx, recorded)
    await _show(tx, recorded)


async def cancel(tx: Tx, grant: Grant, meeting_id: UUID, if_match: str | None, reason: str) -> None:
    """Give a meeting up; what it leaves to do is settled by ``next_steps``.

    Raises MeetingNotFound, MeetingCancelled, PreconditionMissing, PreconditionFailed.
    """
    meeting = await _held(tx, grant, meeting_id, if_match)
    cancelled = domain.cancel(meeting, reason)
    await repository.save(tx, cancelled)
    await _show(tx, cancelled)


async def hold_standing(tx: Tx, meeting_id: UUID) -> Meeting:
    """Hold a meeting that was reached and was not cancelled, for what follows it. Raises MeetingCancelled."""
    meeting = await repository.get_for_update(tx, meeting_id)
    domain.require_not_cancelled(meeting)
    return meeting


async def tell_again(tx: Tx) -> None:
    """Tell the agenda again what it shows: by night, what was done while it did not listen yet."""
    for meeting_id in await repository.ids_since(tx, dates.shown_since(tx)):
        await _show(tx, await repository.get_for_update(tx, meeting_id))


def _attendees(
    told: Sequence[MeetingAttendeeLine], people: Mapping[UUID, Person], before: Mapping[UUID, Attendee]
) -> list[Attendee]:
    """Read who came; somebody whom the register knows came for their structure.

    Who was said to have come already keeps that line, whatever became of them in the register since.
    """

    def of(rank: int, line: MeetingAttendeeLine) -> Attendee:
        known = before.get(line.contact_id) if line.contact_id is not None else None
        person = people.get(line.contact_id) if line.contact_id is not None else None
        if known is not None:
            return replace(known, rank=rank)
        if person is not None:
            return Attendee(new_id(), rank, person.member_id, person.contact_id, None)
        return Attendee(new_id(), rank, line.member_id, line.contact_id, line.function, line.people)

    return [of(rank, line) for rank, line in enumerate(told, start=1)]


async def _called(tx: Tx, meeting: Meeting, members: Sequence[UUID] | None) -> Collection[UUID]:
    if members is None:
        return await queries.covered_on(tx, meeting.delegation, meeting.day, meeting.departments)
    await _require_covered(tx, meeting, set(members))
    return set(members)


async def _require_covered(tx: Tx, meeting: Meeting, members: Collection[UUID]) -> None:
    """Raise InviteeUnknown for structures that the delegation does not cover, whoever calls them."""
    known = await structures_of(tx, members)
    outside = [one for one in members if one not in known or known[one].delegation != meeting.delegation]
    if outside:
        raise InviteeUnknown(
            "Une structure n'existe pas, ou n'est pas de cette délégation.",
            extra={"members": sorted(map(str, outside))},
        )


async def _held(tx: Tx, grant: Grant, meeting_id: UUID, if_match: str | None) -> Meeting:
    await queries.reached(tx, grant, meeting_id)
    meeting = await repository.get_for_update(tx, meeting_id)
    await check_version(if_match, meeting.version, partial(queries.find_meeting, tx, grant, meeting_id))
    return meeting


def _zone(meeting: Meeting) -> str:
    return local_zone(zones(), meeting.delegation, meeting.departments)


async def _show(tx: Tx, meeting: Meeting) -> None:
    """Have the agenda say when a meeting is, to those called to it."""
    cancelled = meeting.state is MeetingState.CANCELLED
    told = Told(
        id=meeting.id,
        source=Source.MEETINGS,
        kind="department_meeting",
        title=meeting.subject,
        when=of_day(meeting.day, meeting.starts_at, meeting.ends_at, _zone(meeting)),
        audience=Audience.PARTICIPANTS,
        delegation=meeting.delegation,
        place=meeting.place,
        status=AgendaStatus.CANCELLED if cancelled else AgendaStatus.CONFIRMED,
        cancelled_reason=meeting.cancelled_reason,
        participants=tuple(sorted(await repository.invited(tx, meeting.id))),
    )
    await agenda.tell(tx, [told])
