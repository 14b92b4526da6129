"""HTTP door of the accounts of members."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep
from common.pagination import BadCursor, BadSort
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.config import Entity
from dues.members.domain import MemberMerged, MemberUnknown
from dues.receivables import queries
from dues.receivables.documents import export_header, export_lines, print_account, print_balance
from dues.receivables.domain import AccountDaysReversed, AgedBalanceTooLong, AsOfInFuture
from dues.receivables.schemas import (
    AccountOut,
    AccountParams,
    AgedBalanceOut,
    AgedExportParams,
    AgedFilters,
    AgedListParams,
    AgeingOut,
)
from dues.rights import Act

router = APIRouter(prefix="/accounts", tags=["Comptes des adhérents"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ACCOUNTS))]


@router.get(
    "/aged-balance",
    operation_id="getAgedBalance",
    summary="La balance âgée",
    responses=problems(AsOfInFuture, RuleMissing, BadCursor, BadSort),
)
async def get_aged_balance(read: ReadDep, grant: MayRead, params: Annotated[AgedListParams, Query()]) -> AgedBalanceOut:
    """Ce que chaque structure devait à la fin d'un jour, par tranche de retard, et les totaux. Tris : owed, overdue,
    name, oldest_due_on."""
    return await queries.aged_balance(read, grant, params)


@router.get(
    "/aged-balance/export",
    operation_id="exportAgedBalance",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(AsOfInFuture, RuleMissing),
)
async def export_aged_balance(read: ReadDep, grant: MayRead, params: Annotated[AgedExportParams, Query()]) -> Response:
    """La même balance, avec les mêmes filtres."""
    buckets, lines = await queries.aged_lines(read, grant, params)
    return await export_response(params.format, "balance-agee", export_header(buckets), export_lines(lines))


@router.get(
    "/aged-balance/pdf",
    operation_id="printAgedBalance",
    summary="Le document (PDF)",
    response_class=Response,
    responses=problems(AsOfInFuture, RuleMissing, AgedBalanceTooLong),
)
async def print_aged_balance(
    read: ReadDep, grant: MayRead, entity: Entity, filters: Annotated[AgedFilters, Query()]
) -> Response:
    """La même balance, les plus grosses dettes d'abord ; 2 000 structures au plus."""
    balance = await queries.printed_balance(read, grant, filters)
    content = await print_balance(entity, balance, queries.kept_to(filters))
    return pdf_response(content, f"balance-agee-{balance.as_of}")


@router.get(
    "/ageing", operation_id="getAgeing", summary="Les tranches de retard en vigueur", responses=problems(RuleMissing)
)
async def get_ageing(read: ReadDep, _: MayRead) -> AgeingOut:
    """Avec leur source et leur état : « à confirmer » tant que la fédération n'a pas dit les siennes."""
    return queries.show_ageing(read.today)


@router.get(
    "/{member_id}",
    operation_id="getAccount",
    summary="Le relevé de compte d'une structure",
    responses=problems(MemberUnknown, MemberMerged, AsOfInFuture, AccountDaysReversed, RuleMissing),
)
async def get_account(
    member_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[AccountParams, Query()]
) -> AccountOut:
    """Appels, avoirs, règlements et impayés, avec ce qui est dû après chacun ; ce qui restait dû d'avant ce système."""
    return await queries.find_account(read, grant, member_id, params)


@router.get(
    "/{member_id}/pdf",
    operation_id="printAccount",
    summary="Le relevé de compte (PDF)",
    response_class=Response,
    responses=problems(MemberUnknown, MemberMerged, AsOfInFuture, AccountDaysReversed, RuleMissing),
)
async def print_member_account(
    member_id: UUID, read: ReadDep, grant: MayRead, entity: Entity, params: Annotated[AccountParams, Query()]
) -> Response:
    """Le même relevé, à envoyer ou à joindre."""
    account = await queries.find_account(read, grant, member_id, params)
    return pdf_response(await print_account(entity, account), f"releve-de-compte-{account.as_of}")
