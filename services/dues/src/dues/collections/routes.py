"""HTTP door of collections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag, versioned
from common.files import FileMissing, attached
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.collections import domain, queries, use_cases
from dues.collections.documents import EXPORT_HEADER
from dues.collections.repository import file_path, notice_path
from dues.collections.schemas import (
    CollectionDetail,
    CollectionIn,
    CollectionLineExportParams,
    CollectionLineListParams,
    CollectionLineOut,
    CollectionListParams,
    CollectionOut,
    CollectionPreviewOut,
    CollectionReasonIn,
    CollectionReturnIn,
    CollectionRulesOut,
    SettlementIn,
)
from dues.config import Entity
from dues.invoices.domain import InvoiceNotFound, PaymentNotThere, PaymentTooLarge
from dues.mandates.domain import (
    CreditorWithoutIcs,
    MandateEnded,
    MandateLapsed,
    MandateNotFound,
    MandateNotSigned,
    MandateSuspended,
)
from dues.receipts.domain import (
    ReceiptDayWrong,
    ReceiptEnded,
    ReceiptNotFound,
    ReceiptNotReturnable,
    ReturnReasonUnknown,
)
from dues.rights import Act

router = APIRouter(prefix="/collections", tags=["Prélèvements"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_COLLECTIONS))]
MayReadLines = Annotated[Grant, Depends(allow(Act.READ_COLLECTION_LINES))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_COLLECTIONS))]
_SEEN = (PreconditionMissing, PreconditionFailed)
_HELD = (domain.CollectionNotFound, domain.CollectionStateWrong, *_SEEN)
_LINE = (
    domain.CollectionNotFound,
    domain.CollectionLineNotFound,
    domain.CollectionStateWrong,
    domain.CollectionLineStateWrong,
    *_SEEN,
)
_MANDATE = (
    CreditorWithoutIcs,
    MandateNotFound,
    MandateNotSigned,
    MandateEnded,
    MandateLapsed,
    MandateSuspended,
    RuleMissing,
)


@router.get("", operation_id="listCollections", summary="Les remises", responses=problems(BadCursor, BadSort))
async def list_runs(read: ReadDep, _: MayRead, params: Annotated[CollectionListParams, Query()]) -> Page[CollectionOut]:
    """Avec ce que chacune prélève, état par état. Tris : collection_on, reference."""
    return await queries.list_runs(read, params)


@router.get("/rules", operation_id="getCollectionRules", summary="Les règles", responses=problems(RuleMissing))
async def rules(read: ReadDep, _: MayRead) -> CollectionRulesOut:
    """Les délais, et ce que l'on fait d'un retour : chacun avec son état et sa source."""
    return queries.shown_rules(read)


@router.get(
    "/preview",
    operation_id="previewCollection",
    summary="Ce qu'une remise prélèverait",
    responses=problems(domain.NotBankingDay, CreditorWithoutIcs, RuleMissing),
)
async def preview(
    read: ReadDep, _: MayRead, entity: Entity, asked: Annotated[CollectionIn, Query()]
) -> CollectionPreviewOut:
    """Par le calcul même de la préparation ; et, de chaque somme laissée de côté, pourquoi."""
    return await queries.preview(read, entity, asked)


@router.post(
    "",
    status_code=201,
    operation_id="prepareCollection",
    summary="Préparer une remise",
    responses=problems(
        domain.NotBankingDay,
        domain.TooLate,
        domain.NothingToCollect,
        domain.CollectionNotFound,
        *_MANDATE,
    ),
)
async def prepare(body: CollectionIn, tx: TxDep, _: MayRun, entity: Entity, response: Response) -> CollectionDetail:
    """Ce qui est échu au jour dit, sous un mandat qui se prélève ce jour-là. Une somme n'est que dans une remise."""
    run_id = await use_cases.prepare(tx, entity, body)
    response.headers["Location"] = f"/dues/v1/collections/{run_id}"
    return versioned(response, await queries.find_run(tx, run_id))


@router.get(
    "/lines",
    operation_id="listCollectionLines",
    summary="Les prélèvements",
    responses=problems(BadCursor, BadSort),
)
async def list_lines(
    read: ReadDep, grant: MayReadLines, params: Annotated[CollectionLineListParams, Query()]
) -> Page[CollectionLineOut]:
    """Dans le périmètre de l'appelant ; une structure voit les siens, une fois annoncés. Tris : collection_on,
    end_to_end, amount, name."""
    return await queries.list_lines(read, grant, params)


@router.get(
    "/lines/export", operation_id="exportCollectionLines", summary="Export CSV ou tableur", response_class=Response
)
async def export_lines(
    read: ReadDep, grant: MayReadLines, params: Annotated[CollectionLineExportParams, Query()]
) -> Response:
    """Les mêmes prélèvements que la liste, avec les mêmes filtres, et du compte ce que l'appelant en voit."""
    lines = await queries.lines_to_export(read, grant, params)
    return await export_response(params.format, "prelevements", EXPORT_HEADER, lines)


@router.get(
    "/lines/{line_id}",
    operation_id="getCollectionLine",
    summary="Un prélèvement",
    responses=problems(domain.CollectionLineNotFound),
)
async def get_line(line_id: UUID, read: ReadDep, grant: MayReadLines, response: Response) -> CollectionLineOut:
    """Ce qu'il règle, sous quel mandat, et ce qu'il est devenu."""
    return versioned(response, await queries.find_line(read, grant, line_id))


@router.get(
    "/lines/{line_id}/notice",
    operation_id="downloadCollectionNotice",
    summary="L'avis de prélèvement (PDF)",
    response_class=Response,
    responses=problems(domain.CollectionLineNotFound, FileMissing),
)
async def download_notice(line_id: UUID, request: Request, read: ReadDep, grant: MayReadLines) -> Response:
    """Produit une fois, à l'annonce, et conservé tel quel."""
    line = await queries.find_line(read, grant, line_id)
    content = await request.app.state.runtime.files.get(notice_path(line_id))
    return pdf_response(content, f"avis-{line.end_to_end}")


@router.post(
    "/lines/{line_id}/withdraw",
    operation_id="withdrawCollectionLine",
    summary="Retirer un prélèvement",
    responses=problems(*_LINE),
)
async def withdraw(
    line_id: UUID, body: CollectionReasonIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> CollectionLineOut:
    """Avant le fichier. La somme reste due, et une autre remise peut la prendre."""
    await use_cases.withdraw(tx, grant, line_id, if_match, body.reason)
    return versioned(response, await queries.find_line(tx, grant, line_id))


@router.post(
    "/lines/{line_id}/return",
    operation_id="returnCollectionLine",
    summary="Constater un retour",
    responses=problems(
        *_LINE,
        *_MANDATE,
        domain.CollectionReturnDayWrong,
        ReturnReasonUnknown,
        ReceiptNotFound,
        ReceiptEnded,
        ReceiptNotReturnable,
        ReceiptDayWrong,
        InvoiceNotFound,
        PaymentTooLarge,
        PaymentNotThere,
    ),
)
async def return_line(
    line_id: UUID, body: CollectionReturnIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> CollectionLineOut:
    """Ce qu'il réglait est dû de nouveau ; selon le motif, son mandat est suspendu ou la remise suivante le reprend."""
    await use_cases.return_line(tx, grant, line_id, if_match, body)
    return versioned(response, await queries.find_line(tx, grant, line_id))


@router.get(
    "/{run_id}",
    operation_id="getCollection",
    summary="Une remise",
    responses=problems(domain.CollectionNotFound),
)
async def get_run(run_id: UUID, read: ReadDep, _: MayRead, response: Response) -> CollectionDetail:
    """Ce qu'elle prélève, ce qu'elle a laissé de côté, ce qui en a été fait."""
    return versioned(response, await queries.find_run(read, run_id))


@router.post(
    "/{run_id}/announce",
    status_code=202,
    operation_id="announceCollection",
    summary="Prévenir les structures",
    responses=problems(*_HELD, domain.TooLate, domain.NothingToCollect),
)
async def announce(
    run_id: UUID, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> CollectionDetail:
    """Un avis par prélèvement, que la structure trouve chez elle ; passé le dernier jour, c'est refusé."""
    await use_cases.announce(tx, run_id, if_match)
    return await _asked(tx, run_id, response)


@router.post(
    "/{run_id}/file",
    operation_id="fileCollection",
    summary="Produire le fichier",
    responses=problems(*_HELD, *_MANDATE, domain.FileTooLate),
)
async def file(
    run_id: UUID, request: Request, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> CollectionDetail:
    """Une fois. Ce qui n'est plus dû en entier, ou ne se prélève plus, en est retiré avec sa raison."""
    await use_cases.file(tx, request.app.state.runtime.files, run_id, if_match)
    return versioned(response, await queries.find_run(tx, run_id))


@router.get(
    "/{run_id}/file",
    operation_id="downloadCollectionFile",
    summary="Le fichier pour la banque (pain.008.001.08)",
    response_class=Response,
    responses=problems(domain.CollectionNotFound, domain.CollectionNotFiled, FileMissing),
)
async def download_file(run_id: UUID, request: Request, read: ReadDep, _: MayRun) -> Response:
    """Toujours les mêmes octets."""
    row = await queries.filed(read, run_id)
    content = await request.app.state.runtime.files.get(file_path(run_id))
    return attached(content, "application/xml", f"{row.reference}.xml")


@router.post(
    "/{run_id}/settle",
    status_code=202,
    operation_id="settleCollection",
    summary="La banque a réglé",
    responses=problems(*_HELD, domain.SettlementDayWrong),
)
async def settle(
    run_id: UUID, body: SettlementIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> CollectionDetail:
    """Un règlement par prélèvement, porté sur ses appels ; les retours se constatent ensuite, un par un."""
    await use_cases.settle(tx, run_id, if_match, body.settled_on)
    return await _asked(tx, run_id, response)


@router.post("/{run_id}/cancel", operation_id="cancelCollection", summary="Annuler", responses=problems(*_HELD))
async def cancel(
    run_id: UUID, body: CollectionReasonIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> CollectionDetail:
    """Tant que rien n'en est réglé. Le fichier produit ne doit pas, ou plus, être chez la banque."""
    await use_cases.cancel(tx, run_id, if_match, body.reason)
    return versioned(response, await queries.find_run(tx, run_id))


async def _asked(tx: TxDep, run_id: UUID, response: Response) -> CollectionDetail:
    """Answer a run that a job works on, and say where to follow it."""
    run = await queries.find_run(tx, run_id)
    set_etag(response, run.version)
    response.headers["Location"] = f"/dues/v1/jobs/{run.job_id}"
    return run
