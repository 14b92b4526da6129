"""HTTP doors of invitations: a structure's, and that of whoever has a link."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TracedDoor, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import Whole
from common.problem import problems
from common.rights import Grant, allow
from membership.assessments.domain import (
    AnswersUnfit,
    AssessmentNotFound,
    AssessmentNotSubmitted,
    AssessmentSubmitted,
    ConclusionNeeded,
    NoGathering,
    ReviewClosed,
    ReviewExists,
    ReviewNotFound,
    SheetEmpty,
    SheetGiven,
    SheetNotFound,
)
from membership.assessments.queries import find_review, find_sheet
from membership.assessments.schemas import AnswersIn, ReasonIn, ReviewIn, ReviewOut, SheetOut
from membership.banks.domain import BankNotFound
from membership.invitations import queries, use_cases
from membership.invitations.domain import (
    Invitation,
    InvitationNotFound,
    InvitationRevoked,
    InvitationServing,
    InvitationsTooMany,
    InvitationUnfit,
)
from membership.invitations.schemas import AssessmentInvitationIn, AssessmentInvitationOut, InvitedOut, Key
from membership.members.domain import NotAMember
from membership.rights import Act

invitations = APIRouter(prefix="/assessments", tags=["Auto-évaluation"], route_class=Door)
links = APIRouter(prefix="/assessment-invitation", tags=["Auto-évaluation"], route_class=TracedDoor)

MayRun = Annotated[Grant, Depends(allow(Act.RUN_ASSESSMENTS))]
Anybody = Annotated[Grant, Depends(allow(Act.OPEN_INVITATIONS))]
LinkKey = Annotated[Key, Header(alias="Invitation-Key", description="La clé que porte le courriel, après le `#`")]
_BY_LINK = (InvitationNotFound, AssessmentNotFound, PreconditionMissing, PreconditionFailed)
_ANSWERED = (*_BY_LINK, SheetNotFound, BankNotFound, AssessmentSubmitted, NoGathering, SheetGiven)
_REVIEWED = (*_BY_LINK, ReviewNotFound, BankNotFound, AssessmentNotSubmitted, ReviewClosed)


@invitations.get(
    "/{assessment_id}/invitations",
    operation_id="listAssessmentInvitations",
    summary="Les personnes invitées par un lien",
    responses=problems(AssessmentNotFound),
)
async def list_invitations(assessment_id: UUID, read: ReadDep, grant: MayRun) -> Whole[AssessmentInvitationOut]:
    """À répondre ou à relire, de la plus ancienne à la plus récente ; la structure seule les lit."""
    return Whole(items=await queries.list_invitations(read, grant, assessment_id))


@invitations.post(
    "/{assessment_id}/invitations",
    status_code=201,
    operation_id="inviteToAssessment",
    summary="Inviter une personne par un lien",
    responses=problems(
        AssessmentNotFound,
        NotAMember,
        BankNotFound,
        AssessmentNotSubmitted,
        AssessmentSubmitted,
        NoGathering,
        ReviewExists,
        InvitationNotFound,
        InvitationUnfit,
        InvitationsTooMany,
        RuleMissing,
    ),
)
async def invite(
    assessment_id: UUID, body: AssessmentInvitationIn, tx: TxDep, grant: MayRun
) -> AssessmentInvitationOut:
    """Salariée ou bénévole, à répondre dans le groupe ; extérieure au réseau, à relire. Le lien part par courriel, sert
    un temps, n'ouvre rien d'autre, et se retire. Sa relecture est celle d'une personne invitée, pas d'un tiers.
    """
    invitation_id = await use_cases.invite(tx, grant, assessment_id, body)
    return await queries.find_invitation(tx, assessment_id, invitation_id)


@invitations.post(
    "/{assessment_id}/invitations/{invitation_id}/revoke",
    operation_id="revokeAssessmentInvitation",
    summary="Retirer une invitation",
    responses=problems(AssessmentNotFound, InvitationNotFound, InvitationRevoked, ReviewNotFound, ReviewClosed),
)
async def revoke(
    assessment_id: UUID, invitation_id: UUID, body: ReasonIn, tx: TxDep, grant: MayRun
) -> AssessmentInvitationOut:
    """Le lien n'ouvre plus rien, et une relecture non rendue est retirée. Ce qui a été donné reste."""
    await use_cases.take_back(tx, grant, assessment_id, invitation_id, body.reason)
    return await queries.find_invitation(tx, assessment_id, invitation_id)


@invitations.post(
    "/{assessment_id}/invitations/{invitation_id}/forget",
    operation_id="forgetInvited",
    summary="Effacer le nom d'une personne invitée",
    responses=problems(AssessmentNotFound, InvitationNotFound, InvitationServing),
)
async def forget(assessment_id: UUID, invitation_id: UUID, tx: TxDep, grant: MayRun) -> AssessmentInvitationOut:
    """Quand son lien ne sert plus, à sa demande ; après un temps, il s'efface de lui-même. Ce qu'elle a donné reste."""
    await use_cases.forget(tx, grant, assessment_id, invitation_id)
    return await queries.find_invitation(tx, assessment_id, invitation_id)


@links.get(
    "",
    operation_id="openAssessmentInvitation",
    summary="Ce qu'ouvre un lien",
    responses=problems(
        InvitationNotFound,
        AssessmentNotFound,
        ReviewNotFound,
        SheetNotFound,
        BankNotFound,
        AssessmentSubmitted,
        NoGathering,
        RuleMissing,
    ),
)
async def open_link(key: LinkKey, tx: TxDep, _: Anybody) -> InvitedOut:
    """Sans jeton, par la clé du courriel : une auto-évaluation et sa propre relecture, ou sa propre feuille."""
    return await use_cases.open_link(tx, key)


@links.patch(
    "/sheet",
    operation_id="fillSheetByInvitation",
    summary="Compléter ses réponses, par un lien",
    responses=problems(*_ANSWERED, AnswersUnfit),
)
async def fill_sheet(
    key: LinkKey, body: AnswersIn, tx: TxDep, _: Anybody, response: Response, if_match: IfMatch = None
) -> SheetOut:
    """Sans jeton. En plusieurs fois, jusqu'à les donner ; personne d'autre ne les lit une à une."""
    return await _sheet(tx, await use_cases.fill_sheet(tx, key, if_match, body.answers), response)


@links.post(
    "/sheet/give",
    operation_id="giveSheetByInvitation",
    summary="Donner ses réponses au groupe, par un lien",
    responses=problems(*_ANSWERED, SheetEmpty),
)
async def give_sheet(key: LinkKey, tx: TxDep, _: Anybody, response: Response, if_match: IfMatch = None) -> SheetOut:
    """Sans jeton. Pour de bon."""
    return await _sheet(tx, await use_cases.give_sheet(tx, key, if_match), response)


@links.patch(
    "/review",
    operation_id="writeReviewByInvitation",
    summary="Écrire sa relecture, par un lien",
    responses=problems(*_REVIEWED, AnswersUnfit),
)
async def write_review(
    key: LinkKey, body: ReviewIn, tx: TxDep, _: Anybody, response: Response, if_match: IfMatch = None
) -> ReviewOut:
    """Sans jeton. Un niveau et un commentaire par question, une conclusion."""
    return await _review(tx, await use_cases.write_review(tx, key, if_match, body), response)


@links.post(
    "/review/give",
    operation_id="giveReviewByInvitation",
    summary="Rendre sa relecture, par un lien",
    responses=problems(*_REVIEWED, ConclusionNeeded),
)
async def give_review(key: LinkKey, tx: TxDep, _: Anybody, response: Response, if_match: IfMatch = None) -> ReviewOut:
    """Sans jeton. La structure, sa délégation et le réseau la lisent ; elle ne change plus."""
    return await _review(tx, await use_cases.give_review(tx, key, if_match), response)


async def _sheet(tx: TxDep, invitation: Invitation, response: Response) -> SheetOut:
    guest, grant = queries.as_guest(tx, invitation)
    return versioned(response, await find_sheet(guest, grant, invitation.assessment_id))


async def _review(tx: TxDep, invitation: Invitation, response: Response) -> ReviewOut:
    guest, grant = queries.as_guest(tx, invitation)
    return versioned(response, await find_review(guest, grant, invitation.assessment_id, invitation.reviewed))
