"""HTTP door of the requests for support."""

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
from membership.members.domain import MemberNotFound
from membership.rights import Act
from membership.support_requests import queries, use_cases
from membership.support_requests.documents import EXPORT_HEADER
from membership.support_requests.domain import (
    SupportActionNotFound,
    SupportActionSettled,
    SupportActionsOpen,
    SupportAlreadyPlaced,
    SupportAlreadyTakenUp,
    SupportNotRunning,
    SupportNotSettled,
    SupportReasonUnknown,
    SupportRequestNotFound,
    SupportStructureUnknown,
    TakenUpAnotherDay,
)
from membership.support_requests.schemas import (
    SupportActionDropIn,
    SupportActionIn,
    SupportCloseIn,
    SupportDeclineIn,
    SupportPlaceIn,
    SupportReasonsOut,
    SupportReopenIn,
    SupportRequestExportParams,
    SupportRequestIn,
    SupportRequestListParams,
    SupportRequestOut,
    SupportTakeUpIn,
)

router = APIRouter(prefix="/support-requests", tags=["Demandes d'appui"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_SUPPORT))]
MayAsk = Annotated[Grant, Depends(allow(Act.ASK_SUPPORT))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_SUPPORT))]
MayPlace = Annotated[Grant, Depends(allow(Act.PLACE_SUPPORT))]
_CHANGED = (SupportRequestNotFound, RuleMissing, PreconditionMissing, PreconditionFailed)


@router.get("/reasons", operation_id="listSupportReasons", summary="Les motifs que l'on peut donner")
async def list_reasons(_: MayRead) -> SupportReasonsOut:
    """Le comité FG2I peut en donner d'autres, montrés tels quels."""
    return queries.list_reasons()


@router.get(
    "",
    operation_id="listSupportRequests",
    summary="Les demandes d'appui",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_requests(
    read: ReadDep, grant: MayRead, params: Annotated[SupportRequestListParams, Query()]
) -> Page[SupportRequestOut]:
    """Celles que FG2I adresse à une structure inconnue du registre sont au réseau : `unplaced=true`.
    Tris : asked_on, due_on."""
    return await queries.list_requests(read, grant, params)


@router.get(
    "/export",
    operation_id="exportSupportRequests",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RuleMissing),
)
async def export_requests(
    read: ReadDep, grant: MayRead, params: Annotated[SupportRequestExportParams, Query()]
) -> Response:
    """Les mêmes demandes que la liste, avec les mêmes filtres ; sans leur description."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "demandes-appui", EXPORT_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="askSupport",
    summary="Demander un appui",
    responses=problems(MemberNotFound, SupportReasonUnknown, SupportRequestNotFound, RuleMissing),
)
async def ask(body: SupportRequestIn, tx: TxDep, grant: MayAsk, response: Response) -> SupportRequestOut:
    """Pour une structure de son périmètre, ou pour soi. Le délai de prise en charge court de ce jour."""
    request_id = await use_cases.ask(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/support-requests/{request_id}"
    return versioned(response, await queries.find_request(tx, grant, request_id))


@router.get(
    "/{request_id}",
    operation_id="getSupportRequest",
    summary="Une demande d'appui",
    responses=problems(SupportRequestNotFound, RuleMissing),
)
async def get_request(request_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> SupportRequestOut:
    """Avec son plan."""
    return versioned(response, await queries.find_request(read, grant, request_id))


@router.post(
    "/{request_id}/place",
    operation_id="placeSupportRequest",
    summary="Rattacher à une structure",
    responses=problems(*_CHANGED, MemberNotFound, SupportAlreadyPlaced, SupportAlreadyTakenUp),
)
async def place(
    request_id: UUID, body: SupportPlaceIn, tx: TxDep, grant: MayPlace, response: Response, if_match: IfMatch = None
) -> SupportRequestOut:
    """FG2I a nommé une structure que le registre ne connaît pas : le réseau dit laquelle c'est."""
    await use_cases.place(tx, grant, request_id, if_match, body.member_id)
    return versioned(response, await queries.find_request(tx, grant, request_id))


@router.post(
    "/{request_id}/take-up",
    operation_id="takeUpSupportRequest",
    summary="Prendre en charge",
    responses=problems(*_CHANGED, SupportAlreadyTakenUp, SupportStructureUnknown, TakenUpAnotherDay),
)
async def take_up(
    request_id: UUID, body: SupportTakeUpIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SupportRequestOut:
    """Le premier contact avec la structure est pris."""
    await use_cases.take_up(tx, grant, request_id, if_match, body)
    return versioned(response, await queries.find_request(tx, grant, request_id))


@router.post(
    "/{request_id}/decline",
    operation_id="declineSupportRequest",
    summary="Laisser sans suite",
    responses=problems(*_CHANGED, SupportAlreadyTakenUp),
)
async def decline(
    request_id: UUID, body: SupportDeclineIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SupportRequestOut:
    """Avec la raison, que la structure lit."""
    await use_cases.decline(tx, grant, request_id, if_match, body.reason)
    return versioned(response, await queries.find_request(tx, grant, request_id))


@router.post(
    "/{request_id}/actions",
    operation_id="addSupportAction",
    summary="Ajouter une action au plan",
    responses=problems(*_CHANGED, SupportNotRunning),
)
async def add_action(
    request_id: UUID, body: SupportActionIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SupportRequestOut:
    """La première fait le plan ; la structure le lit."""
    await use_cases.add_action(tx, grant, request_id, if_match, body)
    return versioned(response, await queries.find_request(tx, grant, request_id))


@router.post(
    "/{request_id}/actions/{action_id}/complete",
    operation_id="completeSupportAction",
    summary="Dire une action faite",
    responses=problems(*_CHANGED, SupportNotRunning, SupportActionNotFound, SupportActionSettled),
)
async def complete_action(
    request_id: UUID, action_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SupportRequestOut:
    """Elle est faite aujourd'hui."""
    await use_cases.settle_action(tx, grant, request_id, action_id, if_match)
    return versioned(response, await queries.find_request(tx, grant, request_id))


@router.post(
    "/{request_id}/actions/{action_id}/drop",
    operation_id="dropSupportAction",
    summary="Abandonner une action",
    responses=problems(*_CHANGED, SupportNotRunning, SupportActionNotFound, SupportActionSettled),
)
async def drop_action(
    request_id: UUID,
    action_id: UUID,
    body: SupportActionDropIn,
    tx: TxDep,
    grant: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> SupportRequestOut:
    """Avec la raison."""
    await use_cases.settle_action(tx, grant, request_id, action_id, if_match, body.reason)
    return versioned(response, await queries.find_request(tx, grant, request_id))


@router.post(
    "/{request_id}/close",
    operation_id="closeSupportRequest",
    summary="Clore",
    responses=problems(*_CHANGED, SupportNotRunning, SupportActionsOpen),
)
async def close(
    request_id: UUID, body: SupportCloseIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SupportRequestOut:
    """Une fois chaque action faite ou abandonnée, avec ce qu'il en est advenu."""
    await use_cases.close(tx, grant, request_id, if_match, body)
    return versioned(response, await queries.find_request(tx, grant, request_id))


@router.post(
    "/{request_id}/reopen",
    operation_id="reopenSupportRequest",
    summary="Rouvrir",
    responses=problems(*_CHANGED, SupportNotSettled),
)
async def reopen(
    request_id: UUID, body: SupportReopenIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SupportRequestOut:
    """Close ou laissée sans suite par erreur, elle reprend où elle en était ; ce qui avait été dit est gardé."""
    await use_cases.reopen(tx, grant, request_id, if_match, body.reason)
    return versioned(response, await queries.find_request(tx, grant, request_id))
