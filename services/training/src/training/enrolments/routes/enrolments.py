"""HTTP door of the seats, one by one."""

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
from training.enrolments.documents import EXPORT_HEADER
from training.enrolments.domain import (
    AlreadyEnrolled,
    EnrolmentNotFound,
    NotLive,
    NotOfBuyer,
    OfferPending,
    PoolNotFound,
    ReasonNotYours,
    SessionBegun,
    SessionNotOpen,
)
from training.enrolments.queries import enrolments as queries
from training.enrolments.schemas import (
    EnrolmentExportParams,
    EnrolmentLine,
    EnrolmentListParams,
    EnrolmentOut,
    SubstitutionIn,
    WithdrawalIn,
)
from training.enrolments.use_cases import enrolments as use_cases
from training.rights import Act
from training.sessions.domain import SessionNotFound
from training.trainees.domain import TraineeNotFound

router = APIRouter(prefix="/enrolments", tags=["Inscriptions"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ENROLMENTS))]
MayEnrol = Annotated[Grant, Depends(allow(Act.ENROL))]
_SHOWN = (EnrolmentNotFound, SessionNotFound, SessionNotOpen, RuleMissing)
_CHANGED = (*_SHOWN, PreconditionMissing, PreconditionFailed, PoolNotFound, NotLive)


@router.get("", operation_id="listEnrolments", summary="Les inscriptions", responses=problems(BadCursor, BadSort))
async def list_enrolments(
    read: ReadDep, grant: MayRead, params: Annotated[EnrolmentListParams, Query()]
) -> Page[EnrolmentLine]:
    """Place par place ; une structure voit les siennes. Tris : first_day, session."""
    return await queries.list_enrolments(read, grant, params)


@router.get("/export", operation_id="exportEnrolments", summary="Export CSV ou tableur", response_class=Response)
async def export_enrolments(
    read: ReadDep, grant: MayRead, params: Annotated[EnrolmentExportParams, Query()]
) -> Response:
    """Les mêmes inscriptions que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "inscriptions", EXPORT_HEADER, lines)


@router.get("/{enrolment_id}", operation_id="getEnrolment", summary="Une inscription", responses=problems(*_SHOWN))
async def get_enrolment(enrolment_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> EnrolmentOut:
    """Qui a la place, et ce que la rendre laisserait dû aujourd'hui, texte à l'appui."""
    return versioned(response, await queries.find_enrolment(read, grant, enrolment_id))


@router.post(
    "/{enrolment_id}/withdraw",
    operation_id="withdrawEnrolment",
    summary="Rendre la place",
    responses=problems(*_CHANGED, ReasonNotYours, OfferPending),
)
async def withdraw(
    enrolment_id: UUID, body: WithdrawalIn, tx: TxDep, grant: MayEnrol, response: Response, if_match: IfMatch = None
) -> EnrolmentOut:
    """Elle va à qui est le suivant. `dry_run` dit ce qui serait dû."""
    await use_cases.withdraw(tx, grant, enrolment_id, if_match, body.reason)
    return versioned(response, await queries.find_enrolment(tx, grant, enrolment_id))


@router.post(
    "/{enrolment_id}/substitute",
    operation_id="substituteTrainee",
    summary="Nommer ou remplacer la personne",
    responses=problems(*_CHANGED, TraineeNotFound, NotOfBuyer, SessionBegun, AlreadyEnrolled),
)
async def substitute(
    enrolment_id: UUID, body: SubstitutionIn, tx: TxDep, grant: MayEnrol, response: Response, if_match: IfMatch = None
) -> EnrolmentOut:
    """Une autre personne de la même structure, jusqu'au début de la session ; après, Coorace Formation seulement."""
    await use_cases.substitute(tx, grant, enrolment_id, if_match, body.trainee_id)
    return versioned(response, await queries.find_enrolment(tx, grant, enrolment_id))
