"""HTTP door of the yearly interviews."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.interviews import queries, use_cases
from membership.interviews.documents import EXPORT_HEADER
from membership.interviews.domain import (
    InterviewAlreadyPlanned,
    InterviewCancelled,
    InterviewInFuture,
    InterviewNotFound,
    InterviewSettled,
    ParticipantUnknown,
)
from membership.interviews.schemas import (
    InterviewExportParams,
    InterviewIn,
    InterviewListParams,
    InterviewMoveIn,
    InterviewOut,
    InterviewRecordIn,
)
from membership.members.domain import MemberNotFound, NotAMember
from membership.rights import Act

router = APIRouter(prefix="/interviews", tags=["Entretiens annuels"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_INTERVIEWS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_INTERVIEWS))]
_CHANGED = (InterviewNotFound, MemberNotFound, PreconditionMissing, PreconditionFailed)


@router.get(
    "",
    operation_id="listInterviews",
    summary="Les entretiens avec les adhérentes",
    responses=problems(BadCursor, BadSort),
)
async def list_interviews(
    read: ReadDep, grant: MayRead, params: Annotated[InterviewListParams, Query()]
) -> Page[InterviewOut]:
    """Prévus, tenus, annulés. Tris : day (le jour tenu, ou prévu), name."""
    return await queries.list_interviews(read, grant, params)


@router.get("/export", operation_id="exportInterviews", summary="Export CSV ou tableur", response_class=Response)
async def export_interviews(
    read: ReadDep, grant: MayRead, params: Annotated[InterviewExportParams, Query()]
) -> Response:
    """Les mêmes entretiens que la liste, avec les mêmes filtres ; ni notes ni noms."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "entretiens", EXPORT_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="planInterview",
    summary="Prévoir un entretien",
    responses=problems(MemberNotFound, NotAMember, InterviewAlreadyPlanned, InterviewNotFound),
)
async def plan(body: InterviewIn, tx: TxDep, grant: MayRun, response: Response) -> InterviewOut:
    """Avec une adhérente. Un seul est à venir dans une année ; un second peut se tenir après le premier."""
    interview_id = await use_cases.plan(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/interviews/{interview_id}"
    return versioned(response, await queries.find_interview(tx, grant, interview_id))


@router.get(
    "/{interview_id}",
    operation_id="getInterview",
    summary="Un entretien",
    responses=problems(InterviewNotFound),
)
async def get_interview(interview_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> InterviewOut:
    """La structure en lit le jour et les participants, pas les notes. Ses suites : `GET /next-steps?interview=`."""
    return versioned(response, await queries.find_interview(read, grant, interview_id))


@router.post(
    "/{interview_id}/move",
    operation_id="moveInterview",
    summary="Déplacer",
    responses=problems(*_CHANGED, InterviewSettled, InterviewAlreadyPlanned),
)
async def move(
    interview_id: UUID, body: InterviewMoveIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> InterviewOut:
    """À un autre jour ; le premier jour prévu reste connu."""
    await use_cases.move(tx, grant, interview_id, if_match, body)
    return versioned(response, await queries.find_interview(tx, grant, interview_id))


@router.post(
    "/{interview_id}/record",
    operation_id="recordInterview",
    summary="Consigner",
    responses=problems(*_CHANGED, InterviewCancelled, InterviewInFuture, ParticipantUnknown),
)
async def record(
    interview_id: UUID, body: InterviewRecordIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> InterviewOut:
    """Il a été tenu : quand, avec qui, ce qui s'est dit en bref. Consigné de nouveau, il est corrigé en entier."""
    await use_cases.record(tx, grant, interview_id, if_match, body)
    return versioned(response, await queries.find_interview(tx, grant, interview_id))
