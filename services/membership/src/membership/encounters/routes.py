"""HTTP door of who was met in a year."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.encounters import queries
from membership.encounters.documents import EXPORT_HEADER
from membership.encounters.domain import YearNotBegun
from membership.encounters.schemas import EncounterExportParams, EncounterLine, EncounterListParams, EncounterYearOut
from membership.interviews.schemas import CountedYear
from membership.rights import Act

router = APIRouter(prefix="/encounters", tags=["Qui a été rencontré"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ENCOUNTERS))]
Counted = Annotated[CountedYear, Path()]


@router.get(
    "/{year}",
    operation_id="getEncounters",
    summary="Combien ont été rencontrées",
    responses=problems(YearNotBegun, RuleMissing),
)
async def get_year(year: Counted, read: ReadDep, grant: MayRead) -> EncounterYearOut:
    """« 51 sur 58 » : par un entretien, par une rencontre départementale, des deux manières ; par délégation."""
    return await queries.find_year(read, grant, year)


@router.get(
    "/{year}/members",
    operation_id="listEncounters",
    summary="Qui a été rencontré, qui ne l'a pas été",
    responses=problems(YearNotBegun, RuleMissing, BadCursor, BadSort),
)
async def list_members(
    year: Counted, read: ReadDep, grant: MayRead, params: Annotated[EncounterListParams, Query()]
) -> Page[EncounterLine]:
    """Les adhérentes à rencontrer ; `met=false`, celles qui ne l'ont pas été. Tris : name, delegation."""
    return await queries.list_members(read, grant, year, params)


@router.get(
    "/{year}/members/export",
    operation_id="exportEncounters",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(YearNotBegun, RuleMissing),
)
async def export_members(
    year: Counted, read: ReadDep, grant: MayRead, params: Annotated[EncounterExportParams, Query()]
) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, year, params)
    return await export_response(params.format, f"rencontres-{year}", EXPORT_HEADER, lines)
