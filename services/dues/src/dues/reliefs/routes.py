"""HTTP door of solidarity requests."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing, attached
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from common.uploads import SentFile
from dues.config import Entity
from dues.fund.domain import FundCommitmentShort, FundShort
from dues.invoices.domain import InvoiceNotFound, PaymentNotThere, PaymentTooLarge
from dues.members.domain import MemberMerged, MemberUnknown
from dues.plans.domain import (
    CallAlreadyPlanned,
    CallNotOpen,
    InstalmentTooSmall,
    ScheduleDaysWrong,
    ScheduleTooLong,
    ScheduleTotalWrong,
    TooManyInstalments,
)
from dues.receipts.domain import ReceiptEnded, ReceiptNotFound
from dues.reliefs import domain, queries, use_cases
from dues.reliefs.documents import EXPORT_HEADER
from dues.reliefs.domain import ReliefNotFound
from dues.reliefs.schemas import (
    ReliefAdviceIn,
    ReliefDecisionIn,
    ReliefDetail,
    ReliefExportParams,
    ReliefIn,
    ReliefListParams,
    ReliefOut,
    ReliefReasonIn,
    ReliefRevokeIn,
    ReliefRuleOut,
    ReliefSummaryOut,
    ReliefSummaryParams,
)
from dues.rights import Act

router = APIRouter(prefix="/reliefs", tags=["Solidarité"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_RELIEFS))]
MayAsk = Annotated[Grant, Depends(allow(Act.ASK_RELIEFS))]
MayAdvise = Annotated[Grant, Depends(allow(Act.ADVISE_RELIEFS))]
MayDecide = Annotated[Grant, Depends(allow(Act.DECIDE_RELIEFS))]
SentDep = Annotated[UploadFile, File(description="PDF, 10 Mo au plus")]
_SEEN = (ReliefNotFound, PreconditionMissing, PreconditionFailed)
_STUDIED = (*_SEEN, domain.ReliefEnded)
_MOVED = (InvoiceNotFound, PaymentTooLarge, PaymentNotThere)


@router.get(
    "", operation_id="listReliefs", summary="Les demandes de solidarité", responses=problems(BadCursor, BadSort)
)
async def list_reliefs(read: ReadDep, grant: MayRead, params: Annotated[ReliefListParams, Query()]) -> Page[ReliefOut]:
    """Dans le périmètre de l'appelant. Tris : submitted_on, reference, name."""
    return await queries.list_reliefs(read, grant, params)


@router.get("/export", operation_id="exportReliefs", summary="Export CSV ou tableur", response_class=Response)
async def export_reliefs(read: ReadDep, grant: MayRead, params: Annotated[ReliefExportParams, Query()]) -> Response:
    """Les mêmes demandes que la liste, avec les mêmes filtres ; jamais leurs raisons."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "solidarite", EXPORT_HEADER, lines)


@router.get("/summary", operation_id="summariseReliefs", summary="Ce qui a été accordé")
async def summarise(read: ReadDep, grant: MayRead, params: Annotated[ReliefSummaryParams, Query()]) -> ReliefSummaryOut:
    """Par année de décision et par délégation ; les remises annulées n'y comptent plus."""
    return await queries.summarise(read, grant, params)


@router.get(
    "/rule", operation_id="getReliefRule", summary="Le temps laissé à la délégation", responses=problems(RuleMissing)
)
async def get_rule(read: ReadDep, _: MayRead) -> ReliefRuleOut:
    """La règle du jour, et si elle est à confirmer."""
    return queries.rule_today(read)


@router.post(
    "",
    status_code=201,
    operation_id="askRelief",
    summary="Demander une réduction ou un échéancier",
    responses=problems(
        MemberUnknown,
        MemberMerged,
        domain.ReliefAskedWrong,
        domain.ReliefCallsWrong,
        domain.ReliefNothingOwed,
        domain.ReliefTooLarge,
        domain.ReliefUnderStudy,
        RuleMissing,
    ),
)
async def ask(body: ReliefIn, tx: TxDep, grant: MayAsk, entity: Entity, response: Response) -> ReliefDetail:
    """Par la structure, ou pour elle par sa délégation ou les finances. Ses relances s'arrêtent pendant l'étude."""
    relief_id = await use_cases.ask(tx, grant, entity.code, body)
    response.headers["Location"] = f"/dues/v1/reliefs/{relief_id}"
    return versioned(response, await queries.find_relief(tx, grant, relief_id))


@router.get(
    "/{relief_id}", operation_id="getRelief", summary="Une demande de solidarité", responses=problems(ReliefNotFound)
)
async def get_relief(relief_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> ReliefDetail:
    """Avec ce qui en a été fait. La structure lit l'avis de sa délégation une fois la décision prise."""
    return versioned(response, await queries.find_relief(read, grant, relief_id))


@router.get(
    "/{relief_id}/letter",
    operation_id="downloadReliefLetter",
    summary="La lettre de décision (PDF)",
    response_class=Response,
    responses=problems(ReliefNotFound, domain.ReliefNotDecided),
)
async def download_letter(relief_id: UUID, read: ReadDep, grant: MayRead) -> Response:
    """Telle qu'écrite le jour où la décision a été enregistrée."""
    reference, content = await queries.letter_of(read, grant, relief_id)
    return pdf_response(content, reference)


@router.post(
    "/{relief_id}/attachments",
    status_code=201,
    operation_id="attachToRelief",
    summary="Joindre une pièce",
    responses=problems(
        ReliefNotFound,
        domain.ReliefEnded,
        domain.ReliefAttachmentsTooMany,
        domain.ReliefAttachmentTooLarge,
        domain.ReliefAttachmentUnreadable,
    ),
)
async def attach(
    relief_id: UUID, file: SentDep, request: Request, response: Response, tx: TxDep, grant: MayAsk
) -> ReliefDetail:
    """Pendant l'étude. Son type est lu dans son contenu."""
    sent = SentFile(file.filename or "", await file.read())
    await use_cases.attach(tx, grant, request.app.state.runtime.files, relief_id, sent)
    return versioned(response, await queries.find_relief(tx, grant, relief_id))


@router.get(
    "/{relief_id}/attachments/{attachment_id}",
    operation_id="downloadReliefAttachment",
    summary="Télécharger une pièce",
    response_class=Response,
    responses=problems(ReliefNotFound, domain.ReliefAttachmentNotFound, FileMissing),
)
async def download_attachment(
    relief_id: UUID, attachment_id: UUID, request: Request, read: ReadDep, grant: MayRead
) -> Response:
    """Pour qui lit la demande."""
    found = await queries.find_attachment(read, grant, relief_id, attachment_id)
    return attached(await request.app.state.runtime.files.get(found.path), found.media_type, found.filename)


@router.delete(
    "/{relief_id}/attachments/{attachment_id}",
    operation_id="detachFromRelief",
    summary="Retirer une pièce",
    responses=problems(*_STUDIED, domain.ReliefAttachmentNotFound),
)
async def detach(
    relief_id: UUID, attachment_id: UUID, tx: TxDep, grant: MayAsk, response: Response, if_match: IfMatch = None
) -> ReliefDetail:
    """Tant que rien n'est décidé, par qui peut en joindre. Les étapes de la demande en gardent le nom."""
    await use_cases.detach(tx, grant, relief_id, if_match, attachment_id)
    return versioned(response, await queries.find_relief(tx, grant, relief_id))


@router.post(
    "/{relief_id}/advise",
    operation_id="adviseRelief",
    summary="Donner l'avis de la délégation",
    responses=problems(*_STUDIED, domain.ReliefAdvised),
)
async def advise(
    relief_id: UUID, body: ReliefAdviceIn, tx: TxDep, grant: MayAdvise, response: Response, if_match: IfMatch = None
) -> ReliefDetail:
    """Une fois, avant la décision."""
    await use_cases.advise(tx, grant, relief_id, if_match, body)
    return versioned(response, await queries.find_relief(tx, grant, relief_id))


@router.post(
    "/{relief_id}/withdraw",
    operation_id="withdrawRelief",
    summary="Retirer une demande",
    responses=problems(*_STUDIED),
)
async def withdraw(
    relief_id: UUID, body: ReliefReasonIn, tx: TxDep, grant: MayAsk, response: Response, if_match: IfMatch = None
) -> ReliefDetail:
    """Tant que rien n'est décidé. Les relances reprennent."""
    await use_cases.withdraw(tx, grant, relief_id, if_match, body.reason)
    return versioned(response, await queries.find_relief(tx, grant, relief_id))


@router.post(
    "/{relief_id}/decide",
    operation_id="decideRelief",
    summary="Enregistrer la décision nationale",
    responses=problems(
        *_STUDIED,
        *_MOVED,
        domain.ReliefAdviceAwaited,
        domain.ReliefSittingWrong,
        domain.ReliefDecisionWrong,
        domain.ReliefNothingOwed,
        domain.ReliefTooLarge,
        FundShort,
        CallAlreadyPlanned,
        CallNotOpen,
        ScheduleTotalWrong,
        ScheduleDaysWrong,
        TooManyInstalments,
        ScheduleTooLong,
        InstalmentTooSmall,
        RuleMissing,
    ),
)
async def decide(
    relief_id: UUID,
    body: ReliefDecisionIn,
    tx: TxDep,
    grant: MayDecide,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> ReliefDetail:
    """Une réduction est payée par le fonds mutualisé, sur-le-champ ; un échéancier est convenu. Avec `dry_run=true`,
    l'aperçu exact, que rien ne garde."""
    await use_cases.decide(tx, grant, entity, relief_id, if_match, body)
    return versioned(response, await queries.find_relief(tx, grant, relief_id))


@router.post(
    "/{relief_id}/revoke",
    operation_id="revokeRelief",
    summary="Annuler une remise",
    responses=problems(
        *_SEEN,
        *_MOVED,
        domain.ReliefNotRevocable,
        domain.ReliefRevokeTooLarge,
        FundCommitmentShort,
        ReceiptNotFound,
        ReceiptEnded,
    ),
)
async def revoke(
    relief_id: UUID, body: ReliefRevokeIn, tx: TxDep, grant: MayDecide, response: Response, if_match: IfMatch = None
) -> ReliefDetail:
    """En tout, ou d'un montant : le fonds le reprend, les appels sont dus d'autant, le plus tardif d'abord."""
    await use_cases.revoke(tx, grant, relief_id, if_match, body)
    return versioned(response, await queries.find_relief(tx, grant, relief_id))
