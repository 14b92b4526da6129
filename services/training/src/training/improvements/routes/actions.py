"""HTTP door of the improvement actions, and of what waits for somebody."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.improvements import use_cases
from training.improvements.documents import ACTION_HEADER
from training.improvements.domain.refusals import (
    ActionEnded,
    ActionNotDone,
    ActionNotFound,
    ActionNotInProgress,
    ActionNotPlanned,
    CauseApart,
    CauseSettled,
    CauseUnknown,
    DueInPast,
)
from training.improvements.queries import actions, summary
from training.improvements.schemas import (
    ActionExportParams,
    ActionIn,
    ActionLine,
    ActionListParams,
    ImprovementActionOut,
    ImprovementSummaryOut,
    NoteIn,
    ReasonIn,
    Reference,
    RescheduleIn,
    VerifyIn,
)
from training.referential.domain import IndicatorUnknown
from training.rights import Act

figures = APIRouter(prefix="/improvements", tags=["Amélioration"], route_class=Door)
router = APIRouter(prefix="/improvements/actions", tags=["Amélioration"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_IMPROVEMENTS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_IMPROVEMENTS))]
_CHANGED = (ActionNotFound, PreconditionMissing, PreconditionFailed)


@figures.get("/summary", operation_id="getImprovementSummary", summary="Ce qui attend quelqu'un, en chiffres")
async def summarise(read: ReadDep, _: MayRead) -> ImprovementSummaryOut:
    """Ce que comptent les listes avec les mêmes filtres. Ce qui vient d'un signalement ne compte que pour l'équipe
    formation."""
    return await summary.summarise(read)


@router.get("", operation_id="listImprovementActions", summary="Les actions", responses=problems(BadCursor, BadSort))
async def list_actions(read: ReadDep, _: MayRead, params: Annotated[ActionListParams, Query()]) -> Page[ActionLine]:
    """Celles qui viennent d'un signalement : l'équipe formation seule. Tris : due_on, reference."""
    return await actions.list_actions(read, params)


@router.get(
    "/export", operation_id="exportImprovementActions", summary="Export CSV ou tableur", response_class=Response
)
async def export_actions(read: ReadDep, _: MayRead, params: Annotated[ActionExportParams, Query()]) -> Response:
    """Les mêmes actions que la liste, avec les mêmes filtres."""
    return await export_response(params.format, "actions", ACTION_HEADER, await actions.export_actions(read, params))


@router.post(
    "",
    status_code=201,
    operation_id="planImprovementAction",
    summary="Prévoir une action",
    responses=problems(
        CauseUnknown, CauseSettled, CauseApart, IndicatorUnknown, DueInPast, ActionNotFound, RuleMissing
    ),
)
async def plan(body: ActionIn, tx: TxDep, _: MayWrite, response: Response) -> ImprovementActionOut:
    """Contre un risque, une veille, un constat d'audit ou une action sans effet ; d'une réclamation, depuis elle."""
    reference = await use_cases.plan_action(tx, body)
    response.headers["Location"] = f"/training/v1/improvements/actions/{reference}"
    return versioned(response, await actions.find_action(tx, reference))


@router.get(
    "/{reference}",
    operation_id="getImprovementAction",
    summary="Une action",
    responses=problems(ActionNotFound),
)
async def get_action(reference: Reference, read: ReadDep, _: MayRead, response: Response) -> ImprovementActionOut:
    """Avec son histoire, que rien ne récrit."""
    return versioned(response, await actions.find_action(read, reference))


@router.post(
    "/{reference}/start",
    operation_id="startImprovementAction",
    summary="Commencer",
    responses=problems(*_CHANGED, ActionNotPlanned),
)
async def start(
    reference: Reference, body: NoteIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> ImprovementActionOut:
    """Une action prévue."""
    await use_cases.start_action(tx, reference, if_match, body.note)
    return versioned(response, await actions.find_action(tx, reference))


@router.post(
    "/{reference}/finish",
    operation_id="finishImprovementAction",
    summary="Dire qu'elle est faite",
    responses=problems(*_CHANGED, ActionNotInProgress),
)
async def finish(
    reference: Reference, body: NoteIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> ImprovementActionOut:
    """Son effet reste à vérifier."""
    await use_cases.finish_action(tx, reference, if_match, body.note)
    return versioned(response, await actions.find_action(tx, reference))


@router.post(
    "/{reference}/verify",
    operation_id="verifyImprovementAction",
    summary="Vérifier son effet",
    responses=problems(*_CHANGED, ActionNotDone),
)
async def verify(
    reference: Reference, body: VerifyIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> ImprovementActionOut:
    """Une fois. Sans effet, une autre se prévoit, dont elle est la cause."""
    await use_cases.verify_action(tx, reference, if_match, body.note, effective=body.effective)
    return versioned(response, await actions.find_action(tx, reference))


@router.post(
    "/{reference}/reschedule",
    operation_id="rescheduleImprovementAction",
    summary="Reporter",
    responses=problems(*_CHANGED, ActionEnded, DueInPast),
)
async def reschedule(
    reference: Reference, body: RescheduleIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> ImprovementActionOut:
    """Avec la raison ; l'échéance d'avant reste dans l'histoire."""
    await use_cases.reschedule_action(tx, reference, if_match, body)
    return versioned(response, await actions.find_action(tx, reference))


@router.post(
    "/{reference}/abandon",
    operation_id="abandonImprovementAction",
    summary="Abandonner",
    responses=problems(*_CHANGED, ActionEnded),
)
async def abandon(
    reference: Reference, body: ReasonIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> ImprovementActionOut:
    """Avec la raison."""
    await use_cases.abandon_action(tx, reference, if_match, body.reason)
    return versioned(response, await actions.find_action(tx, reference))
