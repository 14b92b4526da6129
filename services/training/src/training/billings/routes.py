"""HTTP door of the billings: what is sold, and who pays which part of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.billings import queries, use_cases
from training.billings.documents import EXPORT_HEADER
from training.billings.domain import (
    AgreementDateWrong,
    BillingExists,
    BillingNotFound,
    NothingToBill,
    SeatsPending,
    ShareInvoiced,
    ShareNotFound,
    ShareOfBuyer,
    ShareRefused,
    SharesTooLarge,
)
from training.billings.schemas import (
    AgreementIn,
    BillingExportParams,
    BillingIn,
    BillingLine,
    BillingListParams,
    BillingOut,
    FunderIn,
)
from training.enrolments.domain import RequestNotFound
from training.rights import Act
from training.sessions.domain import SessionNotFound

router = APIRouter(prefix="/billings", tags=["Facturation"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_INVOICES))]
MayBill = Annotated[Grant, Depends(allow(Act.BILL))]
_CHANGED = (BillingNotFound, PreconditionMissing, PreconditionFailed, ShareInvoiced)


@router.get("", operation_id="listBillings", summary="Les facturations", responses=problems(BadCursor, BadSort))
async def list_billings(
    read: ReadDep, grant: MayRead, params: Annotated[BillingListParams, Query()]
) -> Page[BillingLine]:
    """`to_revise` : des places ont été rendues, avec l'avoir proposé. Tris : opened_at, reference, total."""
    return await queries.list_billings(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="openBilling",
    summary="Ouvrir la facturation d'une demande",
    responses=problems(RequestNotFound, SessionNotFound, SeatsPending, NothingToBill, SharesTooLarge, BillingExists),
)
async def open_billing(body: BillingIn, tx: TxDep, grant: MayBill, response: Response) -> BillingOut:
    """Au prix du devis accepté, partagé entre ses payeurs : ce que les autres ne paient pas est à l'acheteur."""
    billing = await use_cases.open_billing(tx, grant, body)
    response.headers["Location"] = f"/training/v1/billings/{billing.id}"
    return versioned(response, await queries.find_billing(tx, grant, billing.id))


@router.get("/export", operation_id="exportBillings", summary="Export CSV ou tableur", response_class=Response)
async def export_billings(read: ReadDep, grant: MayRead, params: Annotated[BillingExportParams, Query()]) -> Response:
    """Les mêmes facturations que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "facturations", EXPORT_HEADER, lines)


@router.get("/{billing_id}", operation_id="getBilling", summary="Une facturation", responses=problems(BillingNotFound))
async def get_billing(billing_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> BillingOut:
    """Ses parts, ce qui en est facturé, ce qui a changé depuis."""
    return versioned(response, await queries.find_billing(read, grant, billing_id))


@router.post(
    "/{billing_id}/revise",
    operation_id="reviseBilling",
    summary="Reprendre le total",
    responses=problems(*_CHANGED, SharesTooLarge),
)
async def revise(
    billing_id: UUID, tx: TxDep, grant: MayBill, response: Response, if_match: IfMatch = None
) -> BillingOut:
    """Depuis les places comme elles sont ; la différence est à l'acheteur. Ce qui est facturé se crédite d'abord."""
    await use_cases.revise(tx, grant, billing_id, if_match)
    return versioned(response, await queries.find_billing(tx, grant, billing_id))


@router.post(
    "/{billing_id}/ask",
    operation_id="askFunder",
    summary="Demander une part à un financeur",
    responses=problems(*_CHANGED, SharesTooLarge),
)
async def ask(
    billing_id: UUID, body: FunderIn, tx: TxDep, grant: MayBill, response: Response, if_match: IfMatch = None
) -> BillingOut:
    """Elle se retranche de celle de l'acheteur."""
    await use_cases.ask(tx, grant, billing_id, if_match, body)
    return versioned(response, await queries.find_billing(tx, grant, billing_id))


@router.post(
    "/{billing_id}/shares/{share_id}/agree",
    operation_id="agreeShare",
    summary="Noter l'accord d'un financeur",
    responses=problems(*_CHANGED, ShareNotFound, ShareOfBuyer, ShareRefused, SharesTooLarge, AgreementDateWrong),
)
async def agree(
    billing_id: UUID,
    share_id: UUID,
    body: AgreementIn,
    tx: TxDep,
    grant: MayBill,
    response: Response,
    if_match: IfMatch = None,
) -> BillingOut:
    """Son dossier, le jour, le montant : ce qu'il n'accorde pas revient à l'acheteur."""
    await use_cases.agree(tx, grant, billing_id, share_id, if_match, body)
    return versioned(response, await queries.find_billing(tx, grant, billing_id))


@router.post(
    "/{billing_id}/shares/{share_id}/refuse",
    operation_id="refuseShare",
    summary="Noter le refus d'un financeur",
    responses=problems(*_CHANGED, ShareNotFound, ShareOfBuyer, ShareRefused),
)
async def refuse(
    billing_id: UUID, share_id: UUID, tx: TxDep, grant: MayBill, response: Response, if_match: IfMatch = None
) -> BillingOut:
    """Toute sa part revient à l'acheteur ; un autre dossier est une autre part."""
    await use_cases.refuse(tx, grant, billing_id, share_id, if_match)
    return versioned(response, await queries.find_billing(tx, grant, billing_id))
