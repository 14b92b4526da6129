"""HTTP door of self-assessments."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.assessments import queries, use_cases
from membership.assessments.documents import EXPORT_HEADER
from membership.assessments.domain import (
    AnswersBeingGathered,
    AnswersUnfit,
    AssessmentAlreadyOpen,
    AssessmentNotClosed,
    AssessmentNotFound,
    AssessmentNotSubmitted,
    AssessmentSubmitted,
    BankClosed,
    ConclusionNeeded,
    NoGathering,
    OwnAssessment,
    PeerUnfit,
    ReviewClosed,
    ReviewExists,
    ReviewNotFound,
    ReviewNotProposed,
    ReviewsOpen,
    SheetEmpty,
    SheetExists,
    SheetGiven,
    SheetNotFound,
    TooFewGiven,
)
from membership.assessments.schemas import (
    AnswersIn,
    AssessmentDetail,
    AssessmentExportParams,
    AssessmentIn,
    AssessmentListParams,
    AssessmentOut,
    GivenUpIn,
    PeerIn,
    ReasonIn,
    ReviewIn,
    ReviewOut,
    SheetOut,
)
from membership.banks.domain import BankNotFound
from membership.members.domain import MemberNotFound, NotAMember
from membership.rights import Act

router = APIRouter(prefix="/assessments", tags=["Auto-évaluation"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ASSESSMENTS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ASSESSMENTS))]
MayReview = Annotated[Grant, Depends(allow(Act.REVIEW_ASSESSMENTS))]
_LISTED = (BadCursor, BadSort, BankNotFound, RuleMissing)
_READ = (AssessmentNotFound, BankNotFound, RuleMissing)
_CHANGED = (*_READ, PreconditionMissing, PreconditionFailed)
_REVIEWABLE = (AssessmentNotFound, ReviewNotFound, PreconditionMissing, PreconditionFailed)
_REVIEWED = (*_REVIEWABLE, ReviewClosed)


@router.get("", operation_id="listAssessments", summary="Les auto-évaluations", responses=problems(*_LISTED))
async def list_assessments(
    read: ReadDep, grant: MayRead, params: Annotated[AssessmentListParams, Query()]
) -> Page[AssessmentOut]:
    """Les siennes, celles que l'on est invité à relire, celles du périmètre. Tris : opened_on, submitted_on, name."""
    return await queries.list_assessments(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="openAssessment",
    summary="Ouvrir",
    responses=problems(MemberNotFound, NotAMember, *_READ, BankClosed, AssessmentAlreadyOpen),
)
async def open_assessment(body: AssessmentIn, tx: TxDep, grant: MayRun, response: Response) -> AssessmentDetail:
    """Pour sa propre structure, seule ou en groupe. Une à la fois par démarche."""
    assessment_id = await use_cases.open_assessment(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/assessments/{assessment_id}"
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.get(
    "/export",
    operation_id="exportAssessments",
    summary="Les auto-évaluations en CSV ou tableur",
    response_class=Response,
    responses=problems(BankNotFound, RuleMissing),
)
async def export_assessments(
    read: ReadDep, grant: MayRead, params: Annotated[AssessmentExportParams, Query()]
) -> Response:
    """Les mêmes que la liste avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "auto-evaluations", EXPORT_HEADER, lines)


@router.get("/{assessment_id}", operation_id="getAssessment", summary="Une auto-évaluation", responses=problems(*_READ))
async def get_assessment(assessment_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> AssessmentDetail:
    """Ses réponses, sa maturité, le groupe et les relectures. Hors de la structure, rien avant qu'elle soit remise."""
    return versioned(response, await queries.find_assessment(read, grant, assessment_id))


@router.patch(
    "/{assessment_id}/answers",
    operation_id="answerAssessment",
    summary="Répondre",
    responses=problems(*_CHANGED, AssessmentSubmitted, AnswersBeingGathered, AnswersUnfit),
)
async def answer(
    assessment_id: UUID, body: AnswersIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """En plusieurs fois, un champ à la fois si l'on veut. En groupe, celles qu'il arrête, la collecte finie."""
    await use_cases.answer(tx, grant, assessment_id, if_match, body.answers)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/sheet",
    status_code=201,
    operation_id="openSheet",
    summary="Commencer ses propres réponses",
    responses=problems(*_READ, SheetNotFound, AssessmentSubmitted, NoGathering, SheetExists),
)
async def open_sheet(assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response) -> SheetOut:
    """Dans un groupe. Personne d'autre ne les lit."""
    await use_cases.open_sheet(tx, grant, assessment_id)
    return versioned(response, await queries.find_sheet(tx, grant, assessment_id))


@router.get(
    "/{assessment_id}/sheet",
    operation_id="getSheet",
    summary="Ses propres réponses",
    responses=problems(*_READ, SheetNotFound),
)
async def get_sheet(assessment_id: UUID, read: ReadDep, grant: MayRun, response: Response) -> SheetOut:
    """Lues d'elle ou de lui seul."""
    return versioned(response, await queries.find_sheet(read, grant, assessment_id))


@router.patch(
    "/{assessment_id}/sheet",
    operation_id="fillSheet",
    summary="Compléter ses propres réponses",
    responses=problems(*_CHANGED, SheetNotFound, AssessmentSubmitted, NoGathering, SheetGiven, AnswersUnfit),
)
async def fill_sheet(
    assessment_id: UUID, body: AnswersIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SheetOut:
    """En plusieurs fois, jusqu'à les donner."""
    await use_cases.fill_sheet(tx, grant, assessment_id, if_match, body.answers)
    return versioned(response, await queries.find_sheet(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/sheet/give",
    operation_id="giveSheet",
    summary="Donner ses réponses au groupe",
    responses=problems(*_CHANGED, SheetNotFound, AssessmentSubmitted, NoGathering, SheetGiven, SheetEmpty),
)
async def give(assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None) -> SheetOut:
    """Pour de bon. Comment toutes se répartissent se voit une fois la collecte finie."""
    await use_cases.give_sheet(tx, grant, assessment_id, if_match)
    return versioned(response, await queries.find_sheet(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/end-gathering",
    operation_id="endGathering",
    summary="Finir la collecte",
    responses=problems(*_CHANGED, AssessmentSubmitted, NoGathering, TooFewGiven),
)
async def end_gathering(
    assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """Plus personne ne donne de réponses : toute la structure voit leur répartition, et le groupe tranche."""
    await use_cases.end_gathering(tx, grant, assessment_id, if_match)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/abandon",
    operation_id="abandonAssessment",
    summary="Abandonner",
    responses=problems(*_CHANGED, AssessmentSubmitted),
)
async def abandon(
    assessment_id: UUID,
    tx: TxDep,
    grant: MayRun,
    response: Response,
    body: GivenUpIn | None = None,
    if_match: IfMatch = None,
) -> AssessmentDetail:
    """Avant de la remettre ; la structure seule la voit encore, sans ce que chacun a répondu."""
    await use_cases.abandon(tx, grant, assessment_id, if_match, body.reason if body else None)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/close",
    operation_id="closeAssessment",
    summary="Clore",
    responses=problems(*_CHANGED, AssessmentNotSubmitted, ReviewsOpen),
)
async def close(
    assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """Le suivi du plan est fini. Une relecture en cours est d'abord rendue, ou retirée ; sauf par un lien éteint."""
    await use_cases.close(tx, grant, assessment_id, if_match)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/reopen",
    operation_id="reopenAssessment",
    summary="Rouvrir",
    responses=problems(*_CHANGED, NotAMember, AssessmentNotClosed),
)
async def reopen(
    assessment_id: UUID, body: ReasonIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """Le suivi du plan et les relectures reprennent ; les réponses remises restent ce qu'elles sont."""
    await use_cases.reopen(tx, grant, assessment_id, if_match, body.reason)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/reviews",
    status_code=201,
    operation_id="openReview",
    summary="Commencer une relecture",
    responses=problems(
        AssessmentNotFound, ReviewNotFound, OwnAssessment, NotAMember, AssessmentNotSubmitted, ReviewExists
    ),
)
async def open_review(assessment_id: UUID, tx: TxDep, grant: MayReview, response: Response) -> ReviewOut:
    """Par le réseau ou la délégation de la structure ; elle sait qu'une relecture est en cours."""
    review_id = await use_cases.open_review(tx, grant, assessment_id)
    return versioned(response, await queries.find_review(tx, grant, assessment_id, review_id))


@router.post(
    "/{assessment_id}/peers",
    status_code=201,
    operation_id="invitePeer",
    summary="Inviter une structure à relire",
    responses=problems(AssessmentNotFound, ReviewNotFound, NotAMember, AssessmentNotSubmitted, PeerUnfit, ReviewExists),
)
async def invite_peer(assessment_id: UUID, body: PeerIn, tx: TxDep, grant: MayRun, response: Response) -> ReviewOut:
    """Elle voit cette auto-évaluation, et elle seule, jusqu'à sa clôture ou au retrait de l'invitation."""
    review_id = await use_cases.invite_peer(tx, grant, assessment_id, body)
    return versioned(response, await queries.find_review(tx, grant, assessment_id, review_id))


@router.post(
    "/{assessment_id}/peer-proposals",
    status_code=201,
    operation_id="proposePeer",
    summary="Proposer à la structure qui peut la relire",
    responses=problems(
        AssessmentNotFound, ReviewNotFound, OwnAssessment, AssessmentNotSubmitted, PeerUnfit, ReviewExists
    ),
)
async def propose_peer(assessment_id: UUID, body: PeerIn, tx: TxDep, grant: MayReview, response: Response) -> ReviewOut:
    """Par le réseau ou la délégation. La structure proposée ne voit rien avant que l'autre accepte."""
    review_id = await use_cases.propose_peer(tx, grant, assessment_id, body)
    return versioned(response, await queries.find_review(tx, grant, assessment_id, review_id))


@router.post(
    "/{assessment_id}/reviews/{review_id}/accept",
    operation_id="acceptPeer",
    summary="Accepter la structure proposée",
    responses=problems(*_REVIEWABLE, NotAMember, AssessmentNotSubmitted, PeerUnfit, ReviewNotProposed),
)
async def accept_peer(
    assessment_id: UUID, review_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> ReviewOut:
    """Elle est invitée dès lors. Refuser, c'est retirer, avec une raison."""
    await use_cases.accept_peer(tx, grant, assessment_id, review_id, if_match)
    return versioned(response, await queries.find_review(tx, grant, assessment_id, review_id))


@router.get(
    "/{assessment_id}/reviews/{review_id}",
    operation_id="getReview",
    summary="Une relecture",
    responses=problems(AssessmentNotFound, ReviewNotFound),
)
async def get_review(
    assessment_id: UUID, review_id: UUID, read: ReadDep, grant: MayRead, response: Response
) -> ReviewOut:
    """Tant qu'elle n'est pas rendue, seul son auteur lit ce qu'elle dit."""
    return versioned(response, await queries.find_review(read, grant, assessment_id, review_id))


@router.patch(
    "/{assessment_id}/reviews/{review_id}",
    operation_id="writeReview",
    summary="Écrire sa relecture",
    responses=problems(*_REVIEWED, BankNotFound, AssessmentNotSubmitted, AnswersUnfit),
)
async def write_review(
    assessment_id: UUID,
    review_id: UUID,
    body: ReviewIn,
    tx: TxDep,
    grant: MayReview,
    response: Response,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Un niveau et un commentaire par question, une conclusion. Les réponses de la structure restent les siennes."""
    await use_cases.write_review(tx, grant, assessment_id, review_id, if_match, body)
    return versioned(response, await queries.find_review(tx, grant, assessment_id, review_id))


@router.post(
    "/{assessment_id}/reviews/{review_id}/give",
    operation_id="giveReview",
    summary="Rendre sa relecture",
    responses=problems(*_REVIEWED, AssessmentNotSubmitted, ConclusionNeeded),
)
async def give_review(
    assessment_id: UUID, review_id: UUID, tx: TxDep, grant: MayReview, response: Response, if_match: IfMatch = None
) -> ReviewOut:
    """La structure la lit ; elle ne change plus."""
    await use_cases.give_review_of(tx, grant, assessment_id, review_id, if_match)
    return versioned(response, await queries.find_review(tx, grant, assessment_id, review_id))


@router.post(
    "/{assessment_id}/reviews/{review_id}/withdraw",
    status_code=204,
    operation_id="withdrawReview",
    summary="Retirer une relecture, ou une invitation",
    responses=problems(*_REVIEWED),
)
async def withdraw_review(
    assessment_id: UUID, review_id: UUID, body: ReasonIn, tx: TxDep, grant: MayReview, if_match: IfMatch = None
) -> None:
    """Avant qu'elle soit rendue. La structure paire ne voit plus rien. Une relecture laissée par qui ne couvre plus la
    structure est retirée par la délégation d'aujourd'hui, ou le réseau.
    """
    await use_cases.withdraw_review(tx, grant, assessment_id, review_id, if_match, body.reason)
