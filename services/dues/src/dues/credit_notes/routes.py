"""HTTP door of credit notes."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing, attached
from common.invoicing.einvoice import EInvoiceMissing
from common.invoicing.files import xml_inside
from common.invoicing.numbers import IssueDateDecreasing
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.config import Entity
from dues.credit_notes import queries, use_cases
from dues.credit_notes.domain import CreditIssued, CreditNotFound, CreditPartTooLarge
from dues.credit_notes.repository import pdf_path
from dues.credit_notes.schemas import CreditChange, CreditExportParams, CreditIn, CreditListParams, CreditOut, CreditWhy
from dues.invoices.domain import CreditEmpty, CreditTooLarge, InvoiceNotFound
from dues.rights import Act

router = APIRouter(tags=["Avoirs"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_INVOICES))]
MayCredit = Annotated[Grant, Depends(allow(Act.CREDIT_INVOICES))]
_CHANGED = (CreditNotFound, CreditIssued, PreconditionMissing, PreconditionFailed)


@router.get("/credits", operation_id="listCredits", summary="Les avoirs", responses=problems(BadCursor, BadSort))
async def list_credits(read: ReadDep, grant: MayRead, params: Annotated[CreditListParams, Query()]) -> Page[CreditOut]:
    """Les brouillons ne se voient qu'aux finances. Tris : drafted_at, reference, total."""
    return await queries.list_credits(read, grant, params)


@router.get("/credits/export", operation_id="exportCredits", summary="Export des avoirs", response_class=Response)
async def export_credits(read: ReadDep, grant: MayRead, params: Annotated[CreditExportParams, Query()]) -> Response:
    """Les mêmes avoirs que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "avoirs", queries.EXPORT_HEADER, lines)


@router.post(
    "/credits",
    status_code=201,
    operation_id="draftCredit",
    summary="Préparer un avoir",
    responses=problems(InvoiceNotFound, CreditEmpty, CreditPartTooLarge),
)
async def draft(body: CreditIn, tx: TxDep, grant: MayCredit, entity: Entity, response: Response) -> CreditOut:
    """Un brouillon, sous une référence provisoire : rien n'est encore annulé, il se relit et se corrige."""
    credit_id = await use_cases.draft(tx, grant, entity.code, body)
    response.headers["Location"] = f"/dues/v1/credits/{credit_id}"
    return versioned(response, await queries.find_credit(tx, grant, credit_id))


@router.get("/credits/{credit_id}", operation_id="getCredit", summary="Un avoir", responses=problems(CreditNotFound))
async def get_credit(credit_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> CreditOut:
    """Ce qu'il annule, et pourquoi."""
    return versioned(response, await queries.find_credit(read, grant, credit_id))


@router.put(
    "/credits/{credit_id}",
    operation_id="changeCredit",
    summary="Corriger un brouillon",
    responses=problems(*_CHANGED, InvoiceNotFound, CreditEmpty, CreditPartTooLarge),
)
async def change(
    credit_id: UUID, body: CreditChange, tx: TxDep, grant: MayCredit, response: Response, if_match: IfMatch = None
) -> CreditOut:
    """Ses montants et ses raisons ; un avoir émis ne change plus."""
    await use_cases.change(tx, grant, credit_id, if_match, body)
    return versioned(response, await queries.find_credit(tx, grant, credit_id))


@router.delete(
    "/credits/{credit_id}",
    status_code=204,
    operation_id="deleteCredit",
    summary="Renoncer à un brouillon",
    responses=problems(*_CHANGED),
)
async def delete(credit_id: UUID, tx: TxDep, grant: MayCredit, if_match: IfMatch = None) -> None:
    """Sa référence provisoire n'est celle d'aucun avoir : la série n'a pas de trou."""
    await use_cases.delete(tx, grant, credit_id, if_match)


@router.post(
    "/credits/{credit_id}/issue",
    operation_id="issueCredit",
    summary="Émettre un avoir",
    responses=problems(
        *_CHANGED, InvoiceNotFound, CreditEmpty, CreditPartTooLarge, CreditTooLarge, IssueDateDecreasing
    ),
)
async def issue(
    credit_id: UUID, tx: TxDep, grant: MayCredit, entity: Entity, response: Response, if_match: IfMatch = None
) -> CreditOut:
    """Il prend son numéro et sa date, se retranche de l'appel et ne change plus ; son document s'imprime."""
    await use_cases.issue(tx, grant, entity.code, credit_id, if_match)
    return versioned(response, await queries.find_credit(tx, grant, credit_id))


@router.get(
    "/credits/{credit_id}/pdf",
    operation_id="downloadCredit",
    summary="Le document (PDF/A)",
    response_class=Response,
    responses=problems(CreditNotFound, FileMissing),
)
async def download(credit_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Imprimé une fois, à l'émission, et conservé tel quel."""
    credit = await queries.find_credit(read, grant, credit_id)
    content = await request.app.state.runtime.files.get(pdf_path(credit_id))
    return pdf_response(content, credit.reference)


@router.get(
    "/credits/{credit_id}/xml",
    operation_id="downloadCreditEInvoice",
    summary="L'avoir électronique (XML)",
    response_class=Response,
    responses=problems(CreditNotFound, EInvoiceMissing, FileMissing),
)
async def download_einvoice(credit_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Celui que porte le document : CII, profil EN 16931, avec le numéro et la date de l'appel."""
    reference = await queries.reference_with_einvoice(read, grant, credit_id)
    pdf = await request.app.state.runtime.files.get(pdf_path(credit_id))
    return attached(await asyncio.to_thread(xml_inside, pdf), "application/xml", f"{reference}.xml")


@router.post(
    "/invoices/{invoice_id}/void",
    status_code=201,
    operation_id="voidInvoice",
    summary="Annuler un appel",
    responses=problems(InvoiceNotFound, CreditEmpty, CreditTooLarge, IssueDateDecreasing),
)
async def void(
    invoice_id: UUID, body: CreditWhy, tx: TxDep, grant: MayCredit, entity: Entity, response: Response
) -> CreditOut:
    """Un avoir de tout ce qui en reste, aussitôt émis : la campagne peut appeler la structure de nouveau."""
    credit_id = await use_cases.void(tx, grant, entity.code, invoice_id, body)
    response.headers["Location"] = f"/dues/v1/credits/{credit_id}"
    return versioned(response, await queries.find_credit(tx, grant, credit_id))
