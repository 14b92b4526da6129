"""HTTP door of rehearsals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.openapi import apart
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.rehearsal import queries, use_cases
from training.rehearsal.documents import EXPORT_HEADER
from training.rehearsal.domain import FindingNotFound, FindingSettled
from training.rehearsal.schemas import (
    ExplanationIn,
    FindingExportParams,
    FindingLine,
    FindingListParams,
    FindingOut,
    RehearsalOut,
)
from training.rights import Act
from training.sessions.domain import SessionNotFound
from training.trainers.domain import TrainerNotFound

findings = APIRouter(prefix="/rehearsal-findings", tags=["Répétition de contrôle"], route_class=Door)
sessions = APIRouter(prefix="/sessions", tags=["Répétition de contrôle"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_REHEARSAL))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_REHEARSAL))]


@sessions.post(
    "/{session_id}/rehearse",
    operation_id="rehearseAudit",
    summary="Répéter un contrôle",
    responses=problems(SessionNotFound, TrainerNotFound, RuleMissing),
    openapi_extra=apart("version", "Lit la session sans la changer : ce qui en fut lu n'est pas récrit."),
)
async def rehearse(session_id: UUID, tx: TxDep, _: MayRun) -> RehearsalOut:
    """Ce qu'un contrôleur opposerait aux feuilles aujourd'hui. Chaque nuit aussi, d'elle-même."""
    return await use_cases.rehearse(tx, session_id)


@findings.get("", operation_id="listRehearsalFindings", summary="Les constats", responses=problems(BadCursor, BadSort))
async def list_findings(read: ReadDep, _: MayRead, params: Annotated[FindingListParams, Query()]) -> Page[FindingLine]:
    """Avec ce qu'il faut faire tant que cela s'explique. Tri : found_at."""
    return await queries.list_findings(read, params)


@findings.get(
    "/export", operation_id="exportRehearsalFindings", summary="Export CSV ou tableur", response_class=Response
)
async def export_findings(read: ReadDep, _: MayRead, params: Annotated[FindingExportParams, Query()]) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres."""
    lines = await queries.export_findings(read, params)
    return await export_response(params.format, "constats", EXPORT_HEADER, lines)


@findings.get(
    "/{finding_id}",
    operation_id="getRehearsalFinding",
    summary="Un constat",
    responses=problems(FindingNotFound),
)
async def get_finding(finding_id: UUID, read: ReadDep, _: MayRead, response: Response) -> FindingOut:
    """Ce qui en fut dit, par qui."""
    return versioned(response, await queries.find_finding(read, finding_id))


@findings.post(
    "/{finding_id}/explain",
    operation_id="explainRehearsalFinding",
    summary="Expliquer un constat",
    responses=problems(FindingNotFound, PreconditionMissing, PreconditionFailed, FindingSettled),
)
async def explain(
    finding_id: UUID, body: ExplanationIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> FindingOut:
    """Tant que chacun s'en souvient. Ce qui est corrigé à la source se constate de soi-même."""
    await use_cases.explain(tx, finding_id, if_match, body.text)
    return versioned(response, await queries.find_finding(tx, finding_id))
