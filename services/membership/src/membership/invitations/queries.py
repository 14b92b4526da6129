"""Reads of invitations: those that a structure sent, and what a link opens."""

from dataclasses import replace
from functools import cache
from typing import TypeVar
from uuid import UUID

from common.dated import rule_on
from common.rights import Grant, Scope
from common.shipped_data import shipped_rules
from common.transaction import Actor, Read
from membership.assessments.domain import AssessmentNotFound, invited
from membership.assessments.queries import NOT_WITHIN_REACH, find_assessment, find_review, find_sheet, is_own, reached
from membership.banks.queries import find_bank
from membership.invitations import documents, repository
from membership.invitations.domain import Invitation, InvitationPurpose, InvitationRule, digest, require_serving
from membership.invitations.schemas import AssessmentInvitationOut, InvitedOut
from membership.members.queries import names_of

SourceT = TypeVar("SourceT", bound=Read)


@cache
def invitation_rules() -> tuple[InvitationRule, ...]:
    """Return the dated rules of invitations, read once per process."""
    return shipped_rules("membership.invitations", "invitation.toml", InvitationRule)


async def list_invitations(source: Read, grant: Grant, assessment_id: UUID) -> list[AssessmentInvitationOut]:
    """Return the invitations to an assessment of one's own, the oldest first. Raises AssessmentNotFound."""
    if not is_own(source, (await reached(source, grant, assessment_id)).assessment):
        raise AssessmentNotFound(NOT_WITHIN_REACH)
    return [
        AssessmentInvitationOut.of(one, source.today) for one in await repository.of_assessment(source, assessment_id)
    ]


async def find_invitation(source: Read, assessment_id: UUID, invitation_id: UUID) -> AssessmentInvitationOut:
    """Return one invitation to an assessment that was reached. Raises InvitationNotFound."""
    return AssessmentInvitationOut.of(await repository.get(source, assessment_id, invitation_id), source.today)


async def serving(source: Read, key: str, purpose: InvitationPurpose | None = None) -> Invitation:
    """Return the invitation of a link that serves, for a purpose. Raises InvitationNotFound."""
    found = await repository.by_key(source, digest(key))
    return require_serving(found if found and purpose in (None, found.purpose) else None, source.today)


def as_guest(source: SourceT, invitation: Invitation) -> tuple[SourceT, Grant]:
    """Return the same look, or transaction, for who has a link: of the structure to answer, of none to review."""
    own = invitation.member_id if invitation.purpose is InvitationPurpose.ANSWER else None
    actor = Actor(invited(invitation.id), member_id=own)
    return replace(source, actor=actor), Grant(actor, Scope.OWN)


async def opened(source: Read, invitation: Invitation) -> InvitedOut:
    """Return what a link opens. Raises AssessmentNotFound, ReviewNotFound, SheetNotFound, BankNotFound."""
    guest, grant = as_guest(source, invitation)
    assessment = (await reached(guest, grant, invitation.assessment_id)).assessment
    is_review = invitation.review_id is not None
    return InvitedOut(
        purpose=invitation.purpose,
        purpose_label=invitation.purpose.label,
        name=invitation.name,
        structure=(await names_of(source, [assessment.member_id]))[assessment.member_id],
        until=invitation.until,
        notice=documents.notice(invitation.purpose, rule_on(invitation_rules(), source.today)),
        bank=find_bank(assessment.bank, source.today),
        sheet=None if is_review else await find_sheet(guest, grant, assessment.id),
        assessment=await find_assessment(guest, grant, assessment.id) if is_review else None,
        review=await find_review(guest, grant, assessment.id, invitation.review_id) if invitation.review_id else None,
    )
