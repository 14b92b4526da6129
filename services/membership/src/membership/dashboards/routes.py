"""HTTP door of the delegations' dashboards."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from common.dated import RuleMissing
from common.door import Door, ReadDep
from common.problem import problems
from common.rights import Grant, allow
from membership.dashboards import queries
from membership.dashboards.domain import DelegationNotFound
from membership.dashboards.schemas import DashboardOut, DashboardParams, DashboardsOut
from membership.encounters.domain import YearNotBegun
from membership.rights import Act

router = APIRouter(prefix="/dashboards", tags=["Tableaux de bord"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_DASHBOARDS))]
Code = Annotated[str, Path(max_length=60, examples=["occitanie"])]


@router.get(
    "",
    operation_id="getDashboards",
    summary="Les tableaux de bord des délégations",
    responses=problems(YearNotBegun, RuleMissing),
)
async def get_dashboards(read: ReadDep, grant: MayRead, params: Annotated[DashboardParams, Query()]) -> DashboardsOut:
    """Chaque chiffre dit ce qu'il compte et donne la liste de ses lignes. Sans année, il est d'aujourd'hui."""
    return await queries.list_dashboards(read, grant, params.year)


@router.get(
    "/{delegation}",
    operation_id="getDashboard",
    summary="Le tableau de bord d'une délégation",
    responses=problems(DelegationNotFound, YearNotBegun, RuleMissing),
)
async def get_dashboard(
    delegation: Code, read: ReadDep, grant: MayRead, params: Annotated[DashboardParams, Query()]
) -> DashboardOut:
    """Les mêmes chiffres, pour une délégation."""
    return await queries.find_dashboard(read, grant, delegation, params.year)
