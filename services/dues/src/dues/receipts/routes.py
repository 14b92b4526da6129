"""HTTP door of receipts."""

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
from dues.config import Entity
from dues.invoices.domain import InvoiceNotFound, PaymentNotThere, PaymentTooLarge
from dues.members.domain import MemberMerged, MemberUnknown
from dues.receipts import domain, queries, use_cases
from dues.receipts.domain import ReceiptNotFound
from dues.receipts.schemas import (
    AllocateIn,
    AttributeIn,
    CancelIn,
    DepositIn,
    PaymentsOut,
    ProposalOut,
    ProposalParams,
    ReceiptDetail,
    ReceiptExportParams,
    ReceiptIn,
    ReceiptListParams,
    ReceiptOut,
    RefundIn,
    ReturnIn,
    ReturnReasonsOut,
    TakeBackIn,
    amounts_of,
)
from dues.rights import Act

router = APIRouter(prefix="/receipts", tags=["Règlements"], route_class=Door)
payments = APIRouter(prefix="/invoices", tags=["Règlements"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_RECEIPTS))]
MayKeep = Annotated[Grant, Depends(allow(Act.KEEP_RECEIPTS))]
MayReadInvoices = Annotated[Grant, Depends(allow(Act.READ_INVOICES))]
_HELD = (ReceiptNotFound, domain.ReceiptEnded, PreconditionMissing, PreconditionFailed)
_MOVED = (InvoiceNotFound, PaymentTooLarge, PaymentNotThere)
_SPENT = (domain.CallNamedTwice, domain.ReceiptSpent, domain.AllocationTooLarge, domain.ReceiptUnattributed, *_MOVED)


@router.get("", operation_id="listReceipts", summary="Les règlements", responses=problems(BadCursor, BadSort))
async def list_receipts(
    read: ReadDep, grant: MayRead, params: Annotated[ReceiptListParams, Query()]
) -> Page[ReceiptOut]:
    """Dans le périmètre de l'appelant. Tris : number, received_on, amount."""
    return await queries.list_receipts(read, grant, params)


@router.get("/export", operation_id="exportReceipts", summary="Export CSV ou tableur", response_class=Response)
async def export_receipts(read: ReadDep, grant: MayRead, params: Annotated[ReceiptExportParams, Query()]) -> Response:
    """Les mêmes règlements que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "reglements", queries.EXPORT_HEADER, lines)


@router.get(
    "/proposal",
    operation_id="proposeAllocations",
    summary="Ce que paierait un montant",
    responses=problems(MemberUnknown, MemberMerged),
)
async def propose_allocations(read: ReadDep, grant: MayKeep, params: Annotated[ProposalParams, Query()]) -> ProposalOut:
    """L'appel dont le reste dû est exactement ce montant, sinon les plus anciens échus d'abord."""
    return await queries.propose_allocations(read, grant, params)


@router.get("/return-reasons", operation_id="listReturnReasons", summary="Les motifs de retour")
async def list_return_reasons(_: MayRead) -> ReturnReasonsOut:
    """Ce que dit chaque code, et ce qu'il demande de faire."""
    return queries.list_return_reasons()


@router.post(
    "",
    status_code=201,
    operation_id="enterReceipt",
    summary="Saisir un règlement",
    responses=problems(
        domain.ReceiptMethodReserved,
        domain.ReceivedInFuture,
        domain.ChequeDetailsWrong,
        domain.ReceiptDayWrong,
        domain.BankReferenceTaken,
        domain.ReceiptEnded,
        MemberUnknown,
        MemberMerged,
        ReceiptNotFound,
        *_SPENT,
    ),
)
async def enter_receipt(
    body: ReceiptIn, tx: TxDep, grant: MayKeep, entity: Entity, response: Response
) -> ReceiptDetail:
    """Numéroté, et porté sur les appels dits ou proposés. Ce qui dépasse la dette n'est accepté que dit (keep_rest)."""
    receipt_id = await use_cases.receive(tx, grant, entity.code, body.entered(), body.wanted())
    response.headers["Location"] = f"/dues/v1/receipts/{receipt_id}"
    return versioned(response, await queries.find_receipt(tx, grant, receipt_id))


@router.get("/{receipt_id}", operation_id="getReceipt", summary="Un règlement", responses=problems(ReceiptNotFound))
async def get_receipt(receipt_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> ReceiptDetail:
    """Avec ce qu'il en a été fait, dans l'ordre."""
    return versioned(response, await queries.find_receipt(read, grant, receipt_id))


@router.post(
    "/{receipt_id}/allocate",
    operation_id="allocateReceipt",
    summary="Affecter ce qui reste",
    responses=problems(*_HELD, *_SPENT, domain.NothingToAllocate),
)
async def allocate(
    receipt_id: UUID, body: AllocateIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> ReceiptDetail:
    """Une avance, ou ce qui a été repris, sur les appels dits ou proposés."""
    receipt = await use_cases.hold_seen(tx, grant, receipt_id, if_match)
    await use_cases.allocate(tx, receipt, amounts_of(body.allocations))
    return versioned(response, await queries.find_receipt(tx, grant, receipt_id))


@router.post(
    "/{receipt_id}/take-back",
    operation_id="takeBackReceipt",
    summary="Reprendre d'un appel",
    responses=problems(*_HELD, *_MOVED, domain.ReceiptFromFund, domain.AllocationNotThere),
)
async def take_back(
    receipt_id: UUID, body: TakeBackIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> ReceiptDetail:
    """Une affectation se corrige : ce qui est repris reste à affecter, l'appel est dû de nouveau."""
    receipt = await use_cases.hold_seen(tx, grant, receipt_id, if_match)
    await use_cases.take_back(tx, receipt, body.invoice_id, body.amount, body.reason)
    return versioned(response, await queries.find_receipt(tx, grant, receipt_id))


@router.post(
    "/{receipt_id}/attribute",
    operation_id="attributeReceipt",
    summary="Dire de qui il vient",
    responses=problems(
        *_HELD,
        *_SPENT,
        MemberUnknown,
        MemberMerged,
        domain.ReceiptFromFund,
        domain.ReceiptRefunded,
        domain.ReceiptAllocated,
    ),
)
async def attribute(
    receipt_id: UUID, body: AttributeIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> ReceiptDetail:
    """Et sur quels appels il va. Tant que rien n'en est affecté, on peut dire autrement."""
    receipt = await use_cases.hold_seen(tx, grant, receipt_id, if_match)
    await use_cases.attribute(tx, grant, receipt, body.member_id, body.wanted())
    return versioned(response, await queries.find_receipt(tx, grant, receipt_id))


@router.post(
    "/{receipt_id}/deposit",
    operation_id="depositReceipt",
    summary="Déposer en banque",
    responses=problems(*_HELD, domain.ReceiptDeposited, domain.ReceiptDayWrong),
)
async def deposit(
    receipt_id: UUID, body: DepositIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> ReceiptDetail:
    """Un chèque ou des espèces, saisis avant leur remise."""
    receipt = await use_cases.hold_seen(tx, grant, receipt_id, if_match)
    await use_cases.deposit(tx, receipt, body.deposited_on)
    return versioned(response, await queries.find_receipt(tx, grant, receipt_id))


@router.post(
    "/{receipt_id}/refund",
    operation_id="refundReceipt",
    summary="Rembourser une avance",
    responses=problems(*_HELD, domain.ReceiptSpent, domain.RefundTooLarge, domain.ReceiptDayWrong),
)
async def refund(
    receipt_id: UUID, body: RefundIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> ReceiptDetail:
    """Ce qui reste, en tout ou partie ; ce qui est sur un appel se reprend d'abord."""
    receipt = await use_cases.hold_seen(tx, grant, receipt_id, if_match)
    await use_cases.refund(tx, receipt, body.amount, body.refunded_on, body.reference)
    return versioned(response, await queries.find_receipt(tx, grant, receipt_id))


@router.post(
    "/{receipt_id}/return",
    operation_id="returnReceipt",
    summary="Constater un impayé",
    responses=problems(
        *_HELD, *_MOVED, domain.ReceiptNotReturnable, domain.ReturnReasonUnknown, domain.ReceiptDayWrong
    ),
)
async def note_return(
    receipt_id: UUID, body: ReturnIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> ReceiptDetail:
    """Un chèque ou un prélèvement revient : les appels qu'il payait sont dus de nouveau."""
    receipt = await use_cases.hold_seen(tx, grant, receipt_id, if_match)
    await use_cases.note_return(tx, receipt, body.reason, body.returned_on)
    return versioned(response, await queries.find_receipt(tx, grant, receipt_id))


@router.post(
    "/{receipt_id}/cancel",
    operation_id="cancelReceipt",
    summary="Annuler une saisie",
    responses=problems(*_HELD, *_MOVED, domain.ReceiptFromFund, domain.ReceiptRefunded),
)
async def cancel(
    receipt_id: UUID, body: CancelIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> ReceiptDetail:
    """Saisi par erreur : il reste lisible, ses appels sont dus de nouveau, la ligne de banque se saisit de nouveau."""
    receipt = await use_cases.hold_seen(tx, grant, receipt_id, if_match)
    await use_cases.cancel(tx, receipt, body.reason)
    return versioned(response, await queries.find_receipt(tx, grant, receipt_id))


@payments.get(
    "/{invoice_id}/payments",
    operation_id="getInvoicePayments",
    summary="Les règlements d'un appel",
    responses=problems(InvoiceNotFound),
)
async def list_payments(invoice_id: UUID, read: ReadDep, grant: MayReadInvoices) -> PaymentsOut:
    """Dans l'ordre, ce qui y a été mis et ce qui en a été repris."""
    return await queries.payments_of(read, grant, invoice_id)
