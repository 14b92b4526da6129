"""HTTP door of paying on."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing, attached
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.config import Entity
from dues.mandates.domain import BicInvalid, IbanInvalid, IbanOutsideSepa
from dues.rights import Act
from dues.transfers import documents, queries, use_cases
from dues.transfers.domain import (
    BatchEnded,
    BatchNotApproved,
    BatchNotDraft,
    BatchNotExecuted,
    BatchNotFound,
    MonthNotBegun,
    NothingToTransfer,
    OwnBatch,
    OwnPayee,
    PayeeChanged,
    PayeeMissing,
    PayeeNotFound,
    PayeeNotWaiting,
    PayeeUnchanged,
    PayeeUnconfirmed,
    TransferDayWrong,
    TransferExceedsDue,
    TransferNotFound,
    TransferRejected,
    TransferStatementNotFound,
)
from dues.transfers.schemas import (
    BatchDetail,
    BatchExportParams,
    BatchIn,
    BatchListParams,
    BatchOut,
    ExecutionIn,
    MonthExportParams,
    MonthParams,
    PayeeDetail,
    PayeeExportParams,
    PayeeIn,
    PayeeListParams,
    PayeeOut,
    RejectionIn,
    StatementLineListParams,
    StatementLineOut,
    TransferBalanceParams,
    TransferBalancesOut,
    TransferExportParams,
    TransferListParams,
    TransferOut,
    TransferPreviewOut,
    TransferPreviewParams,
    TransferReasonIn,
    TransferStatementOut,
    TransferStatementsOut,
)

router = APIRouter(prefix="/transfers", tags=["Reversements"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_TRANSFERS))]
MayReadBatches = Annotated[Grant, Depends(allow(Act.READ_TRANSFER_BATCHES))]
MayKeep = Annotated[Grant, Depends(allow(Act.KEEP_PAYEES))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_TRANSFERS))]
Code = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9-]{1,79}$", description="Le bénéficiaire", examples=["delegation-occitanie"])
]
_PAYEE_CHANGED = (PayeeNotFound, PreconditionMissing, PreconditionFailed)
_BATCH_CHANGED = (BatchNotFound, PreconditionMissing, PreconditionFailed)
_OF_A_STATEMENT = (MonthNotBegun, TransferStatementNotFound)


@router.get("/payees", operation_id="listPayees", summary="Qui est payé", responses=problems(BadCursor, BadSort))
async def list_payees(read: ReadDep, grant: MayRead, params: Annotated[PayeeListParams, Query()]) -> Page[PayeeOut]:
    """Et sur quel compte. Tri : code."""
    return await queries.list_payees(read, grant, params)


@router.get("/payees/export", operation_id="exportPayees", summary="Export des bénéficiaires", response_class=Response)
async def export_payees(read: ReadDep, grant: MayRead, params: Annotated[PayeeExportParams, Query()]) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres, et du compte ce que l'appelant en voit."""
    lines = await queries.export_payees(read, grant, params)
    return await export_response(params.format, "beneficiaires", documents.PAYEE_HEADER, lines)


@router.get("/payees/{code}", operation_id="getPayee", summary="Un bénéficiaire", responses=problems(PayeeNotFound))
async def get_payee(code: Code, read: ReadDep, grant: MayRead, response: Response) -> PayeeDetail:
    """Chaque compte qui fut le sien : qui l'a saisi, qui l'a confirmé, quand et pourquoi."""
    return versioned(response, await queries.find_payee(read, grant, code))


@router.put(
    "/payees/{code}",
    operation_id="enterPayeeAccount",
    summary="Saisir le compte d'une délégation",
    responses=problems(*_PAYEE_CHANGED, IbanInvalid, IbanOutsideSepa, BicInvalid, PayeeUnconfirmed, PayeeUnchanged),
)
async def enter_account(
    code: Code, body: PayeeIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> PayeeDetail:
    """Ou un autre compte ; le premier se passe d'If-Match. Rien n'est payé tant qu'une autre personne ne l'a pas
    confirmé. Les comptes d'avant se lisent encore.
    """
    await use_cases.enter_account(tx, grant, code, if_match, body)
    return versioned(response, await queries.find_payee(tx, grant, code))


@router.post(
    "/payees/{code}/confirm",
    operation_id="confirmPayeeAccount",
    summary="Confirmer le compte",
    responses=problems(*_PAYEE_CHANGED, PayeeNotWaiting, OwnPayee),
)
async def confirm_account(
    code: Code, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> PayeeDetail:
    """Par une autre personne que celle qui l'a saisi."""
    await use_cases.confirm_account(tx, grant, code, if_match)
    return versioned(response, await queries.find_payee(tx, grant, code))


@router.post(
    "/payees/{code}/refuse",
    operation_id="refusePayeeAccount",
    summary="Refuser le compte",
    responses=problems(*_PAYEE_CHANGED, PayeeNotWaiting),
)
async def refuse_account(
    code: Code, body: TransferReasonIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> PayeeDetail:
    """Le compte confirmé avant lui compte de nouveau."""
    await use_cases.refuse_account(tx, grant, code, if_match, body.reason)
    return versioned(response, await queries.find_payee(tx, grant, code))


@router.get("/balances", operation_id="getTransferBalances", summary="Ce qui reste à reverser")
async def get_balances(
    read: ReadDep, grant: MayRead, params: Annotated[TransferBalanceParams, Query()]
) -> TransferBalancesOut:
    """À la fin d'un jour : ce qui revient à chaque délégation, moins ce qui lui fut reversé."""
    return await queries.balances(read, grant, params.as_of)


@router.get(
    "/statements",
    operation_id="getTransferStatements",
    summary="Les relevés d'un mois",
    responses=problems(MonthNotBegun),
)
async def list_statements(
    read: ReadDep, grant: MayRead, params: Annotated[MonthParams, Query()]
) -> TransferStatementsOut:
    """Délégation par délégation ; une délégation lit le sien."""
    return await queries.statements(read, grant, params.month)


@router.get(
    "/statements/export",
    operation_id="exportTransferStatements",
    summary="Export des relevés d'un mois",
    response_class=Response,
    responses=problems(MonthNotBegun),
)
async def export_statements(read: ReadDep, grant: MayRead, params: Annotated[MonthExportParams, Query()]) -> Response:
    """Une ligne par délégation."""
    lines = await queries.export_statements(read, grant, params.month)
    return await export_response(params.format, f"releves-{params.month}", documents.STATEMENT_HEADER, lines)


@router.get(
    "/statements/{code}",
    operation_id="getTransferStatement",
    summary="Un relevé",
    responses=problems(*_OF_A_STATEMENT),
)
async def get_statement(
    code: Code, read: ReadDep, grant: MayRead, params: Annotated[MonthParams, Query()]
) -> TransferStatementOut:
    """Ouverture, mouvements, clôture ; un mois passé ne change plus."""
    return await queries.find_statement(read, grant, code, params.month)


@router.get(
    "/statements/{code}/lines",
    operation_id="listTransferStatementLines",
    summary="Les mouvements d'un relevé",
    responses=problems(*_OF_A_STATEMENT, BadCursor, BadSort),
)
async def list_statement_lines(
    code: Code, read: ReadDep, grant: MayRead, params: Annotated[StatementLineListParams, Query()]
) -> Page[StatementLineOut]:
    """Chaque part, avec l'appel, l'adhérente et le règlement ; chaque reversement. Tris : day, amount."""
    return await queries.list_statement_lines(read, grant, code, params)


@router.get(
    "/statements/{code}/lines/export",
    operation_id="exportTransferStatementLines",
    summary="Export d'un relevé",
    response_class=Response,
    responses=problems(*_OF_A_STATEMENT),
)
async def export_statement_lines(
    code: Code, read: ReadDep, grant: MayRead, params: Annotated[MonthExportParams, Query()]
) -> Response:
    """Tous les mouvements du mois."""
    lines = await queries.export_statement_lines(read, grant, code, params.month)
    return await export_response(params.format, f"releve-{code}-{params.month}", documents.LINE_HEADER, lines)


@router.get(
    "/statements/{code}/pdf",
    operation_id="downloadTransferStatement",
    summary="Un relevé (PDF/A)",
    response_class=Response,
    responses=problems(*_OF_A_STATEMENT),
)
async def download_statement(
    code: Code, read: ReadDep, grant: MayRead, entity: Entity, params: Annotated[MonthParams, Query()]
) -> Response:
    """Avec tous ses mouvements ; celui d'un mois en cours dit qu'il est provisoire."""
    content = await queries.statement_pdf(read, grant, entity, code, params.month)
    return pdf_response(content, f"releve-{code}-{params.month}")


@router.get("/preview", operation_id="previewTransfers", summary="Ce qu'un lot contiendrait")
async def get_preview(
    read: ReadDep, _: MayRun, params: Annotated[TransferPreviewParams, Query()]
) -> TransferPreviewOut:
    """Préparé maintenant : qui serait payé, de combien, et ce qui empêche les autres."""
    return await queries.preview(read, params.up_to)


@router.get("/batches", operation_id="listBatches", summary="Les lots", responses=problems(BadCursor, BadSort))
async def list_batches(read: ReadDep, _: MayReadBatches, params: Annotated[BatchListParams, Query()]) -> Page[BatchOut]:
    """Tris : prepared_at, reference, total, pay_on."""
    return await queries.list_batches(read, params)


@router.get("/batches/export", operation_id="exportBatches", summary="Export des lots", response_class=Response)
async def export_batches(read: ReadDep, _: MayReadBatches, params: Annotated[BatchExportParams, Query()]) -> Response:
    """Les mêmes lots que la liste, avec les mêmes filtres."""
    lines = await queries.export_batches(read, params)
    return await export_response(params.format, "lots-de-virements", documents.BATCH_HEADER, lines)


@router.post(
    "/batches",
    status_code=201,
    operation_id="prepareBatch",
    summary="Préparer un lot",
    responses=problems(TransferDayWrong, NothingToTransfer),
)
async def prepare(body: BatchIn, tx: TxDep, _: MayRun, entity: Entity, response: Response) -> BatchDetail:
    """De tout ce que rien n'empêche (`GET /transfers/preview`). Ce qu'il tient n'est plus d'aucun autre lot ; une autre
    personne l'approuve.
    """
    batch_id = await use_cases.prepare(tx, entity.code, body)
    response.headers["Location"] = f"/dues/v1/transfers/batches/{batch_id}"
    return versioned(response, await queries.find_batch(tx, batch_id))


@router.get("/batches/{batch_id}", operation_id="getBatch", summary="Un lot", responses=problems(BatchNotFound))
async def get_batch(batch_id: UUID, read: ReadDep, _: MayReadBatches, response: Response) -> BatchDetail:
    """Avec ses virements, et sur quoi chacun fut calculé."""
    return versioned(response, await queries.find_batch(read, batch_id))


@router.post(
    "/batches/{batch_id}/approve",
    operation_id="approveBatch",
    summary="Approuver un lot",
    responses=problems(
        *_BATCH_CHANGED,
        BatchNotDraft,
        OwnBatch,
        TransferDayWrong,
        PayeeMissing,
        PayeeUnconfirmed,
        PayeeChanged,
        TransferExceedsDue,
    ),
)
async def approve(
    batch_id: UUID,
    request: Request,
    tx: TxDep,
    _: MayRun,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> BatchDetail:
    """Par une autre personne que celle qui l'a préparé. Tout est vérifié de nouveau ; le fichier de la banque est fait,
    une fois.
    """
    await use_cases.approve(tx, request.app.state.runtime.files, entity, batch_id, if_match)
    return versioned(response, await queries.find_batch(tx, batch_id))


@router.get(
    "/batches/{batch_id}/file",
    operation_id="downloadBatch",
    summary="Le fichier pour la banque (pain.001.001.09)",
    response_class=Response,
    responses=problems(BatchNotFound, BatchNotApproved, FileMissing),
)
async def download(batch_id: UUID, request: Request, read: ReadDep, _: MayRun) -> Response:
    """Le même à chaque fois : son empreinte est celle du lot."""
    path, name = await queries.file_of(read, batch_id)
    return attached(await request.app.state.runtime.files.get(path), "application/xml", name)


@router.post(
    "/batches/{batch_id}/execute",
    operation_id="executeBatch",
    summary="Constater l'exécution",
    responses=problems(*_BATCH_CHANGED, BatchNotApproved, TransferDayWrong),
)
async def execute(
    batch_id: UUID,
    body: ExecutionIn,
    tx: TxDep,
    _: MayRun,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> BatchDetail:
    """La banque a payé : les soldes baissent, au jour où c'est constaté."""
    await use_cases.execute(tx, entity.code, batch_id, if_match, body)
    return versioned(response, await queries.find_batch(tx, batch_id))


@router.post(
    "/batches/{batch_id}/cancel",
    operation_id="cancelBatch",
    summary="Annuler un lot",
    responses=problems(*_BATCH_CHANGED, BatchEnded),
)
async def cancel(
    batch_id: UUID, body: TransferReasonIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> BatchDetail:
    """Tant que la banque ne l'a pas exécuté ; ce qu'il tenait se met dans un autre."""
    await use_cases.cancel(tx, batch_id, if_match, body.reason)
    return versioned(response, await queries.find_batch(tx, batch_id))


@router.post(
    "/batches/{batch_id}/lines/{line_id}/reject",
    operation_id="rejectTransfer",
    summary="Constater le rejet d'un virement",
    responses=problems(*_BATCH_CHANGED, TransferNotFound, BatchNotExecuted, TransferRejected, TransferDayWrong),
)
async def reject(
    batch_id: UUID,
    line_id: UUID,
    body: RejectionIn,
    tx: TxDep,
    _: MayRun,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> BatchDetail:
    """D'un lot exécuté : son montant revient au solde, au jour où c'est constaté. If-Match est celui du lot."""
    await use_cases.note_rejection(tx, entity.code, batch_id, line_id, if_match, body)
    return versioned(response, await queries.find_batch(tx, batch_id))


@router.get("/lines", operation_id="listTransfers", summary="Les virements", responses=problems(BadCursor, BadSort))
async def list_transfers(
    read: ReadDep, grant: MayRead, params: Annotated[TransferListParams, Query()]
) -> Page[TransferOut]:
    """Une délégation lit les siens, une fois approuvés. Tris : reference, amount, payee."""
    return await queries.list_transfers(read, grant, params)


@router.get("/lines/export", operation_id="exportTransfers", summary="Export des virements", response_class=Response)
async def export_transfers(read: ReadDep, grant: MayRead, params: Annotated[TransferExportParams, Query()]) -> Response:
    """Les mêmes virements que la liste, avec les mêmes filtres."""
    lines = await queries.export_transfers(read, grant, params)
    return await export_response(params.format, "virements", documents.TRANSFER_HEADER, lines)
