"""HTTP door of the split of the money that came in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.apportionment import queries
from dues.apportionment.schemas import (
    BalanceParams,
    CashBalancesOut,
    CashPartExportParams,
    CashPartListParams,
    CashPartOut,
)
from dues.rights import Act

router = APIRouter(prefix="/apportionment", tags=["Répartition"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_APPORTIONMENT))]


@router.get("/balances", operation_id="getCashBalances", summary="Ce qui revient à chacun")
async def get_balances(read: ReadDep, grant: MayRead, params: Annotated[BalanceParams, Query()]) -> CashBalancesOut:
    """De l'argent venu, à la fin d'un jour. Une délégation lit sa part."""
    return await queries.balances(read, grant, params.as_of)


@router.get(
    "/movements",
    operation_id="listCashParts",
    summary="Les parts, somme par somme",
    responses=problems(BadCursor, BadSort),
)
async def list_parts(
    read: ReadDep, grant: MayRead, params: Annotated[CashPartListParams, Query()]
) -> Page[CashPartOut]:
    """Les lignes dont chaque solde est la somme. Tris : day, beneficiary, amount, invoice_number."""
    return await queries.list_parts(read, grant, params)


@router.get(
    "/movements/export", operation_id="exportCashParts", summary="Export CSV ou tableur", response_class=Response
)
async def export_parts(read: ReadDep, grant: MayRead, params: Annotated[CashPartExportParams, Query()]) -> Response:
    """Les mêmes parts que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "repartition", queries.EXPORT_HEADER, lines)
