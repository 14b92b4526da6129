"""HTTP door of standings: where each member stands with the dues of each year."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.members.domain import MemberMerged, MemberUnknown
from dues.rights import Act
from dues.standings import queries
from dues.standings.schemas import StandingExportParams, StandingListParams, StandingOut, StandingSummaryOut

router = APIRouter(prefix="/standings", tags=["Situation de cotisation"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_STANDINGS))]


@router.get(
    "", operation_id="listStandings", summary="Où en sont les structures", responses=problems(BadCursor, BadSort)
)
async def list_standings(
    read: ReadDep, grant: MayRead, params: Annotated[StandingListParams, Query()]
) -> Page[StandingOut]:
    """À jour, en délai, en retard, en échéancier ou exemptée, par année. Tris : name, year, since, owed."""
    return await queries.list_standings(read, grant, params)


@router.get("/export", operation_id="exportStandings", summary="Export CSV ou tableur", response_class=Response)
async def export_standings(read: ReadDep, grant: MayRead, params: Annotated[StandingExportParams, Query()]) -> Response:
    """Les mêmes situations que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "situations", queries.EXPORT_HEADER, lines)


@router.get(
    "/summary", operation_id="summariseStandings", summary="Combien en sont où", responses=problems(RuleMissing)
)
async def summarise(
    read: ReadDep, grant: MayRead, year: Annotated[int, Query(ge=2000, le=2100, description="L'année")]
) -> StandingSummaryOut:
    """D'une année, dans le périmètre de l'appelant, avec le délai de grâce appliqué et d'où il vient."""
    return await queries.summarise(read, grant, year)


@router.get(
    "/{member_id}",
    operation_id="getStandings",
    summary="Où en est une structure",
    responses=problems(MemberUnknown, MemberMerged, BadCursor, BadSort),
)
async def get_standings(
    member_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[PageParams, Query()]
) -> Page[StandingOut]:
    """De chaque année où elle a été appelée, la dernière d'abord, et pourquoi ; rien tant qu'elle ne l'a pas été."""
    return await queries.find_standings(read, grant, member_id, params)
