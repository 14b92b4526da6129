"""What a delegation does with what is left to do: note it, change it, do it, drop it, take it up again.

The interview or the meeting it follows is held first: what is noted while that is cancelled is not left to do.
"""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.interviews import use_cases as interviews
from membership.interviews.queries import reached as reached_interview
from membership.interviews.schemas import InterviewCancelIn
from membership.meetings import use_cases as meetings
from membership.meetings.queries import is_called_to
from membership.meetings.queries import reached as reached_meeting
from membership.meetings.schemas import MeetingCancelIn
from membership.next_steps import domain, queries, repository
from membership.next_steps.domain import NextStep, NextStepOwner, NextStepState, StructureNotMet
from membership.next_steps.schemas import NextStepAmend, NextStepIn


async def add(tx: Tx, grant: Grant, given: NextStepIn) -> UUID:
    """Note what an interview or a meeting within reach leaves to do; return its id.

    Raises InterviewNotFound, InterviewCancelled, MeetingNotFound, MeetingCancelled, StructureNotMet.
    """
    member_id, delegation = await _about(tx, grant, given)
    answers = given.owner is NextStepOwner.FEDERATION
    step = NextStep(
        id=new_id(),
        interview_id=given.interview_id,
        meeting_id=given.meeting_id,
        member_id=member_id,
        delegation=delegation,
        text=given.text,
        owner=given.owner,
        owner_subject=(given.owner_subject or tx.actor.subject) if answers else None,
        owner_label=given.owner_label,
        due_on=given.due_on,
        shared=given.shared,
        recorded_at=tx.now,
        recorded_by=tx.actor.subject,
    )
    await repository.add(tx, step)
    return step.id


async def amend(tx: Tx, grant: Grant, step_id: UUID, if_match: str | None, given: NextStepAmend) -> None:
    """Change what is to be done. Raises NextStepNotFound, NextStepSettled, PreconditionMissing, PreconditionFailed."""
    step = await _held(tx, grant, step_id, if_match)
    await repository.save(tx, domain.amend(step, given.fields()))


async def complete(tx: Tx, grant: Grant, step_id: UUID, if_match: str | None) -> None:
    """Say that it was done. Raises NextStepNotFound, NextStepSettled, PreconditionMissing, PreconditionFailed."""
    step = await _held(tx, grant, step_id, if_match)
    await repository.save(tx, domain.settle(step, NextStepState.DONE, tx.today))


async def drop(tx: Tx, grant: Grant, step_id: UUID, if_match: str | None, reason: str) -> None:
    """Give it up. Raises NextStepNotFound, NextStepSettled, PreconditionMissing, PreconditionFailed."""
    step = await _held(tx, grant, step_id, if_match)
    await repository.save(tx, domain.settle(step, NextStepState.DROPPED, tx.today, reason))


async def reopen(tx: Tx, grant: Grant, step_id: UUID, if_match: str | None, reason: str) -> None:
    """Have it to do again.

    Raises NextStepNotFound, NextStepOpen, InterviewCancelled, MeetingCancelled, PreconditionMissing,
    PreconditionFailed.
    """
    known = await queries.find_next_step(tx, grant, step_id)
    if known.interview_id is not None:
        await interviews.hold_standing(tx, known.interview_id)
    if known.meeting_id is not None:
        await meetings.hold_standing(tx, known.meeting_id)
    step = await _held(tx, grant, step_id, if_match)
    await repository.save(tx, domain.reopen(step, tx.now, tx.actor.subject, reason))


async def cancel_interview(
    tx: Tx, grant: Grant, interview_id: UUID, if_match: str | None, given: InterviewCancelIn
) -> None:
    """Give an interview up with what it left to do, where the author agrees to it.

    Raises InterviewNotFound, MemberNotFound, InterviewCancelled, InterviewFollowed, PreconditionMissing,
    PreconditionFailed.
    """
    await interviews.cancel(tx, grant, interview_id, if_match, given.reason)
    await _drop_all(tx, interview_id, given.reason, agreed=given.drop_next_steps)


async def cancel_meeting(tx: Tx, grant: Grant, meeting_id: UUID, if_match: str | None, given: MeetingCancelIn) -> None:
    """Give a meeting up with what it left to do, where the author agrees to it.

    Raises MeetingNotFound, MeetingCancelled, MeetingFollowed, PreconditionMissing, PreconditionFailed.
    """
    await meetings.cancel(tx, grant, meeting_id, if_match, given.reason)
    await _drop_all(tx, meeting_id, given.reason, agreed=given.drop_next_steps)


async def _drop_all(tx: Tx, origin_id: UUID, reason: str, *, agreed: bool) -> None:
    """Drop what a held interview or meeting that was cancelled left to do; who notes more waits for it."""
    left = await repository.hold_open(tx, origin_id)
    for step in domain.drop_all(left, tx.today, reason, agreed=agreed):
        await repository.save(tx, step)


async def _about(tx: Tx, grant: Grant, given: NextStepIn) -> tuple[UUID | None, str | None]:
    """Return which structure is concerned, and which delegation."""
    if given.meeting_id is not None:
        meeting = await reached_meeting(tx, grant, given.meeting_id)
        await meetings.hold_standing(tx, meeting.id)
        if given.member_id is not None and not await is_called_to(tx, meeting.id, given.member_id):
            raise StructureNotMet("Cette structure n'était pas invitée à cette rencontre.")
        return given.member_id, meeting.delegation
    if given.interview_id is None:
        raise StructureNotMet("Dites de quel entretien, ou de quelle rencontre, vient cette suite.")
    interview, member = await reached_interview(tx, grant, given.interview_id)
    await interviews.hold_standing(tx, interview.id)
    if given.member_id not in (None, interview.member_id):
        raise StructureNotMet("Cet entretien est celui d'une autre structure.")
    return interview.member_id, member.delegation


async def _held(tx: Tx, grant: Grant, step_id: UUID, if_match: str | None) -> NextStep:
    await queries.find_next_step(tx, grant, step_id)
    step = await repository.get_for_update(tx, step_id)
    await check_version(if_match, step.version, partial(queries.find_next_step, tx, grant, step_id))
    return step
