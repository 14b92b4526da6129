"""HTTP door of what is to be decided, and of what was."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep
from common.etags import versioned
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.decisions.documents import EXPORT_HEADER
from training.decisions.queries import due
from training.decisions.schemas import DecisionOut, DecisionSheet, DueExportParams, DueLine, DueListParams
from training.rights import Act
from training.sessions.domain import ExportTooLarge, NotAnnounced, SessionEnded, SessionNotFound

router = APIRouter(tags=["Décisions"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_DECISIONS))]


@router.get(
    "/decisions/due",
    operation_id="listDecisionsDue",
    summary="Les sessions à décider",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_due(read: ReadDep, _: MayRead, params: Annotated[DueListParams, Query()]) -> Page[DueLine]:
    """Annoncées, ni confirmées ni passées : celles dont le jour est passé d'abord. Tris : decide_on, first_day."""
    return await due.list_due(read, params)


@router.get(
    "/decisions/due/export",
    operation_id="exportDecisionsDue",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(ExportTooLarge, RuleMissing),
)
async def export_due(read: ReadDep, _: MayRead, params: Annotated[DueExportParams, Query()]) -> Response:
    """Les mêmes sessions que la liste, avec les mêmes filtres."""
    lines = await due.export(read, params)
    return await export_response(params.format, "sessions-a-decider", EXPORT_HEADER, lines)


@router.get(
    "/sessions/{session_id}/decision",
    operation_id="getDecisionSheet",
    summary="De quoi décider d'une session",
    responses=problems(SessionNotFound, NotAnnounced, SessionEnded, RuleMissing),
)
async def get_sheet(session_id: UUID, read: ReadDep, _: MayRead, response: Response) -> DecisionSheet:
    """Places, argent, prévision et sa courbe, sessions où reporter, et ce que la règle ferait."""
    return versioned(response, await due.find_sheet(read, session_id))


@router.get(
    "/sessions/{session_id}/decisions",
    operation_id="listSessionDecisions",
    summary="Ce qui en fut décidé",
    responses=problems(BadCursor, BadSort, SessionNotFound),
)
async def list_decisions(
    session_id: UUID, read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()]
) -> Page[DecisionOut]:
    """La dernière décision d'abord, avec les chiffres de ce moment. Tri : decided_at."""
    return await due.list_decisions(read, session_id, params)
