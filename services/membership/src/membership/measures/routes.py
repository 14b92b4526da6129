"""HTTP door of measures about members."""

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
from membership.measures import queries, use_cases
from membership.measures.documents import EXPORT_HEADER
from membership.measures.domain import (
    DaysInconsistent,
    MeasureAlreadyOpen,
    MeasureClosed,
    MeasureNotFound,
    NotificationNotNeeded,
    NotNotified,
    OwnMeasure,
    RecordedByOthers,
)
from membership.measures.schemas import (
    AnswerIn,
    MeasureExportParams,
    MeasureIn,
    MeasureListParams,
    MeasureOut,
    NotificationIn,
)
from membership.members.domain import MemberNotFound, NotAMember, NotInRegisterThen, NotSuspended
from membership.rights import Act

router = APIRouter(tags=["Procédures"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_MEASURES))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_MEASURES))]
MayAnswer = Annotated[Grant, Depends(allow(Act.ANSWER_MEASURES))]
_CHANGED = (MeasureNotFound, MeasureClosed, RuleMissing, PreconditionMissing, PreconditionFailed)


@router.get(
    "/measures",
    operation_id="listMeasures",
    summary="Les procédures",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_measures(
    read: ReadDep, grant: MayRead, params: Annotated[MeasureListParams, Query()]
) -> Page[MeasureOut]:
    """Suspensions, réintégrations, exclusions. La structure voit les siennes une fois notifiées. Tris : opened_on,
    name."""
    return await queries.list_measures(read, grant, params)


@router.get(
    "/measures/export",
    operation_id="exportMeasures",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RuleMissing),
)
async def export_measures(read: ReadDep, grant: MayRead, params: Annotated[MeasureExportParams, Query()]) -> Response:
    """Les mêmes procédures que la liste, avec les mêmes filtres ; sans les griefs ni les réponses."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "procedures", EXPORT_HEADER, lines)


@router.post(
    "/members/{member_id}/measures",
    status_code=201,
    operation_id="openMeasure",
    summary="Ouvrir une procédure",
    responses=problems(
        MemberNotFound,
        OwnMeasure,
        DaysInconsistent,
        NotAMember,
        NotSuspended,
        NotInRegisterThen,
        MeasureAlreadyOpen,
        RuleMissing,
    ),
)
async def open_measure(member_id: UUID, body: MeasureIn, tx: TxDep, grant: MayRun, response: Response) -> MeasureOut:
    """Ce que le conseil est appelé à décider, et pourquoi. Rien ne change avant sa décision."""
    measure_id = await use_cases.open_measure(tx, grant, member_id, body)
    response.headers["Location"] = f"/membership/v1/measures/{measure_id}"
    return versioned(response, await queries.find_measure(tx, grant, measure_id))


@router.get(
    "/measures/{measure_id}",
    operation_id="getMeasure",
    summary="Une procédure",
    responses=problems(MeasureNotFound, RuleMissing),
)
async def get_measure(measure_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> MeasureOut:
    """Les griefs, la notification, les réponses, et à partir de quand le conseil peut décider."""
    return versioned(response, await queries.find_measure(read, grant, measure_id))


@router.post(
    "/measures/{measure_id}/notifications",
    status_code=201,
    operation_id="notifyMeasure",
    summary="Consigner la notification",
    responses=problems(*_CHANGED, OwnMeasure, NotificationNotNeeded, DaysInconsistent),
)
async def notify(
    measure_id: UUID, body: NotificationIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MeasureOut:
    """Sa preuve, et le jour où la structure l'a reçue. Notifiée de nouveau, son délai repart."""
    await use_cases.notify(tx, grant, measure_id, if_match, body)
    return versioned(response, await queries.find_measure(tx, grant, measure_id))


@router.post(
    "/measures/{measure_id}/answers",
    status_code=201,
    operation_id="answerMeasure",
    summary="Répondre",
    responses=problems(*_CHANGED, RecordedByOthers, NotNotified, DaysInconsistent),
)
async def answer(
    measure_id: UUID, body: AnswerIn, tx: TxDep, grant: MayAnswer, response: Response, if_match: IfMatch = None
) -> MeasureOut:
    """La structure répond elle-même, ou la fédération consigne sa lettre ou son audition."""
    await use_cases.answer(tx, grant, measure_id, if_match, body)
    return versioned(response, await queries.find_measure(tx, grant, measure_id))


@router.post(
    "/measures/{measure_id}/abandon",
    operation_id="abandonMeasure",
    summary="Abandonner",
    responses=problems(*_CHANGED, OwnMeasure),
)
async def abandon(
    measure_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MeasureOut:
    """Avant que le conseil ait décidé ; la procédure reste au dossier."""
    await use_cases.abandon(tx, grant, measure_id, if_match)
    return versioned(response, await queries.find_measure(tx, grant, measure_id))
