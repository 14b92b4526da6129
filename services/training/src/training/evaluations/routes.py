"""HTTP doors of the evaluations: whoever has a link, the training team, who reads the results, everybody."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, revalidated, versioned
from common.idempotency import NO_STORE, AnswerGivenOnce
from common.pagination import BadCursor, BadSort, Page, Whole
from common.problem import problems
from common.rights import Grant, allow
from training.evaluations import use_cases
from training.evaluations.domain import (
    AlreadyAnswered,
    AnswersUnfit,
    EvaluationClosed,
    EvaluationLinkNotFound,
    EvaluationNotFound,
)
from training.evaluations.queries import forms, results, rules
from training.evaluations.schemas import (
    CommentListParams,
    CommentOut,
    EvaluationAnswerIn,
    EvaluationFormOut,
    EvaluationLine,
    EvaluationLinkOut,
    EvaluationListParams,
    EvaluationOut,
    Key,
    ProgrammeResultsOut,
    QuestionnaireOut,
    ResultsOut,
    ResultsParams,
)
from training.programmes.domain import ProgrammeNotFound, SheetNotFound, VersionNotFound
from training.programmes.schemas import Code
from training.rights import Act

router = APIRouter(tags=["Évaluations"], route_class=Door)

WithLink = Annotated[Grant, Depends(allow(Act.ANSWER_EVALUATIONS))]
MayFollow = Annotated[Grant, Depends(allow(Act.FOLLOW_EVALUATIONS))]
MayReadResults = Annotated[Grant, Depends(allow(Act.READ_EVALUATION_RESULTS))]
Anybody = Annotated[Grant, Depends(allow(Act.READ_CATALOGUE))]
LinkKey = Annotated[Key, Header(alias="Evaluation-Key", description="La clé que porte le courriel, après le `#`")]
_FORM = (EvaluationLinkNotFound, ProgrammeNotFound, VersionNotFound, RuleMissing)


@router.get(
    "/questionnaires",
    operation_id="listQuestionnaires",
    summary="Les questionnaires, et depuis quand",
)
async def list_questionnaires(_: MayReadResults) -> Whole[QuestionnaireOut]:
    """Avec d'où ils viennent, et ce qui est à confirmer."""
    return Whole(items=rules.show_questionnaires())


@router.get(
    "/evaluations",
    operation_id="listEvaluations",
    summary="À qui l'on a demandé, et qui a répondu",
    responses=problems(BadCursor, BadSort),
)
async def list_evaluations(
    read: ReadDep, _: MayFollow, params: Annotated[EvaluationListParams, Query()]
) -> Page[EvaluationLine]:
    """Jamais ce qui fut répondu. Tris : asked_on, closes_on."""
    return await forms.list_evaluations(read, params)


@router.get(
    "/evaluations/{evaluation_id}",
    operation_id="getEvaluation",
    summary="Une évaluation ; d'un positionnement, ses réponses",
    responses=problems(EvaluationNotFound, ProgrammeNotFound, VersionNotFound, RuleMissing),
)
async def get_evaluation(evaluation_id: UUID, read: ReadDep, _: MayFollow) -> EvaluationOut:
    """Pour préparer la session. Les réponses à chaud et à froid ne se rattachent à personne."""
    return await forms.find_evaluation(read, evaluation_id)


@router.post(
    "/evaluations/{evaluation_id}/link",
    status_code=201,
    operation_id="giveEvaluationLink",
    summary="Un lien à donner de la main à la main",
    responses=problems(EvaluationNotFound, AlreadyAnswered, EvaluationClosed, AnswerGivenOnce),
)
async def give_link(evaluation_id: UUID, tx: TxDep, _: MayFollow, response: Response) -> EvaluationLinkOut:
    """Pour qui n'a pas d'adresse, ou a perdu le courriel. La clé ne se montre qu'une fois."""
    response.headers["Cache-Control"] = NO_STORE
    return EvaluationLinkOut(key=await use_cases.new_link(tx, evaluation_id))


@router.get(
    "/evaluation-results",
    operation_id="getEvaluationResults",
    summary="Les résultats, à chaud ou à froid",
    responses=problems(RuleMissing),
)
async def get_results(read: ReadDep, _: MayReadResults, params: Annotated[ResultsParams, Query()]) -> ResultsOut:
    """D'une session, d'un programme, d'une année. Une session close avec moins de cinq réponses ne se montre qu'avec
    d'autres du même programme et de la même année, cinq réponses ensemble au moins."""
    return await results.results(read, params)


@router.get(
    "/evaluation-comments",
    operation_id="listEvaluationComments",
    summary="Ce qui fut écrit",
    responses=problems(BadCursor, BadSort),
)
async def list_comments(read: ReadDep, _: MayFollow, params: Annotated[CommentListParams, Query()]) -> Page[CommentOut]:
    """Sous les mêmes conditions que les résultats, dans un ordre tiré au sort. Pour l'équipe formation : un texte peut
    nommer quelqu'un malgré la consigne. Tri : id."""
    return await results.list_comments(read, params)


@router.get(
    "/evaluation-form",
    operation_id="openEvaluationForm",
    summary="Ce qu'ouvre un lien",
    responses=problems(*_FORM),
)
async def open_form(key: LinkKey, read: ReadDep, _: WithLink, response: Response) -> EvaluationFormOut:
    """Sans jeton, par la clé du courriel : les questions, et jusqu'à quand y répondre."""
    response.headers["Cache-Control"] = NO_STORE
    return versioned(response, await forms.open_form(read, key))


@router.post(
    "/evaluation-form/answer",
    operation_id="answerEvaluation",
    summary="Répondre, par un lien",
    responses=problems(
        *_FORM, AlreadyAnswered, EvaluationClosed, AnswersUnfit, PreconditionMissing, PreconditionFailed
    ),
)
async def answer(
    key: LinkKey, body: EvaluationAnswerIn, tx: TxDep, _: WithLink, response: Response, if_match: IfMatch = None
) -> EvaluationFormOut:
    """Sans jeton, une fois. À chaud et à froid, elle ne se reprend pas : rien ne dit plus laquelle est la vôtre."""
    await use_cases.answer(tx, key, if_match, body)
    return versioned(response, await forms.open_form(tx, key))


@router.get(
    "/catalogue/{code}/results",
    operation_id="getCatalogueResults",
    summary="Les indicateurs de résultats d'un programme",
    responses=problems(SheetNotFound, VersionNotFound, RuleMissing),
    response_model=ProgrammeResultsOut,
)
async def get_catalogue_results(code: Code, read: ReadDep, _: Anybody, request: Request) -> Response:
    """Sans jeton. Par année, chacun avec sa formule et sur combien de personnes (indicateur 2)."""
    return revalidated(request, await results.published(read, code))
