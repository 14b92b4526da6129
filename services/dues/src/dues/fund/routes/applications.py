"""HTTP door of what delegations ask of the mutual fund, and of what becomes of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
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
from common.uploads import SentFile
from dues.config import Entity
from dues.fund import domain, queries, use_cases
from dues.fund.domain import FundApplicationNotFound, FundAttachmentKind
from dues.fund.schemas import (
    FundApplicationDetail,
    FundApplicationExportParams,
    FundApplicationIn,
    FundApplicationListParams,
    FundApplicationOut,
    FundPaymentIn,
    FundReleaseIn,
    FundReportIn,
    FundReturnIn,
)
from dues.rights import Act

router = APIRouter(prefix="/fund", tags=["Fonds mutualisé"], route_class=Door)

MayReadApplications = Annotated[Grant, Depends(allow(Act.READ_FUND_APPLICATIONS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_FUND_APPLICATIONS))]
MayAward = Annotated[Grant, Depends(allow(Act.AWARD_FUND))]
SentDep = Annotated[UploadFile, File(description="PDF, 10 Mo au plus")]
KindDep = Annotated[FundAttachmentKind, Form()]
_SEEN = (PreconditionMissing, PreconditionFailed)
_APPLICATION = (FundApplicationNotFound, *_SEEN)
_LISTED = problems(BadCursor, BadSort)
_FOUND = problems(FundApplicationNotFound)
_AWARD = (*_APPLICATION, domain.FundAwardMissing)


@router.get("/applications", operation_id="listFundApplications", summary="Les demandes", responses=_LISTED)
async def list_applications(
    read: ReadDep, grant: MayReadApplications, params: Annotated[FundApplicationListParams, Query()]
) -> Page[FundApplicationOut]:
    """Une délégation : les siennes ; le conseil : des appels clos. Tris : created_at, asked, delegation, title."""
    return await queries.list_applications(read, grant, params)


@router.get(
    "/applications/export",
    operation_id="exportFundApplications",
    summary="Export CSV ou tableur des demandes",
    response_class=Response,
)
async def export_applications(
    read: ReadDep, grant: MayReadApplications, params: Annotated[FundApplicationExportParams, Query()]
) -> Response:
    """Les mêmes demandes que la liste, avec les mêmes filtres."""
    lines = await queries.export_applications(read, grant, params)
    return await export_response(params.format, "demandes", queries.APPLICATIONS_HEADER, lines)


@router.get(
    "/applications/{application_id}", operation_id="getFundApplication", summary="Une demande", responses=_FOUND
)
async def get_application(
    application_id: UUID, read: ReadDep, grant: MayReadApplications, response: Response
) -> FundApplicationDetail:
    """Le projet, son budget, ses pièces, ce qui en a été décidé et versé."""
    return versioned(response, await queries.find_application(read, grant, application_id))


@router.put(
    "/applications/{application_id}",
    operation_id="changeFundApplication",
    summary="Corriger une demande",
    responses=problems(*_APPLICATION, *domain.WRITING, domain.FundApplicationIncomplete),
)
async def change_application(
    application_id: UUID,
    body: FundApplicationIn,
    tx: TxDep,
    grant: MayWrite,
    response: Response,
    if_match: IfMatch = None,
) -> FundApplicationDetail:
    """Jusqu'à la clôture ; déposée, elle doit rester complète."""
    await use_cases.change_application(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/submit",
    operation_id="submitFundApplication",
    summary="Déposer une demande",
    responses=problems(
        *_APPLICATION, *domain.WRITING, domain.FundApplicationNotDraft, domain.FundApplicationIncomplete
    ),
)
async def submit(
    application_id: UUID, tx: TxDep, grant: MayWrite, entity: Entity, response: Response, if_match: IfMatch = None
) -> FundApplicationDetail:
    """Jusqu'au dernier jour de l'appel, inclus. Elle prend sa référence."""
    await use_cases.submit(tx, grant, entity.code, application_id, if_match)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/withdraw",
    operation_id="withdrawFundApplication",
    summary="Retirer une demande",
    responses=problems(*_APPLICATION, domain.FundApplicationEnded),
)
async def withdraw(
    application_id: UUID, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> FundApplicationDetail:
    """Tant que le conseil n'a pas décidé."""
    await use_cases.withdraw(tx, grant, application_id, if_match)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/attachments",
    status_code=201,
    operation_id="attachToFundApplication",
    summary="Joindre une pièce, ou le bilan",
    responses=problems(FundApplicationNotFound, *domain.ATTACHING),
)
async def attach(
    application_id: UUID,
    file: SentDep,
    kind: KindDep,
    request: Request,
    response: Response,
    tx: TxDep,
    grant: MayWrite,
) -> FundApplicationDetail:
    """Une pièce jusqu'à la clôture, le bilan une fois l'aide accordée. Son type est lu dans son contenu."""
    sent = SentFile(file.filename or "", await file.read())
    await use_cases.attach(tx, grant, request.app.state.runtime.files, application_id, kind, sent)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.get(
    "/applications/{application_id}/attachments/{attachment_id}",
    operation_id="downloadFundAttachment",
    summary="Télécharger une pièce",
    response_class=Response,
    responses=problems(FundApplicationNotFound, domain.FundAttachmentNotFound, FileMissing),
)
async def download_attachment(
    application_id: UUID, attachment_id: UUID, request: Request, read: ReadDep, grant: MayReadApplications
) -> Response:
    """Pour qui lit la demande."""
    found = await queries.find_attachment(read, grant, application_id, attachment_id)
    return attached(await request.app.state.runtime.files.get(found.path), found.media_type, found.filename)


@router.delete(
    "/applications/{application_id}/attachments/{attachment_id}",
    status_code=204,
    operation_id="detachFromFundApplication",
    summary="Retirer une pièce",
    responses=problems(FundApplicationNotFound, domain.FundAttachmentNotFound, *domain.WRITING),
)
async def detach(application_id: UUID, attachment_id: UUID, tx: TxDep, grant: MayWrite) -> None:
    """Jusqu'à la clôture."""
    await use_cases.detach(tx, grant, application_id, attachment_id)


@router.get(
    "/applications/{application_id}/letter",
    operation_id="downloadFundLetter",
    summary="La lettre d'attribution (PDF)",
    response_class=Response,
    responses=problems(FundApplicationNotFound, domain.FundAwardMissing),
)
async def download_letter(application_id: UUID, read: ReadDep, grant: MayReadApplications) -> Response:
    """Telle qu'écrite le jour où la décision a été enregistrée."""
    return pdf_response(await queries.letter_of(read, grant, application_id), f"attribution-{application_id}")


@router.post(
    "/applications/{application_id}/payments",
    operation_id="payFundInstalment",
    summary="Noter un versement",
    responses=problems(*_AWARD, *domain.PAYING),
)
async def pay(
    application_id: UUID,
    body: FundPaymentIn,
    tx: TxDep,
    grant: MayAward,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> FundApplicationDetail:
    """Fait, tel que sur le relevé de banque ; le solde, une fois le bilan reçu si la décision le dit."""
    await use_cases.pay_instalment(tx, grant, entity.code, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/report",
    operation_id="receiveFundReport",
    summary="Noter que le bilan est reçu",
    responses=problems(*_AWARD, domain.FundReportReceived, domain.FundDayWrong),
)
async def receive_report(
    application_id: UUID, body: FundReportIn, tx: TxDep, grant: MayAward, response: Response, if_match: IfMatch = None
) -> FundApplicationDetail:
    """Déposé par la délégation avec ses pièces, ou venu autrement."""
    await use_cases.note_report(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/release",
    operation_id="releaseFundAward",
    summary="Libérer ce qui reste d'une aide",
    responses=problems(*_AWARD, domain.FundAwardClosed, domain.FundCommitmentShort),
)
async def release(
    application_id: UUID, body: FundReleaseIn, tx: TxDep, grant: MayAward, response: Response, if_match: IfMatch = None
) -> FundApplicationDetail:
    """Ce qui n'est pas versé ne le sera pas : c'est de nouveau libre."""
    await use_cases.release_award(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/return",
    operation_id="returnFundPayment",
    summary="Noter une somme rendue",
    responses=problems(*_AWARD, domain.FundDayWrong, domain.FundCommitmentShort),
)
async def take_back(
    application_id: UUID,
    body: FundReturnIn,
    tx: TxDep,
    grant: MayAward,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> FundApplicationDetail:
    """Ce que la délégation n'a pas dépensé, et a rendu : c'est de nouveau libre."""
    await use_cases.note_return(tx, grant, entity.code, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))
