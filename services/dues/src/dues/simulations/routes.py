"""HTTP door of the simulations."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.files import FileMissing
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.drafts.domain import DraftNotFound
from dues.grids.domain import GridUnusable, SmicNotPublished
from dues.rights import Act
from dues.simulations import queries, use_cases
from dues.simulations.documents import EXPORT_HEADER, export_line
from dues.simulations.domain import (
    SimulatedMemberUnknown,
    SimulationNotFound,
    SimulationUnfinished,
    SmicPublished,
)
from dues.simulations.repository import pdf_path
from dues.simulations.schemas import (
    LineDetail,
    LineExportParams,
    LineListParams,
    LineOut,
    SimulationDetail,
    SimulationIn,
    SimulationListParams,
    SimulationOut,
)

asking = APIRouter(prefix="/grid-drafts", tags=["Simulations"], route_class=Door)
router = APIRouter(prefix="/simulations", tags=["Simulations"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_SIMULATIONS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_SIMULATIONS))]


@asking.post(
    "/{draft_id}/simulations",
    status_code=202,
    operation_id="simulateGridDraft",
    summary="Simuler un projet de grille",
    responses=problems(DraftNotFound, GridUnusable, SmicNotPublished, SmicPublished),
)
async def simulate(draft_id: UUID, body: SimulationIn, tx: TxDep, _: MayRun, response: Response) -> SimulationDetail:
    """Sur toutes les adhérentes et leurs bases déclarées, par le calcul même de la campagne. Le projet est pris tel
    qu'il est : le récrire ensuite n'y change rien.
    """
    row = await use_cases.ask(tx, draft_id, body)
    response.headers["Location"] = f"/dues/v1/jobs/{row.job_id}"
    return await queries.find_simulation(tx, row.id)


@router.get("", operation_id="listSimulations", summary="Les simulations", responses=problems(BadCursor, BadSort))
async def list_simulations(
    read: ReadDep, _: MayRead, params: Annotated[SimulationListParams, Query()]
) -> Page[SimulationOut]:
    """Tris : created_at, year."""
    return await queries.list_simulations(read, params)


@router.get(
    "/{simulation_id}",
    operation_id="getSimulation",
    summary="Une simulation",
    responses=problems(SimulationNotFound),
)
async def get_simulation(simulation_id: UUID, read: ReadDep, _: MayRead) -> SimulationDetail:
    """Ce qui y est supposé, ce que le projet change, qui paierait plus, qui paierait moins."""
    return await queries.find_simulation(read, simulation_id)


@router.get(
    "/{simulation_id}/lines",
    operation_id="listSimulationLines",
    summary="Adhérente par adhérente",
    responses=problems(SimulationNotFound, BadCursor, BadSort),
)
async def list_lines(
    simulation_id: UUID, read: ReadDep, _: MayRead, params: Annotated[LineListParams, Query()]
) -> Page[LineOut]:
    """Tris : name, difference, reference_total, draft_total."""
    return await queries.list_lines(read, simulation_id, params)


@router.get(
    "/{simulation_id}/lines/export",
    operation_id="exportSimulationLines",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(SimulationNotFound),
)
async def export_lines(
    simulation_id: UUID, read: ReadDep, _: MayRead, params: Annotated[LineExportParams, Query()]
) -> Response:
    """Les mêmes adhérentes que la liste, avec les mêmes filtres."""
    lines = await queries.lines_to_export(read, simulation_id, params)
    return await export_response(params.format, "simulation-de-grille", EXPORT_HEADER, map(export_line, lines))


@router.get(
    "/{simulation_id}/lines/{member_id}",
    operation_id="explainSimulationLine",
    summary="Une adhérente, expliquée",
    responses=problems(SimulationNotFound, SimulatedMemberUnknown),
)
async def explain_line(simulation_id: UUID, member_id: UUID, read: ReadDep, _: MayRead) -> LineDetail:
    """Les deux calculs pas à pas, sur ce qui était connu d'elle quand la simulation fut faite."""
    return await queries.explain_line(read, simulation_id, member_id)


@router.get(
    "/{simulation_id}/pdf",
    operation_id="downloadSimulation",
    summary="Les pages pour l'assemblée (PDF/A)",
    response_class=Response,
    responses=problems(SimulationNotFound, SimulationUnfinished, FileMissing),
)
async def download(simulation_id: UUID, request: Request, read: ReadDep, _: MayRead) -> Response:
    """Imprimées une fois, à la fin de la simulation, et conservées telles quelles."""
    row = await queries.finished(read, simulation_id)
    content = await request.app.state.runtime.files.get(pdf_path(row.id))
    return pdf_response(content, f"simulation-{row.year}-{row.created_at:%Y%m%d}")
