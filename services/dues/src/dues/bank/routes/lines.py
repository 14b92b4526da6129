"""HTTP door of the lines of the statements: what each may be, and what is said of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.bank import queries, use_cases
from dues.bank.domain import (
    BankLineNotFound,
    BankLineOpen,
    BankLineSettled,
    BankLineTooSmall,
    CollectionTakenBack,
    LineAmountDiffers,
    LineOfCollections,
    LineOfTransfers,
    NotACharge,
    NotPaidOut,
    NotReceived,
    NotReturned,
    ReceiptNotDepositable,
    ReceiptNotTransfer,
    ReceiptOnStatement,
    ReturnAmountDiffers,
    ReturnCodeMissing,
    ReturnStands,
    SetAsideUnexplained,
    TransferBroughtBack,
)
from dues.bank.schemas import (
    BankLineDetail,
    BankLineOut,
    ChargeIn,
    DepositLineIn,
    LineExportParams,
    LineListParams,
    MatchAllIn,
    MatchAllOut,
    MatchIn,
    RecogniseIn,
    ReturnedIn,
    SetAsideIn,
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
    ReceiptDeposited,
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
from dues.transfers.domain import (
    BatchNotApproved,
    BatchNotExecuted,
    BatchNotFound,
    TransferDayWrong,
    TransferNotFound,
    TransferRejected,
)

router = APIRouter(prefix="/bank", tags=["Banque"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_BANK))]
MayReconcile = Annotated[Grant, Depends(allow(Act.RECONCILE_BANK))]
_MOVED = (InvoiceNotFound, PaymentTooLarge, PaymentNotThere)
_MATCHED = (
    BankLineSettled,
    BankLineTooSmall,
    LineOfCollections,
    LineOfTransfers,
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
    BatchNotApproved,
    BatchNotExecuted,
    BatchNotFound,
    NotPaidOut,
    NotReceived,
    ReceiptNotTransfer,
    ReceiptOnStatement,
    SettlementDayWrong,
    TransferBroughtBack,
    TransferDayWrong,
    TransferNotFound,
    TransferRejected,
)
_DEPOSITED = (
    BankLineSettled,
    LineAmountDiffers,
    NotReceived,
    ReceiptDayWrong,
    ReceiptDeposited,
    ReceiptEnded,
    ReceiptNotDepositable,
    ReceiptNotFound,
    ReceiptOnStatement,
)
_ONE_LINE = (BankLineNotFound, RuleMissing, PreconditionMissing, PreconditionFailed)


@router.get(
    "/lines",
    operation_id="listBankLines",
    summary="Les lignes",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_lines(read: ReadDep, _: MayRead, params: Annotated[LineListParams, Query()]) -> Page[BankLineOut]:
    """state=unmatched : la file d'attente, avec les appels que chacune règle peut-être. Tris : booked_on, amount."""
    return await queries.list_lines(read, params)


@router.get(
    "/lines/export",
    operation_id="exportBankLines",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RuleMissing),
)
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
    """Chaque ligne sûre (sure=true) est rapprochée ; les autres attendent, et le reçu dit pourquoi."""
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
    named = use_cases.NamedCalls(body.invoices, keep_rest=body.keep_rest)
    await use_cases.match_line(tx, grant, entity.code, line_id, if_match, named)
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
    """Une remise est réglée, un lot exécuté par ses lignes ; ce qui revient est constaté, ce qui est saisi retrouvé."""
    echo = use_cases.Recognised(body.kind, body.id, body.code)
    await use_cases.recognise_line(tx, entity.code, line_id, if_match, echo)
    return versioned(response, await queries.find_line(tx, line_id))


@router.post(
    "/lines/{line_id}/deposit",
    operation_id="depositBankLine",
    summary="Remise de chèques ou d'espèces",
    responses=problems(*_ONE_LINE, *_DEPOSITED),
)
async def deposit(
    line_id: UUID,
    body: DepositLineIn,
    tx: TxDep,
    _: MayReconcile,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> BankLineDetail:
    """La ligne est leur remise ; ceux qui ne sont pas encore déposés le sont ce jour-là. Rien n'est reçu deux fois."""
    await use_cases.deposit_line(tx, entity.code, line_id, if_match, body.receipt_ids)
    return versioned(response, await queries.find_line(tx, line_id))


@router.post(
    "/lines/{line_id}/charge",
    operation_id="chargeBankLine",
    summary="Frais de banque",
    responses=problems(*_ONE_LINE, BankLineSettled, NotACharge),
)
async def charge(
    line_id: UUID,
    body: ChargeIn,
    tx: TxDep,
    _: MayReconcile,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> BankLineDetail:
    """La banque s'est servie : la ligne passe en charges, sous ce libellé. Rouverte, l'écriture est reprise."""
    await use_cases.charge(tx, entity.code, line_id, if_match, body.label)
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
    line_id: UUID, tx: TxDep, _: MayReconcile, entity: Entity, response: Response, if_match: IfMatch = None
) -> BankLineDetail:
    """Ce qui en a été dit reste lisible ; la ligne est de nouveau comme reçue."""
    await use_cases.reopen(tx, entity.code, line_id, if_match)
    return versioned(response, await queries.find_line(tx, line_id))
