"""HTTP door of the calls for dues."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from common.contracts.dues import InvoiceFact
from common.documents import pdf_response
from common.door import Door, ReadDep
from common.feeds import feed_routes
from common.files import FileMissing, attached
from common.invoicing.einvoice import EInvoiceMissing
from common.invoicing.files import xml_inside
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.invoices import queries
from dues.invoices.documents import archive
from dues.invoices.domain import InvoiceNotFound
from dues.invoices.repository import pdf_path
from dues.invoices.schemas import InvoiceDetail, InvoiceExportParams, InvoiceFilters, InvoiceListParams, InvoiceOut
from dues.rights import Act

feed = feed_routes(
    "/invoices",
    topic=InvoiceFact.topic,
    act=Act.READ_INVOICES,
    visible=queries.visible,
    name="Invoice",
    tag="Appels de cotisation",
)
router = APIRouter(prefix="/invoices", tags=["Appels de cotisation"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_INVOICES))]


@router.get("", operation_id="listInvoices", summary="Les appels", responses=problems(BadCursor, BadSort))
async def list_invoices(
    read: ReadDep, grant: MayRead, params: Annotated[InvoiceListParams, Query()]
) -> Page[InvoiceOut]:
    """Dans le périmètre de l'appelant. Tris : number, issued_on, due_on, total, member_name."""
    return await queries.list_invoices(read, grant, params)


@router.get("/export", operation_id="exportInvoices", summary="Export CSV ou tableur", response_class=Response)
async def export_invoices(read: ReadDep, grant: MayRead, params: Annotated[InvoiceExportParams, Query()]) -> Response:
    """Les mêmes appels que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "appels-de-cotisation", queries.EXPORT_HEADER, lines)


@router.get(
    "/documents", operation_id="downloadInvoices", summary="Les documents d'une liste", response_class=StreamingResponse
)
async def download_invoices(
    request: Request, read: ReadDep, grant: MayRead, filters: Annotated[InvoiceFilters, Query()]
) -> Response:
    """Une archive zip des documents imprimés, des mêmes appels que la liste avec les mêmes filtres."""
    calls = await queries.printed_calls(read, grant, filters)
    headers = {"Content-Disposition": 'attachment; filename="appels-de-cotisation.zip"'}
    content = archive(request.app.state.runtime.files, calls)
    return StreamingResponse(content, media_type="application/zip", headers=headers)


@router.get(
    "/{invoice_id}",
    operation_id="getInvoice",
    summary="Un appel",
    responses=problems(InvoiceNotFound),
)
async def get_invoice(invoice_id: UUID, read: ReadDep, grant: MayRead) -> InvoiceDetail:
    """Le calcul pas à pas et la répartition."""
    return await queries.find_invoice(read, grant, invoice_id)


@router.get(
    "/{invoice_id}/pdf",
    operation_id="downloadInvoice",
    summary="Le document (PDF/A)",
    response_class=Response,
    responses=problems(InvoiceNotFound, FileMissing),
)
async def download_invoice(invoice_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Imprimé une fois, à l'émission, et conservé tel quel."""
    invoice = await queries.find_invoice(read, grant, invoice_id)
    content = await request.app.state.runtime.files.get(pdf_path(invoice_id))
    return pdf_response(content, invoice.number)


@router.get(
    "/{invoice_id}/xml",
    operation_id="downloadEInvoice",
    summary="La facture électronique (XML)",
    response_class=Response,
    responses=problems(InvoiceNotFound, EInvoiceMissing, FileMissing),
)
async def download_einvoice(invoice_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Celle que porte le document : CII, profil EN 16931. Un appel qui n'en a pas dit quelles règles l'empêchent."""
    number = await queries.number_with_einvoice(read, grant, invoice_id)
    pdf = await request.app.state.runtime.files.get(pdf_path(invoice_id))
    return attached(await asyncio.to_thread(xml_inside, pdf), "application/xml", f"{number}.xml")
