"""HTTP door of self-assessments."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.assessments import queries, use_cases
from membership.assessments.documents import EXPORT_HEADER
from membership.assessments.domain import (
    ActionNotFound,
    AnswersBeingGathered,
    AnswersMissing,
    AnswersUnfit,
    AssessmentAlreadyOpen,
    AssessmentNotFound,
    AssessmentNotSubmitted,
    AssessmentSubmitted,
    BankClosed,
    ConclusionNeeded,
    NoGathering,
    OwnAssessment,
    PeerUnfit,
    QuestionPlanned,
    QuestionUnknown,
    ReasonNeeded,
    ReviewClosed,
    ReviewExists,
    ReviewNotFound,
    SheetEmpty,
    SheetExists,
    SheetGiven,
    SheetNotFound,
)
from membership.assessments.schemas import (
    ActionAmend,
    ActionIn,
    ActionOut,
    AnswersIn,
    AssessmentDetail,
    AssessmentIn,
    AssessmentListParams,
    AssessmentOut,
    PeerIn,
    PlanExportParams,
    PlanOut,
    ProgressOut,
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
_LISTED = (BadCursor, BadSort, BankNotFound)
_READ = (AssessmentNotFound, BankNotFound)
_CHANGED = (*_READ, PreconditionMissing, PreconditionFailed)
_REVIEWED = (AssessmentNotFound, ReviewNotFound, ReviewClosed, PreconditionMissing, PreconditionFailed)


@router.get("", operation_id="listAssessments", summary="Les auto-évaluations", responses=problems(*_LISTED))
async def list_assessments(
    read: ReadDep, grant: MayRead, params: Annotated[AssessmentListParams, Query()]
) -> Page[AssessmentOut]:
    """Les siennes, celles où l'on est invité à relire, celles de son périmètre. Tris : opened_on, name."""
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
    """En plusieurs fois. En groupe, ce sont les réponses que le groupe arrête, une fois la collecte finie."""
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
    """Pour de bon : c'est après que l'on voit comment celles des autres se répartissent."""
    await use_cases.give_sheet(tx, grant, assessment_id, if_match)
    return versioned(response, await queries.find_sheet(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/end-gathering",
    operation_id="endGathering",
    summary="Finir la collecte",
    responses=problems(*_CHANGED, AssessmentSubmitted, NoGathering),
)
async def end_gathering(
    assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """Plus personne ne donne de réponses : toute la structure voit leur répartition, et le groupe tranche."""
    await use_cases.end_gathering(tx, grant, assessment_id, if_match)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/submit",
    operation_id="submitAssessment",
    summary="Remettre",
    responses=problems(*_CHANGED, AssessmentSubmitted, AnswersBeingGathered, AnswersMissing, QuestionPlanned),
)
async def submit(
    assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """Les réponses ne changent plus ; un plan de progrès en est tiré. Un refus nomme tout ce qui manque."""
    await use_cases.submit(tx, grant, assessment_id, if_match)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/abandon",
    operation_id="abandonAssessment",
    summary="Abandonner",
    responses=problems(*_CHANGED, AssessmentSubmitted),
)
async def abandon(
    assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """Avant de la remettre ; la structure seule la voit encore."""
    await use_cases.abandon(tx, grant, assessment_id, if_match)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.post(
    "/{assessment_id}/close",
    operation_id="closeAssessment",
    summary="Clore",
    responses=problems(*_CHANGED, AssessmentNotSubmitted),
)
async def close(
    assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """Le suivi du plan est fini, les relectures aussi."""
    await use_cases.close(tx, grant, assessment_id, if_match)
    return versioned(response, await queries.find_assessment(tx, grant, assessment_id))


@router.get(
    "/{assessment_id}/progress",
    operation_id="getProgress",
    summary="Le chemin depuis la fois d'avant",
    responses=problems(*_READ),
)
async def get_progress(assessment_id: UUID, read: ReadDep, grant: MayRead) -> ProgressOut:
    """Sur les seules questions posées, et qui ont un niveau, les deux fois."""
    return await queries.find_progress(read, grant, assessment_id)


@router.get(
    "/{assessment_id}/print",
    operation_id="printAssessment",
    summary="L'auto-évaluation, en PDF",
    response_class=Response,
    responses=problems(*_READ),
)
async def print_assessment(assessment_id: UUID, read: ReadDep, grant: MayRead) -> Response:
    """La maturité par thème à côté de celle d'avant, le plan, les conclusions des relectures."""
    return pdf_response(await queries.print_assessment(read, grant, assessment_id), "auto-evaluation")


@router.get("/{assessment_id}/plan", operation_id="getPlan", summary="Le plan de progrès", responses=problems(*_READ))
async def get_plan(assessment_id: UUID, read: ReadDep, grant: MayRead) -> PlanOut:
    """Tiré des réponses, puis tenu par la structure ; avec ce qui pourrait y être ajouté."""
    return await queries.find_plan(read, grant, assessment_id)


@router.get(
    "/{assessment_id}/plan/export",
    operation_id="exportPlan",
    summary="Le plan en CSV ou tableur",
    response_class=Response,
    responses=problems(*_READ),
)
async def export_plan(
    assessment_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[PlanExportParams, Query()]
) -> Response:
    """Une ligne par action."""
    lines = await queries.export_rows(read, grant, assessment_id)
    return await export_response(params.format, "plan-de-progres", EXPORT_HEADER, lines)


@router.post(
    "/{assessment_id}/plan/actions",
    status_code=201,
    operation_id="addAction",
    summary="Ajouter une action",
    responses=problems(*_READ, ActionNotFound, AssessmentNotSubmitted, QuestionUnknown, QuestionPlanned),
)
async def add_action(assessment_id: UUID, body: ActionIn, tx: TxDep, grant: MayRun, response: Response) -> ActionOut:
    """De la structure elle-même, ou proposée pour une question dont le plan ne dit rien."""
    action_id = await use_cases.add_action(tx, grant, assessment_id, body)
    response.headers["Location"] = f"/membership/v1/assessments/{assessment_id}/plan/actions/{action_id}"
    return versioned(response, await queries.find_action(tx, grant, assessment_id, action_id))


@router.get(
    "/{assessment_id}/plan/actions/{action_id}",
    operation_id="getAction",
    summary="Une action",
    responses=problems(*_READ, ActionNotFound),
)
async def get_action(
    assessment_id: UUID, action_id: UUID, read: ReadDep, grant: MayRead, response: Response
) -> ActionOut:
    """Avec tout ce qu'elle disait avant."""
    return versioned(response, await queries.find_action(read, grant, assessment_id, action_id))


@router.patch(
    "/{assessment_id}/plan/actions/{action_id}",
    operation_id="amendAction",
    summary="Changer une action",
    responses=problems(*_CHANGED, ActionNotFound, AssessmentNotSubmitted, ReasonNeeded),
)
async def amend_action(
    assessment_id: UUID,
    action_id: UUID,
    body: ActionAmend,
    tx: TxDep,
    grant: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> ActionOut:
    """Ce qu'elle disait, qui l'a changé et quand restent avec elle. L'abandonner demande une raison."""
    await use_cases.amend_action(tx, grant, assessment_id, action_id, if_match, body)
    return versioned(response, await queries.find_action(tx, grant, assessment_id, action_id))


@router.post(
    "/{assessment_id}/reviews",
    status_code=201,
    operation_id="openReview",
    summary="Commencer une relecture",
    responses=problems(AssessmentNotFound, ReviewNotFound, OwnAssessment, AssessmentNotSubmitted, ReviewExists),
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
    responses=problems(AssessmentNotFound, ReviewNotFound, AssessmentNotSubmitted, PeerUnfit, ReviewExists),
)
async def invite_peer(assessment_id: UUID, body: PeerIn, tx: TxDep, grant: MayRun, response: Response) -> ReviewOut:
    """Elle voit cette auto-évaluation, et elle seule, jusqu'à sa clôture ou au retrait de l'invitation."""
    review_id = await use_cases.invite_peer(tx, grant, assessment_id, body.member_id)
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
    """Avant qu'elle soit rendue. La structure paire ne voit plus rien."""
    await use_cases.withdraw_review(tx, grant, assessment_id, review_id, if_match, body.reason)
