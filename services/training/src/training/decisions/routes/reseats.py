"""HTTP door of the seats that were carried to another session: read, and refused."""

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
from training.decisions import use_cases
from training.decisions.domain import ReseatKept, ReseatNotFound
from training.decisions.queries import reseats
from training.decisions.schemas import ReseatLine, ReseatListParams, ReseatOut
from training.enrolments.domain import EnrolmentNotFound, NotLive, OfferPending, PoolNotFound, SessionNotOpen
from training.rights import Act
from training.sessions.domain import SessionNotFound

router = APIRouter(prefix="/reseats", tags=["Décisions"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ENROLMENTS))]
MayEnrol = Annotated[Grant, Depends(allow(Act.ENROL))]


@router.get("", operation_id="listReseats", summary="Les places reportées", responses=problems(BadCursor, BadSort))
async def list_reseats(read: ReadDep, grant: MayRead, params: Annotated[ReseatListParams, Query()]) -> Page[ReseatLine]:
    """D'une session qui n'est pas tenue à une autre ; une structure voit les siennes. Tri : decline_by."""
    return await reseats.list_reseats(read, grant, params)


@router.get(
    "/{enrolment_id}",
    operation_id="getReseat",
    summary="Une place reportée",
    responses=problems(ReseatNotFound, EnrolmentNotFound),
)
async def get_reseat(enrolment_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> ReseatOut:
    """Par l'identifiant de l'inscription à l'autre session."""
    return versioned(response, await reseats.find_reseat(read, grant, enrolment_id))


@router.post(
    "/{enrolment_id}/decline",
    operation_id="declineReseat",
    summary="Refuser l'autre session",
    responses=problems(
        ReseatNotFound, EnrolmentNotFound, ReseatKept, NotLive, OfferPending, PoolNotFound, SessionNotFound,
        SessionNotOpen, RuleMissing, PreconditionMissing, PreconditionFailed,
    ),
)  # fmt: skip
async def decline(
    enrolment_id: UUID, tx: TxDep, grant: MayEnrol, response: Response, if_match: IfMatch = None
) -> ReseatOut:
    """Sans frais, jusqu'au jour dit ; la place va à qui est le suivant."""
    await use_cases.decline_reseat(tx, grant, enrolment_id, if_match)
    return versioned(response, await reseats.find_reseat(tx, grant, enrolment_id))
