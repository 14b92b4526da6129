"""HTTP door of the invoices: issue one, read them, print them, record what is paid."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.files import FileMissing, attached
from common.invoicing.einvoice import EInvoiceMissing
from common.invoicing.files import xml_inside
from common.invoicing.numbers import InvoiceNumberInvalid, IssueDateDecreasing
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.billings.domain import (
    AmountTooLarge,
    BillingNotFound,
    NothingToInvoice,
    SeatsChanged,
    ShareNotFound,
)
from training.config import OrganisationDep
from training.enrolments.domain import RequestNotFound, SessionNotOpen
from training.invoices import use_cases
from training.invoices.documents import EXPORT_HEADER
from training.invoices.domain import (
    InstalmentTooLarge,
    InvoiceNotFound,
    PayerAddressMissing,
    SessionNotOver,
    SettlementEmpty,
    SettlementNotThere,
    SettlementTooLarge,
    ShareNotAgreed,
    WithdrawalPending,
)
from training.invoices.queries import invoices
from training.invoices.repository import invoice_path
from training.invoices.schemas import (
    InvoiceExportParams,
    InvoiceIn,
    InvoiceLine,
    InvoiceListParams,
    InvoiceOut,
    InvoiceRulesOut,
    SettlementIn,
)
from training.quotes.domain import QuoteNotFound
from training.rights import Act
from training.sessions.domain import SessionNotFound

router = APIRouter(prefix="/invoices", tags=["Factures"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_INVOICES))]
MayBill = Annotated[Grant, Depends(allow(Act.BILL))]
_ISSUED = (
    BillingNotFound, ShareNotFound, ShareNotAgreed, SessionNotFound, SessionNotOpen, SessionNotOver, WithdrawalPending,
    InstalmentTooLarge, SeatsChanged, NothingToInvoice, AmountTooLarge, RequestNotFound, QuoteNotFound,
    PayerAddressMissing, RuleMissing, IssueDateDecreasing, InvoiceNumberInvalid,
)  # fmt: skip


@router.get("", operation_id="listTrainingInvoices", summary="Les factures", responses=problems(BadCursor, BadSort))
async def list_invoices(
    read: ReadDep, grant: MayRead, params: Annotated[InvoiceListParams, Query()]
) -> Page[InvoiceLine]:
    """Une structure voit les siennes. Tris : issued_on, number, due_on, total."""
    return await invoices.list_invoices(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="issueTrainingInvoice",
    summary="Émettre une facture",
    responses=problems(*_ISSUED),
)
async def issue(
    body: InvoiceIn, tx: TxDep, grant: MayBill, organisation: OrganisationDep, response: Response
) -> InvoiceOut:
    """Numérotée dans la série de l'organisme, jamais changée ensuite. `dry_run` : la même, sans rien émettre."""
    invoice_id = await use_cases.issue(tx, grant, organisation, body)
    response.headers["Location"] = f"/training/v1/invoices/{invoice_id}"
    return await invoices.find_invoice(tx, grant, invoice_id)


@router.get("/export", operation_id="exportTrainingInvoices", summary="Export CSV ou tableur", response_class=Response)
async def export_invoices(read: ReadDep, grant: MayRead, params: Annotated[InvoiceExportParams, Query()]) -> Response:
    """Les mêmes factures que la liste, avec les mêmes filtres."""
    lines = await invoices.export_rows(read, grant, params)
    return await export_response(params.format, "factures", EXPORT_HEADER, lines)


@router.get(
    "/rules", operation_id="listInvoiceRules", summary="Les règles d'une facture", responses=problems(RuleMissing)
)
async def list_rules(read: ReadDep, _: MayRead) -> InvoiceRulesOut:
    """Le terme, les mentions, ce qui peut être demandé à une personne : aujourd'hui, et d'où cela vient."""
    return invoices.rules_of(read.today)


@router.get(
    "/{invoice_id}", operation_id="getTrainingInvoice", summary="Une facture", responses=problems(InvoiceNotFound)
)
async def get_invoice(invoice_id: UUID, read: ReadDep, grant: MayRead) -> InvoiceOut:
    """Ce qu'elle dit, ce qui en est réglé, ce qui en est repris."""
    return await invoices.find_invoice(read, grant, invoice_id)


@router.get(
    "/{invoice_id}/pdf",
    operation_id="downloadTrainingInvoice",
    summary="Le document (PDF/A)",
    response_class=Response,
    responses=problems(InvoiceNotFound, FileMissing),
)
async def download_invoice(invoice_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Imprimé une fois, à l'émission, et conservé tel quel. Celui d'une personne se lit par qui facture."""
    row = await invoices.require_paper(read, grant, invoice_id)
    content = await request.app.state.runtime.files.get(invoice_path(invoice_id))
    return pdf_response(content, row.number)


@router.get(
    "/{invoice_id}/xml",
    operation_id="downloadTrainingEInvoice",
    summary="La facture électronique (XML)",
    response_class=Response,
    responses=problems(InvoiceNotFound, EInvoiceMissing, FileMissing),
)
async def download_einvoice(invoice_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Celle que porte le document : CII, profil EN 16931."""
    row = await invoices.require_einvoice(read, grant, invoice_id)
    pdf = await request.app.state.runtime.files.get(invoice_path(invoice_id))
    return attached(await asyncio.to_thread(xml_inside, pdf), "application/xml", f"{row.number}.xml")


@router.post(
    "/{invoice_id}/settlements",
    status_code=201,
    operation_id="settleTrainingInvoice",
    summary="Noter un règlement",
    responses=problems(InvoiceNotFound, SettlementEmpty, SettlementTooLarge, SettlementNotThere),
)
async def settle(invoice_id: UUID, body: SettlementIn, tx: TxDep, grant: MayBill, response: Response) -> InvoiceOut:
    """Reçu, ou repris s'il est négatif : noté pour toujours, il se corrige par un autre."""
    await use_cases.settle(tx, grant, invoice_id, body)
    response.headers["Location"] = f"/training/v1/invoices/{invoice_id}"
    return await invoices.find_invoice(tx, grant, invoice_id)
