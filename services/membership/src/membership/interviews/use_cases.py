"""What a delegation does with its interviews: plan one, move it, say that it was held, cancel it.

The structure is held first, then the interview: who plans and who moves at the same time must not miss each other.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.moments import whole_days
from common.rights import Grant
from common.transaction import Tx
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import AgendaMode, AgendaStatus, Audience, Source, Told
from membership.contacts.queries import people_now
from membership.interviews import domain, queries, repository
from membership.interviews.domain import (
    Interview,
    InterviewMode,
    InterviewState,
    Record,
    require_free,
    require_participants,
)
from membership.interviews.schemas import InterviewIn, InterviewMoveIn, InterviewRecordIn
from membership.members import use_cases as members
from membership.members.domain import Member, require_member
from membership.members.queries import structures_of
from membership.territory.domain import local_zone
from membership.territory.queries import zones


async def plan(tx: Tx, grant: Grant, given: InterviewIn) -> UUID:
    """Plan an interview with a member within reach; return its id.

    Raises MemberNotFound, NotAMember, InterviewAlreadyPlanned.
    """
    structure = await members.hold_within(tx, grant, given.member_id)
    require_member(structure)
    require_free(await repository.interviews_of(tx, structure.id), given.planned_on.year)
    interview = Interview(
        id=new_id(),
        member_id=structure.id,
        mode=given.mode,
        planned_on=given.planned_on,
        first_planned_on=given.planned_on,
        recorded_at=tx.now,
        recorded_by=tx.actor.subject,
    )
    await repository.add(tx, interview)
    await _show(tx, [interview])
    return interview.id


async def move(tx: Tx, grant: Grant, interview_id: UUID, if_match: str | None, given: InterviewMoveIn) -> None:
    """Plan an interview for another day.

    Raises InterviewNotFound, MemberNotFound, InterviewSettled, InterviewAlreadyPlanned, PreconditionMissing,
    PreconditionFailed.
    """
    interview = await _held(tx, grant, interview_id, if_match)
    moved = domain.move(interview, given.planned_on)
    others = [one for one in await repository.interviews_of(tx, interview.member_id) if one.id != interview.id]
    require_free(others, moved.year)
    await _save(tx, moved)


async def record(tx: Tx, grant: Grant, interview_id: UUID, if_match: str | None, given: InterviewRecordIn) -> None:
    """Say that an interview was held, or correct what was said of it.

    Raises InterviewNotFound, MemberNotFound, InterviewCancelled, InterviewInFuture, ParticipantUnknown,
    PreconditionMissing, PreconditionFailed.
    """
    interview = await _held(tx, grant, interview_id, if_match)
    people = await people_now(tx, given.participants)
    require_participants(given.participants, people, interview.member_id)
    # Whom both records of a duplicate knew came once.
    participants = tuple({people[one].contact_id: one for one in given.participants}.values())
    told = Record(
        held_on=given.held_on,
        mode=given.mode or interview.mode,
        led_by=interview.led_by or tx.actor.subject,
        led_by_label=given.led_by_label,
        participants=participants,
        notes=given.notes,
    )
    await _save(tx, domain.record(interview, told, tx.today))


async def cancel(tx: Tx, grant: Grant, interview_id: UUID, if_match: str | None, reason: str) -> None:
    """Give an interview up; what it leaves to do is settled by ``next_steps``.

    Raises InterviewNotFound, MemberNotFound, InterviewCancelled, PreconditionMissing, PreconditionFailed.
    """
    interview = await _held(tx, grant, interview_id, if_match)
    await _save(tx, domain.cancel(interview, reason))


async def hold_standing(tx: Tx, interview_id: UUID) -> Interview:
    """Hold an interview that was reached and was not cancelled, for what follows it. Raises InterviewCancelled."""
    interview = await repository.get_for_update(tx, interview_id)
    domain.require_standing(interview)
    return interview


async def tell_again(tx: Tx) -> None:
    """Tell the agenda again what it shows: by night, what changed of the structures since."""
    await _show(tx, await repository.hold_since(tx, dates.shown_since(tx)))


async def _save(tx: Tx, interview: Interview) -> None:
    await repository.save(tx, interview)
    await _show(tx, [interview])


async def _show(tx: Tx, interviews: Sequence[Interview]) -> None:
    """Have the agenda show interviews to their structures and delegations: neither why one is cancelled nor by whom."""
    structures = await structures_of(tx, {one.member_id for one in interviews})
    await agenda.tell(tx, [_date_of(one, structures[one.member_id]) for one in interviews])


def _date_of(interview: Interview, member: Member) -> Told:
    day = interview.held_on or interview.planned_on
    there = [member.department] if member.department else []
    cancelled = interview.state is InterviewState.CANCELLED
    return Told(
        id=interview.id,
        source=Source.INTERVIEWS,
        kind="interview",
        title=f"Entretien annuel avec la délégation : {member.name}",
        when=whole_days(day, day, local_zone(zones(), member.delegation, there)),
        audience=Audience.PARTICIPANTS,
        delegation=member.delegation,
        mode=AgendaMode.ON_SITE if interview.mode is InterviewMode.VISIT else AgendaMode.REMOTE,
        status=AgendaStatus.CANCELLED if cancelled else AgendaStatus.CONFIRMED,
        participants=(interview.member_id,),
    )


async def _held(tx: Tx, grant: Grant, interview_id: UUID, if_match: str | None) -> Interview:
    reached, member = await queries.reached(tx, grant, interview_id)
    await members.hold_within(tx, grant, member.id)
    interview = await repository.get_for_update(tx, reached.id)
    await check_version(if_match, interview.version, partial(queries.find_interview, tx, grant, interview_id))
    return interview
