"""HTTP door of the bank."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from starlette.responses import Response

from common.characters import one_line
from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing, attached
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.bank import queries, use_cases
from dues.bank.domain import (
    MAX_FILE_BYTES,
    AmountNotInCents,
    BankFileNotFound,
    BankLineNotFound,
    BankLineOpen,
    BankLineSettled,
    BankLineTooSmall,
    CollectionTakenBack,
    EntryDoesNotAddUp,
    EntryTwice,
    LineAmountDiffers,
    LineOfCollections,
    NotAStatement,
    NotReceived,
    NotReturned,
    ReceiptNotTransfer,
    ReceiptOnStatement,
    ReturnAmountDiffers,
    ReturnCodeMissing,
    ReturnStands,
    SetAsideUnexplained,
    StatementChanged,
    StatementCurrency,
    StatementDoesNotAddUp,
    StatementEmpty,
    StatementEncoding,
    StatementIbanInvalid,
    StatementIncomplete,
    StatementNotFound,
    StatementNotXml,
    StatementOfAnotherAccount,
    StatementTooLarge,
    StatementUnsafe,
    StatementVersionUnknown,
)
from dues.bank.schemas import (
    BankFileOut,
    BankLineDetail,
    BankLineOut,
    BankStatementOut,
    FileLineOut,
    FileLineParams,
    LineExportParams,
    LineListParams,
    MatchAllIn,
    MatchAllOut,
    MatchIn,
    RecogniseIn,
    ReturnedIn,
    SetAsideIn,
    StatementListParams,
)
from dues.collections.domain import (
    CollectionLineNotFound,
    CollectionLineStateWrong,
    CollectionNotFound,
    CollectionReturnDayWrong,
    CollectionStateWrong,
    SettlementDayWrong,
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
from dues.members.domain import MemberMerged, MemberUnknown
from dues.receipts.domain import (
    AllocationTooLarge,
    BankReferenceTaken,
    ChequeDetailsWrong,
    ReceiptDayWrong,
    ReceiptEnded,
    ReceiptNotFound,
    ReceiptNotReturnable,
    ReceiptRefunded,
    ReceiptSpent,
    ReceiptUnattributed,
    ReceivedInFuture,
    ReturnReasonUnknown,
)
from dues.rights import Act

_MULTIPART_BYTES = 64 * 1024
"""Room for the form around the file."""
_LONGEST_NAME = 200

router = APIRouter(prefix="/bank", tags=["Banque"], route_class=Door, max_body_size=MAX_FILE_BYTES + _MULTIPART_BYTES)

MayRead = Annotated[Grant, Depends(allow(Act.READ_BANK))]
MayReconcile = Annotated[Grant, Depends(allow(Act.RECONCILE_BANK))]
_UNREADABLE = (
    AmountNotInCents,
    EntryDoesNotAddUp,
    EntryTwice,
    NotAStatement,
    StatementCurrency,
    StatementDoesNotAddUp,
    StatementEmpty,
    StatementEncoding,
    StatementIbanInvalid,
    StatementIncomplete,
    StatementNotXml,
    StatementOfAnotherAccount,
    StatementTooLarge,
    StatementUnsafe,
    StatementVersionUnknown,
)
_MOVED = (InvoiceNotFound, PaymentTooLarge, PaymentNotThere)
_MATCHED = (
    BankLineSettled,
    BankLineTooSmall,
    LineOfCollections,
    NotReceived,
    AllocationTooLarge,
    BankReferenceTaken,
    ChequeDetailsWrong,
    MemberMerged,
    MemberUnknown,
    ReceiptDayWrong,
    ReceiptEnded,
    ReceiptSpent,
    ReceiptUnattributed,
    ReceivedInFuture,
    *_MOVED,
)
_RETURNED = (
    BankLineSettled,
    CollectionLineNotFound,
    CollectionLineStateWrong,
    CollectionNotFound,
    CollectionReturnDayWrong,
    CollectionStateWrong,
    CollectionTakenBack,
    CreditorWithoutIcs,
    MandateEnded,
    MandateLapsed,
    MandateNotFound,
    MandateNotSigned,
    MandateSuspended,
    NotReturned,
    ReturnAmountDiffers,
    ReturnCodeMissing,
    ReceiptDayWrong,
    ReceiptEnded,
    ReceiptNotFound,
    ReceiptNotReturnable,
    ReturnReasonUnknown,
    *_MOVED,
)
_RECOGNISED = (
    *_RETURNED,
    LineAmountDiffers,
    NotReceived,
    ReceiptNotTransfer,
    ReceiptOnStatement,
    SettlementDayWrong,
)
_ONE_LINE = (BankLineNotFound, RuleMissing, PreconditionMissing, PreconditionFailed)


@router.post(
    "/files",
    status_code=201,
    operation_id="sendBankFile",
    summary="Envoyer un fichier de relevés",
    responses=problems(*_UNREADABLE, StatementChanged),
)
async def send_file(
    file: Annotated[UploadFile, File(description="Relevés camt.053 de la banque, tels quels")],
    request: Request,
    tx: TxDep,
    _: MayReconcile,
    entity: Entity,
    response: Response,
) -> BankFileOut:
    """Gardé entier ; chaque ligne enregistrée une fois, même si un autre relevé la redonne. Rien n'est rapproché."""
    name = one_line(file.filename or "sans nom")[:_LONGEST_NAME]
    row = await use_cases.send_file(tx, request.app.state.runtime.files, entity.iban, name, await file.read())
    response.headers["Location"] = f"/dues/v1/bank/files/{row.id}"
    return queries.file_out(row)


@router.get(
    "/files", operation_id="listBankFiles", summary="Les fichiers reçus", responses=problems(BadCursor, BadSort)
)
async def list_files(read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()]) -> Page[BankFileOut]:
    """Du dernier reçu au premier. Tris : received_at."""
    return await queries.list_files(read, params)


@router.get("/files/{file_id}", operation_id="getBankFile", summary="Un fichier", responses=problems(BankFileNotFound))
async def get_file(file_id: UUID, read: ReadDep, _: MayRead) -> BankFileOut:
    """Ce qu'il a apporté, et ce que l'on connaissait déjà."""
    return queries.file_out(await queries.find_file(read, file_id))


@router.get(
    "/files/{file_id}/lines",
    operation_id="listBankFileLines",
    summary="Les lignes d'un fichier",
    responses=problems(BankFileNotFound, BadCursor, BadSort),
)
async def list_file_lines(
    file_id: UUID, read: ReadDep, _: MayRead, params: Annotated[FileLineParams, Query()]
) -> Page[FileLineOut]:
    """Dans son ordre : ajoutée, ou déjà connue. Tris : row."""
    return await queries.list_file_lines(read, file_id, params)


@router.get(
    "/files/{file_id}/content",
    operation_id="downloadBankFile",
    summary="Le fichier tel que reçu",
    response_class=Response,
    responses=problems(BankFileNotFound, FileMissing),
)
async def download_file(file_id: UUID, request: Request, read: ReadDep, _: MayRead) -> Response:
    """Octet pour octet."""
    row = await queries.find_file(read, file_id)
    return attached(await request.app.state.runtime.files.get(row.path), "application/xml", row.filename)


@router.get(
    "/statements", operation_id="listBankStatements", summary="Les relevés", responses=problems(BadCursor, BadSort)
)
async def list_statements(
    read: ReadDep, _: MayRead, params: Annotated[StatementListParams, Query()]
) -> Page[BankStatementOut]:
    """Avec leurs soldes, leurs lignes par état, et ce qui manque avant chacun. Tris : closed_on."""
    return await queries.list_statements(read, params)


@router.get(
    "/statements/{statement_id}",
    operation_id="getBankStatement",
    summary="Un relevé",
    responses=problems(StatementNotFound),
)
async def get_statement(statement_id: UUID, read: ReadDep, _: MayRead) -> BankStatementOut:
    """Ses lignes se lisent avec statement_id= dans la liste des lignes."""
    return await queries.find_statement(read, statement_id)


@router.get(
    "/lines",
    operation_id="listBankLines",
    summary="Les lignes",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_lines(read: ReadDep, _: MayRead, params: Annotated[LineListParams, Query()]) -> Page[BankLineOut]:
    """state=unmatched : la file d'attente, avec les appels que chacune règle peut-être. Tris : booked_on, amount."""
    return await queries.list_lines(read, params)


@router.get("/lines/export", operation_id="exportBankLines", summary="Export CSV ou tableur", response_class=Response)
async def export_lines(read: ReadDep, _: MayRead, params: Annotated[LineExportParams, Query()]) -> Response:
    """Les mêmes lignes que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, params)
    return await export_response(params.format, "lignes-de-releve", queries.EXPORT_HEADER, lines)


@router.get(
    "/lines/{line_id}",
    operation_id="getBankLine",
    summary="Une ligne",
    responses=problems(BankLineNotFound, RuleMissing),
)
async def get_line(line_id: UUID, read: ReadDep, _: MayRead, response: Response) -> BankLineDetail:
    """Avec ce qui en a été dit, par qui et quand."""
    return versioned(response, await queries.find_line(read, line_id))


@router.post("/lines/match", status_code=202, operation_id="matchBankLines", summary="Rapprocher ce qui est sûr")
async def match_lines(_body: MatchAllIn, tx: TxDep, _: MayReconcile, entity: Entity, response: Response) -> MatchAllOut:
    """Chaque ligne sûre (sure=true) devient un règlement ; les autres attendent, et le reçu dit pourquoi."""
    job_id = await use_cases.ask_to_match(tx, entity.code)
    response.headers["Location"] = f"/dues/v1/jobs/{job_id}"
    return MatchAllOut(job_id=job_id)


@router.post(
    "/lines/{line_id}/match",
    operation_id="matchBankLine",
    summary="Rapprocher",
    responses=problems(*_ONE_LINE, *_MATCHED),
)
async def match_line(
    line_id: UUID,
    body: MatchIn,
    tx: TxDep,
    grant: MayReconcile,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> BankLineDetail:
    """Son montant est reçu et mis sur ces appels ; le compte du payeur est retenu pour l'adhérente."""
    wanted = use_cases.Wanted(body.invoices, keep_rest=body.keep_rest)
    await use_cases.match_line(tx, grant, entity.code, line_id, if_match, wanted)
    return versioned(response, await queries.find_line(tx, line_id))


@router.post(
    "/lines/{line_id}/return",
    operation_id="noteBankLineReturn",
    summary="Rejet d'un règlement",
    responses=problems(*_ONE_LINE, *_RETURNED),
)
async def note_return(
    line_id: UUID,
    body: ReturnedIn,
    tx: TxDep,
    _: MayReconcile,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> BankLineDetail:
    """Le règlement est revenu impayé ce jour-là : ses appels sont dus de nouveau."""
    await use_cases.note_line_return(tx, entity.code, line_id, if_match, body.receipt_id, body.code)
    return versioned(response, await queries.find_line(tx, line_id))


@router.post(
    "/lines/{line_id}/recognise",
    operation_id="recogniseBankLine",
    summary="Reconnaître",
    responses=problems(*_ONE_LINE, *_RECOGNISED),
)
async def recognise_line(
    line_id: UUID,
    body: RecogniseIn,
    tx: TxDep,
    _: MayReconcile,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> BankLineDetail:
    """Une remise est réglée par ses lignes, un prélèvement revient, un virement déjà saisi se retrouve."""
    echo = use_cases.Recognised(body.kind, body.id, body.code)
    await use_cases.recognise_line(tx, entity.code, line_id, if_match, echo)
    return versioned(response, await queries.find_line(tx, line_id))


@router.post(
    "/lines/{line_id}/set-aside",
    operation_id="setBankLineAside",
    summary="Mettre hors cotisations",
    responses=problems(*_ONE_LINE, BankLineSettled, SetAsideUnexplained),
)
async def set_aside(
    line_id: UUID, body: SetAsideIn, tx: TxDep, _: MayReconcile, response: Response, if_match: IfMatch = None
) -> BankLineDetail:
    """Cette somme n'est pas une cotisation : dire ce qu'elle est."""
    await use_cases.set_aside(tx, line_id, if_match, body.kind, body.note)
    return versioned(response, await queries.find_line(tx, line_id))


@router.post(
    "/lines/{line_id}/reopen",
    operation_id="reopenBankLine",
    summary="Rouvrir",
    responses=problems(*_ONE_LINE, BankLineOpen, ReturnStands, ReceiptNotFound, ReceiptEnded, ReceiptRefunded, *_MOVED),
)
async def reopen(
    line_id: UUID, tx: TxDep, _: MayReconcile, response: Response, if_match: IfMatch = None
) -> BankLineDetail:
    """Ce qui en a été dit reste lisible ; la ligne attend de nouveau."""
    await use_cases.reopen(tx, line_id, if_match)
    return versioned(response, await queries.find_line(tx, line_id))
