"""HTTP door of the departmental meetings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.moments import HourSkipped
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.meetings import queries, use_cases
from membership.meetings.documents import EXPORT_HEADER, MEETINGS_HEADER, print_sheet
from membership.meetings.domain import (
    AttendeeOfAbsent,
    AttendeeUnknown,
    DepartmentOutside,
    InviteeUnknown,
    MeetingCancelled,
    MeetingDelegationUnknown,
    MeetingInFuture,
    MeetingNotFound,
    MeetingSettled,
)
from membership.meetings.schemas import (
    AttendeeListParams,
    InvitationExportParams,
    InvitationListParams,
    InvitationOut,
    MeetingAmend,
    MeetingAttendeeOut,
    MeetingExportParams,
    MeetingIn,
    MeetingInviteIn,
    MeetingListParams,
    MeetingMoveIn,
    MeetingOut,
    MeetingRecordIn,
)
from membership.rights import Act

router = APIRouter(prefix="/meetings", tags=["Rencontres départementales"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_MEETINGS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_MEETINGS))]
_CHANGED = (MeetingNotFound, PreconditionMissing, PreconditionFailed)


@router.get(
    "",
    operation_id="listMeetings",
    summary="Les rencontres départementales",
    responses=problems(BadCursor, BadSort),
)
async def list_meetings(
    read: ReadDep, grant: MayRead, params: Annotated[MeetingListParams, Query()]
) -> Page[MeetingOut]:
    """Une structure voit celles où elle est invitée. Tris : day, delegation."""
    return await queries.list_meetings(read, grant, params)


@router.get("/export", operation_id="exportMeetings", summary="Export CSV ou tableur", response_class=Response)
async def export_meetings(read: ReadDep, grant: MayRead, params: Annotated[MeetingExportParams, Query()]) -> Response:
    """Les mêmes rencontres que la liste, avec les mêmes filtres ; sans les notes."""
    lines = await queries.export_meetings(read, grant, params)
    return await export_response(params.format, "rencontres", MEETINGS_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="planMeeting",
    summary="Prévoir une rencontre",
    responses=problems(MeetingDelegationUnknown, DepartmentOutside, InviteeUnknown, HourSkipped, MeetingNotFound),
)
async def plan(body: MeetingIn, tx: TxDep, grant: MayRun, response: Response) -> MeetingOut:
    """Sans liste d'invitées, toutes les adhérentes que la délégation couvre dans ces départements ce jour-là."""
    meeting_id = await use_cases.plan(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/meetings/{meeting_id}"
    return versioned(response, await queries.find_meeting(tx, grant, meeting_id))


@router.get(
    "/{meeting_id}",
    operation_id="getMeeting",
    summary="Une rencontre",
    responses=problems(MeetingNotFound),
)
async def get_meeting(meeting_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> MeetingOut:
    """Ses suites : `GET /next-steps?meeting=`."""
    return versioned(response, await queries.find_meeting(read, grant, meeting_id))


@router.get(
    "/{meeting_id}/invitations",
    operation_id="listInvitations",
    summary="Qui est invité, qui est venu",
    responses=problems(MeetingNotFound, BadCursor, BadSort),
)
async def list_invitations(
    meeting_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[InvitationListParams, Query()]
) -> Page[InvitationOut]:
    """Une structure n'y lit que sa ligne. Tri : name."""
    return await queries.list_invitations(read, grant, meeting_id, params)


@router.get(
    "/{meeting_id}/invitations/export",
    operation_id="exportInvitations",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(MeetingNotFound),
)
async def export_invitations(
    meeting_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[InvitationExportParams, Query()]
) -> Response:
    """La liste des structures : les mêmes lignes que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, meeting_id, params)
    return await export_response(params.format, "presences", EXPORT_HEADER, lines)


@router.get(
    "/{meeting_id}/people",
    operation_id="listMeetingPeople",
    summary="Les personnes venues",
    responses=problems(MeetingNotFound, BadCursor, BadSort),
)
async def list_people(
    meeting_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[AttendeeListParams, Query()]
) -> Page[MeetingAttendeeOut]:
    """Nommées si le registre les connaît, par leur fonction sinon. Une structure lit les siennes. Tri : rank."""
    return await queries.list_attendees(read, grant, meeting_id, params)


@router.get(
    "/{meeting_id}/attendance-sheet",
    operation_id="downloadAttendanceSheet",
    summary="La feuille de présence (PDF/A)",
    response_class=Response,
    responses=problems(MeetingNotFound, MeetingCancelled),
)
async def download_sheet(meeting_id: UUID, read: ReadDep, grant: MayRun) -> Response:
    """À signer avant la rencontre ; une fois consignée, qui est venu."""
    document = await queries.attendance_sheet(read, grant, meeting_id)
    return pdf_response(await print_sheet(document, read.today), "feuille-de-presence")


@router.patch(
    "/{meeting_id}",
    operation_id="amendMeeting",
    summary="Changer l'objet ou le lieu",
    responses=problems(*_CHANGED, MeetingSettled),
)
async def amend(
    meeting_id: UUID, body: MeetingAmend, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MeetingOut:
    """Tant qu'elle est prévue ; l'agenda des invitées suit."""
    await use_cases.amend(tx, grant, meeting_id, if_match, body)
    return versioned(response, await queries.find_meeting(tx, grant, meeting_id))


@router.post(
    "/{meeting_id}/move",
    operation_id="moveMeeting",
    summary="Déplacer",
    responses=problems(*_CHANGED, MeetingSettled, HourSkipped),
)
async def move(
    meeting_id: UUID, body: MeetingMoveIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MeetingOut:
    """À un autre jour, d'autres heures, ailleurs. Les invitées restent ; `invite` ajoute celles arrivées depuis."""
    await use_cases.move(tx, grant, meeting_id, if_match, body)
    return versioned(response, await queries.find_meeting(tx, grant, meeting_id))


@router.post(
    "/{meeting_id}/invite",
    operation_id="inviteToMeeting",
    summary="Inviter",
    responses=problems(*_CHANGED, MeetingSettled, InviteeUnknown),
)
async def invite(
    meeting_id: UUID, body: MeetingInviteIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MeetingOut:
    """D'autres structures de la délégation, ou celles de ses départements qui ne le sont pas encore."""
    await use_cases.invite(tx, grant, meeting_id, if_match, body.members)
    return versioned(response, await queries.find_meeting(tx, grant, meeting_id))


@router.post(
    "/{meeting_id}/record",
    operation_id="recordMeeting",
    summary="Consigner",
    responses=problems(*_CHANGED, MeetingCancelled, MeetingInFuture, InviteeUnknown, AttendeeUnknown, AttendeeOfAbsent),
)
async def record(
    meeting_id: UUID, body: MeetingRecordIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MeetingOut:
    """Elle a été tenue : qui est venu. Consignée de nouveau, elle est corrigée en entier : une structure dite venue
    par erreur redevient ce qu'elle était, et quitte la liste si elle n'était pas invitée."""
    await use_cases.record(tx, grant, meeting_id, if_match, body)
    return versioned(response, await queries.find_meeting(tx, grant, meeting_id))
