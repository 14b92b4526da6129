"""HTTP door of the credit notes."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.files import FileMissing, attached
from common.invoicing.einvoice import EInvoiceMissing
from common.invoicing.files import xml_inside
from common.invoicing.numbers import IssueDateDecreasing
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.billings.domain import BillingNotFound, ShareNotFound
from training.config import OrganisationDep
from training.invoices import use_cases
from training.invoices.documents import NOTES_HEADER
from training.invoices.domain import CreditTooLarge, InvoiceNotFound, NoteNotFound
from training.invoices.queries import notes
from training.invoices.repository import note_path
from training.invoices.schemas import CreditNoteIn, NoteExportParams, NoteListParams, NoteOut
from training.rights import Act

router = APIRouter(tags=["Avoirs"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_INVOICES))]
MayCredit = Annotated[Grant, Depends(allow(Act.CREDIT_INVOICES))]


@router.post(
    "/invoices/{invoice_id}/credit-notes",
    status_code=201,
    operation_id="creditTrainingInvoice",
    summary="Émettre un avoir",
    responses=problems(InvoiceNotFound, BillingNotFound, ShareNotFound, CreditTooLarge, IssueDateDecreasing),
)
async def credit(
    invoice_id: UUID,
    body: CreditNoteIn,
    tx: TxDep,
    grant: MayCredit,
    organisation: OrganisationDep,
    response: Response,
) -> NoteOut:
    """De tout ce qui reste dû ou d'un montant, numéroté, avec sa raison. `dry_run` : le même, sans rien émettre."""
    note_id = await use_cases.credit(tx, grant, organisation, invoice_id, body)
    response.headers["Location"] = f"/training/v1/credit-notes/{note_id}"
    return await notes.find_note(tx, grant, note_id)


@router.get(
    "/credit-notes", operation_id="listCreditNotes", summary="Les avoirs", responses=problems(BadCursor, BadSort)
)
async def list_notes(read: ReadDep, grant: MayRead, params: Annotated[NoteListParams, Query()]) -> Page[NoteOut]:
    """Une structure voit les siens. Tris : issued_on, number, amount."""
    return await notes.list_notes(read, grant, params)


@router.get(
    "/credit-notes/export", operation_id="exportCreditNotes", summary="Export des avoirs", response_class=Response
)
async def export_notes(read: ReadDep, grant: MayRead, params: Annotated[NoteExportParams, Query()]) -> Response:
    """Les mêmes avoirs que la liste, avec les mêmes filtres."""
    lines = await notes.export_rows(read, grant, params)
    return await export_response(params.format, "avoirs", NOTES_HEADER, lines)


@router.get(
    "/credit-notes/{note_id}", operation_id="getCreditNote", summary="Un avoir", responses=problems(NoteNotFound)
)
async def get_note(note_id: UUID, read: ReadDep, grant: MayRead) -> NoteOut:
    """Ce qu'il annule, et pourquoi."""
    return await notes.find_note(read, grant, note_id)


@router.get(
    "/credit-notes/{note_id}/pdf",
    operation_id="downloadCreditNote",
    summary="Le document (PDF/A)",
    response_class=Response,
    responses=problems(NoteNotFound, InvoiceNotFound, FileMissing),
)
async def download_note(note_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Imprimé une fois, à l'émission, et conservé tel quel."""
    note = await notes.require_note_paper(read, grant, note_id)
    return pdf_response(await request.app.state.runtime.files.get(note_path(note_id)), note.number)


@router.get(
    "/credit-notes/{note_id}/xml",
    operation_id="downloadCreditNoteXml",
    summary="L'avoir électronique (XML)",
    response_class=Response,
    responses=problems(NoteNotFound, InvoiceNotFound, EInvoiceMissing, FileMissing),
)
async def download_xml(note_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Celui que porte le document : CII, profil EN 16931, avec le numéro et la date de la facture."""
    note = await notes.require_note_einvoice(read, grant, note_id)
    pdf = await request.app.state.runtime.files.get(note_path(note_id))
    return attached(await asyncio.to_thread(xml_inside, pdf), "application/xml", f"{note.number}.xml")
