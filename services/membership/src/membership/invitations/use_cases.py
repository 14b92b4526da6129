"""What people do with invitations: a structure sends and takes back, whoever has a link answers or reviews by it."""

from collections.abc import Sequence
from dataclasses import replace
from secrets import token_urlsafe
from uuid import UUID

from common.dated import rule_on
from common.idempotency import forget_answers
from common.identifiers import new_id
from common.mail import post, withdraw
from common.rights import Grant
from common.transaction import Tx
from membership.assessments import use_cases as assessments
from membership.assessments.domain import AssessmentAct, SelfAssessment, invited, require_gathering
from membership.assessments.schemas import QuestionAnswerIn, ReviewIn
from membership.banks.queries import bank_of
from membership.invitations import documents, queries, repository
from membership.invitations.domain import (
    Invitation,
    InvitationPurpose,
    digest,
    forgotten,
    last_day,
    nameless_before,
    require_room,
    revoke,
)
from membership.invitations.schemas import AssessmentInvitationIn, InvitedOut
from membership.members.queries import names_of


async def invite(tx: Tx, grant: Grant, assessment_id: UUID, asked: AssessmentInvitationIn) -> UUID:
    """Send somebody a link to an assessment of one's own; return the invitation's id.

    Raises AssessmentNotFound, NotAMember, BankNotFound, AssessmentNotSubmitted, AssessmentSubmitted, NoGathering,
    InvitationUnfit, InvitationsTooMany, RuleMissing.
    """
    assessment = await assessments.hold_own(tx, grant, assessment_id)
    rule = rule_on(queries.invitation_rules(), tx.today)
    until = last_day(rule, asked.until, tx.today)
    require_room(rule, len(await repository.of_assessment(tx, assessment.id)))
    invitation = Invitation(
        id=new_id(),
        assessment_id=assessment.id,
        member_id=assessment.member_id,
        purpose=asked.purpose,
        name=asked.name,
        until=until,
        invited_at=tx.now,
        invited_by=tx.actor.subject,
        mail_id=new_id(),
    )
    review_id = await _opened_for(tx, assessment, invitation, asked.name)
    key = token_urlsafe(32)
    name = (await names_of(tx, [assessment.member_id]))[assessment.member_id]
    bank = bank_of(assessment.bank).name
    mail = documents.mail(invitation, rule, name, bank, asked.email, key, tx.public_url, tx.today)
    [mail_id] = await post(tx, [mail])
    await repository.add(tx, replace(invitation, review_id=review_id, mail_id=mail_id), digest(key))
    await assessments.write_down(tx, assessment.id, AssessmentAct.INVITE)
    return invitation.id


async def _opened_for(tx: Tx, assessment: SelfAssessment, invitation: Invitation, name: str) -> UUID | None:
    if invitation.purpose is InvitationPurpose.REVIEW:
        author = invited(invitation.id)
        return await assessments.open_outside_review(tx, assessment, author, name, invitation.until)
    require_gathering(assessment)
    return None


async def take_back(tx: Tx, grant: Grant, assessment_id: UUID, invitation_id: UUID, reason: str) -> None:
    """Make a link serve no more, and take back the review that was not given; what was given stays.

    Raises AssessmentNotFound, InvitationNotFound, InvitationRevoked.
    """
    assessment = await assessments.hold_own(tx, grant, assessment_id)
    invitation = await repository.get(tx, assessment.id, invitation_id)
    await repository.save(tx, revoke(invitation, tx.now, tx.actor.subject, reason))
    if invitation.review_id is not None:
        await assessments.withdraw_outside_review(tx, assessment.id, invitation.review_id, reason)
    await withdraw(tx, [invitation.mail_id])
    await assessments.write_down(tx, assessment.id, AssessmentAct.REVOKE_INVITATION, reason)


async def forget(tx: Tx, grant: Grant, assessment_id: UUID, invitation_id: UUID) -> None:
    """Forget the name of somebody whose link serves no more, and on their review; what they gave stays.

    Raises AssessmentNotFound, InvitationNotFound, InvitationServing.
    """
    assessment = await assessments.hold_own(tx, grant, assessment_id)
    invitation = await repository.get(tx, assessment.id, invitation_id)
    await repository.save(tx, forgotten(invitation, tx.today))
    await assessments.forget_authors(tx, [one for one in (invitation.review_id,) if one is not None])
    await forget_answers(tx, str(invitation.id))
    await assessments.write_down(tx, assessment.id, AssessmentAct.FORGET_INVITED)


async def forget_old_names(tx: Tx) -> int:
    """Forget the names of those whose link ended long enough ago; return how many. Raises RuleMissing."""
    before = nameless_before(rule_on(queries.invitation_rules(), tx.today), tx.today)
    reviews = await repository.forget_names(tx, before)
    await assessments.forget_authors(tx, [one for one in reviews if one is not None])
    return len(reviews)


async def open_link(tx: Tx, key: str) -> InvitedOut:
    """Open what a link leads to; the first time is noted, and begins a sheet where answers are asked.

    Raises InvitationNotFound, AssessmentNotFound, ReviewNotFound, SheetNotFound, BankNotFound, AssessmentSubmitted,
    NoGathering.
    """
    invitation = await queries.serving(tx, key)
    guest, grant = queries.as_guest(tx, invitation)
    if invitation.purpose is InvitationPurpose.ANSWER:
        await assessments.take_up_sheet(guest, grant, invitation.assessment_id)
    found = await queries.opened(tx, invitation)
    if invitation.read_at is None:
        await repository.note_reading(tx, invitation.id)
    return found


async def fill_sheet(tx: Tx, key: str, if_match: str | None, answers: Sequence[QuestionAnswerIn]) -> Invitation:
    """Write some of one's own answers, by a link. Raises what ``assessments.fill_sheet`` does, InvitationNotFound."""
    invitation = await queries.serving(tx, key, InvitationPurpose.ANSWER)
    guest, grant = queries.as_guest(tx, invitation)
    await assessments.fill_sheet(guest, grant, invitation.assessment_id, if_match, answers)
    return invitation


async def give_sheet(tx: Tx, key: str, if_match: str | None) -> Invitation:
    """Give one's own answers, by a link. Raises what ``assessments.give_sheet`` does, InvitationNotFound."""
    invitation = await queries.serving(tx, key, InvitationPurpose.ANSWER)
    guest, grant = queries.as_guest(tx, invitation)
    await assessments.give_sheet(guest, grant, invitation.assessment_id, if_match)
    return invitation


async def write_review(tx: Tx, key: str, if_match: str | None, written: ReviewIn) -> Invitation:
    """Write one's review, by a link. Raises what ``assessments.write_review`` does, InvitationNotFound."""
    invitation = await queries.serving(tx, key, InvitationPurpose.REVIEW)
    guest, grant = queries.as_guest(tx, invitation)
    await assessments.write_review(guest, grant, invitation.assessment_id, invitation.reviewed, if_match, written)
    return invitation


async def give_review(tx: Tx, key: str, if_match: str | None) -> Invitation:
    """Give one's review, by a link. Raises what ``assessments.give_review_of`` does, InvitationNotFound."""
    invitation = await queries.serving(tx, key, InvitationPurpose.REVIEW)
    guest, grant = queries.as_guest(tx, invitation)
    await assessments.give_review_of(guest, grant, invitation.assessment_id, invitation.reviewed, if_match)
    return invitation
