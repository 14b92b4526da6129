"""HTTP door of progress plans, and of what they are drawn from: submitting an assessment."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.assessments.domain import (
    AnswersBeingGathered,
    AnswersMissing,
    AssessmentNotFound,
    AssessmentNotSubmitted,
    AssessmentSubmitted,
)
from membership.assessments.queries import find_assessment
from membership.assessments.schemas import AssessmentDetail
from membership.banks.domain import BankNotFound
from membership.members.domain import NotAMember
from membership.plans import queries, use_cases
from membership.plans.documents import EXPORT_HEADER
from membership.plans.domain import ActionNotFound, NothingLeft, QuestionPlanned, QuestionUnknown, ReasonNeeded
from membership.plans.schemas import (
    ActionAmend,
    ActionIn,
    ActionOut,
    CarryOverIn,
    PlanExportParams,
    PlanOut,
    ProgressOut,
)
from membership.rights import Act

router = APIRouter(prefix="/assessments", tags=["Auto-évaluation"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ASSESSMENTS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ASSESSMENTS))]
_READ = (AssessmentNotFound, BankNotFound)
_CHANGED = (*_READ, PreconditionMissing, PreconditionFailed)


@router.post(
    "/{assessment_id}/submit",
    operation_id="submitAssessment",
    summary="Remettre",
    responses=problems(
        *_CHANGED, RuleMissing, AssessmentSubmitted, AnswersBeingGathered, AnswersMissing, NotAMember, QuestionPlanned
    ),
)
async def submit(
    assessment_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AssessmentDetail:
    """Les réponses ne changent plus ; un plan de progrès en est tiré. Un refus nomme tout ce qui manque."""
    await use_cases.submit(tx, grant, assessment_id, if_match)
    return versioned(response, await find_assessment(tx, grant, assessment_id))


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


@router.get(
    "/{assessment_id}/plan",
    operation_id="getPlan",
    summary="Le plan de progrès",
    responses=problems(*_READ),
)
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


@router.post(
    "/{assessment_id}/plan/carry-over",
    operation_id="carryOver",
    summary="Reprendre des actions du plan d'avant",
    responses=problems(*_READ, ActionNotFound, AssessmentNotSubmitted, NothingLeft, QuestionPlanned),
)
async def carry_over(assessment_id: UUID, body: CarryOverIn, tx: TxDep, grant: MayRun) -> PlanOut:
    """Celles qui y sont inachevées et que ce plan n'a pas, toutes ou certaines, avec une nouvelle échéance."""
    await use_cases.carry_over(tx, grant, assessment_id, body)
    return await queries.find_plan(tx, grant, assessment_id)


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
