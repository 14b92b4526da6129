"""HTTP door of what is left to do after interviews and meetings."""

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
from membership.interviews.domain import InterviewCancelled, InterviewNotFound
from membership.interviews.queries import find_interview
from membership.interviews.schemas import InterviewCancelIn, InterviewOut
from membership.meetings.domain import MeetingCancelled, MeetingNotFound
from membership.meetings.queries import find_meeting
from membership.meetings.schemas import MeetingCancelIn, MeetingOut
from membership.members.domain import MemberNotFound
from membership.next_steps import queries, use_cases
from membership.next_steps.documents import EXPORT_HEADER
from membership.next_steps.domain import (
    InterviewFollowed,
    MeetingFollowed,
    NextStepNotFound,
    NextStepOpen,
    NextStepSettled,
    StructureNotMet,
)
from membership.next_steps.schemas import (
    NextStepAmend,
    NextStepDropIn,
    NextStepExportParams,
    NextStepIn,
    NextStepListParams,
    NextStepOut,
    NextStepReopenIn,
)
from membership.rights import Act

router = APIRouter(prefix="/next-steps", tags=["Suites à donner"], route_class=Door)
interviews = APIRouter(prefix="/interviews", tags=["Entretiens annuels"], route_class=Door)
meetings = APIRouter(prefix="/meetings", tags=["Rencontres départementales"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_NEXT_STEPS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_NEXT_STEPS))]
MayRunInterviews = Annotated[Grant, Depends(allow(Act.RUN_INTERVIEWS))]
MayRunMeetings = Annotated[Grant, Depends(allow(Act.RUN_MEETINGS))]
_CHANGED = (NextStepNotFound, PreconditionMissing, PreconditionFailed)


@router.get(
    "",
    operation_id="listNextSteps",
    summary="Les suites à donner",
    responses=problems(BadCursor, BadSort),
)
async def list_next_steps(
    read: ReadDep, grant: MayRead, params: Annotated[NextStepListParams, Query()]
) -> Page[NextStepOut]:
    """Des entretiens et rencontres ; une structure lit celles qu'on lui partage. Tris : due_on, recorded_at."""
    return await queries.list_next_steps(read, grant, params)


@router.get("/export", operation_id="exportNextSteps", summary="Export CSV ou tableur", response_class=Response)
async def export_next_steps(
    read: ReadDep, grant: MayRead, params: Annotated[NextStepExportParams, Query()]
) -> Response:
    """Les mêmes suites que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "suites", EXPORT_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="addNextStep",
    summary="Noter une suite",
    responses=problems(
        InterviewNotFound, InterviewCancelled, MeetingNotFound, MeetingCancelled, StructureNotMet, NextStepNotFound
    ),
)
async def add(body: NextStepIn, tx: TxDep, grant: MayRun, response: Response) -> NextStepOut:
    """Ce qu'un entretien ou une rencontre laisse à faire : quoi, qui en répond, pour quand."""
    step_id = await use_cases.add(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/next-steps/{step_id}"
    return versioned(response, await queries.find_next_step(tx, grant, step_id))


@router.get(
    "/{step_id}", operation_id="getNextStep", summary="Une suite à donner", responses=problems(NextStepNotFound)
)
async def get_next_step(step_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> NextStepOut:
    """Quoi, qui en répond, pour quand, et ce qu'il en est advenu."""
    return versioned(response, await queries.find_next_step(read, grant, step_id))


@router.patch(
    "/{step_id}",
    operation_id="amendNextStep",
    summary="Changer",
    responses=problems(*_CHANGED, NextStepSettled),
)
async def amend(
    step_id: UUID, body: NextStepAmend, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> NextStepOut:
    """Ce qui est à faire, qui en répond, l'échéance, le partage avec la structure."""
    await use_cases.amend(tx, grant, step_id, if_match, body)
    return versioned(response, await queries.find_next_step(tx, grant, step_id))


@router.post(
    "/{step_id}/complete",
    operation_id="completeNextStep",
    summary="Dire faite",
    responses=problems(*_CHANGED, NextStepSettled),
)
async def complete(
    step_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> NextStepOut:
    """Elle est faite aujourd'hui."""
    await use_cases.complete(tx, grant, step_id, if_match)
    return versioned(response, await queries.find_next_step(tx, grant, step_id))


@router.post(
    "/{step_id}/drop",
    operation_id="dropNextStep",
    summary="Abandonner",
    responses=problems(*_CHANGED, NextStepSettled),
)
async def drop(
    step_id: UUID, body: NextStepDropIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> NextStepOut:
    """Avec la raison."""
    await use_cases.drop(tx, grant, step_id, if_match, body.reason)
    return versioned(response, await queries.find_next_step(tx, grant, step_id))


@router.post(
    "/{step_id}/reopen",
    operation_id="reopenNextStep",
    summary="Rouvrir",
    responses=problems(*_CHANGED, NextStepOpen, InterviewCancelled, MeetingCancelled),
)
async def reopen(
    step_id: UUID, body: NextStepReopenIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> NextStepOut:
    """Dite faite ou abandonnée par erreur, elle est de nouveau à faire ; ce qui en avait été dit est gardé."""
    await use_cases.reopen(tx, grant, step_id, if_match, body.reason)
    return versioned(response, await queries.find_next_step(tx, grant, step_id))


@interviews.post(
    "/{interview_id}/cancel",
    operation_id="cancelInterview",
    summary="Annuler",
    responses=problems(
        InterviewNotFound,
        MemberNotFound,
        InterviewCancelled,
        InterviewFollowed,
        PreconditionMissing,
        PreconditionFailed,
    ),
)
async def cancel_interview(
    interview_id: UUID,
    body: InterviewCancelIn,
    tx: TxDep,
    grant: MayRunInterviews,
    response: Response,
    if_match: IfMatch = None,
) -> InterviewOut:
    """Avec la raison ; un entretien consigné par erreur s'annule aussi, et ne compte plus. Ses suites encore à faire
    sont abandonnées avec lui, si on le demande ; sinon le refus les énumère (`next_steps`)."""
    await use_cases.cancel_interview(tx, grant, interview_id, if_match, body)
    return versioned(response, await find_interview(tx, grant, interview_id))


@meetings.post(
    "/{meeting_id}/cancel",
    operation_id="cancelMeeting",
    summary="Annuler",
    responses=problems(MeetingNotFound, MeetingCancelled, MeetingFollowed, PreconditionMissing, PreconditionFailed),
)
async def cancel_meeting(
    meeting_id: UUID,
    body: MeetingCancelIn,
    tx: TxDep,
    grant: MayRunMeetings,
    response: Response,
    if_match: IfMatch = None,
) -> MeetingOut:
    """Avec la raison ; une rencontre consignée par erreur s'annule aussi, et ne compte plus. Ses suites encore à faire
    sont abandonnées avec elle, si on le demande ; sinon le refus les énumère (`next_steps`)."""
    await use_cases.cancel_meeting(tx, grant, meeting_id, if_match, body)
    return versioned(response, await find_meeting(tx, grant, meeting_id))
