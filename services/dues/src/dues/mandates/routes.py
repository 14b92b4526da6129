"""HTTP door of mandates."""

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
from dues.mandates import queries, use_cases
from dues.mandates.documents import EXPORT_HEADER
from dues.mandates.domain import (
    AmendmentChangesNothing,
    AmendmentOutOfOrder,
    BankConfirmationDayWrong,
    BankConfirmationMissing,
    BicInvalid,
    CreditorUnchanged,
    CreditorWithoutIcs,
    IbanInvalid,
    IbanOutsideSepa,
    MandateAlreadyPrepared,
    MandateEnded,
    MandateLapsed,
    MandateNotFound,
    MandateNotPrepared,
    MandateNotSigned,
    MandateNotSuspended,
    MandateSuspended,
    PresentationDayWrong,
    RumInvalid,
    RumNotYours,
    RumTaken,
    SignedDocumentMissing,
    SignedDocumentNotFound,
    SignedDocumentTooLarge,
    SignedDocumentUnreadable,
    SignedInFuture,
)
from dues.mandates.schemas import (
    CreditorAdoptionOut,
    MandateAmendmentIn,
    MandateDetail,
    MandateExportParams,
    MandateIn,
    MandateListParams,
    MandateOut,
    MandateReasonIn,
    MandateRevocationIn,
    MandateSigningIn,
)
from dues.members.domain import MemberMerged, MemberUnknown
from dues.rights import Act

router = APIRouter(prefix="/mandates", tags=["Mandats de prélèvement"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_MANDATES))]
MayReadAccounts = Annotated[Grant, Depends(allow(Act.READ_MANDATE_ACCOUNTS))]
MayKeep = Annotated[Grant, Depends(allow(Act.KEEP_MANDATES))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_MANDATES))]
SentDep = Annotated[UploadFile, File(description="PDF, PNG ou JPEG, 10 Mo au plus")]
_ACCOUNT = (IbanInvalid, IbanOutsideSepa, BicInvalid)
_BANK = (BankConfirmationMissing, BankConfirmationDayWrong)
_CHANGED = (MandateNotFound, RuleMissing, PreconditionMissing, PreconditionFailed)
_LIVE = (MandateNotSigned, MandateEnded, MandateLapsed)


@router.get("", operation_id="listMandates", summary="Les mandats", responses=problems(BadCursor, BadSort, RuleMissing))
async def list_mandates(
    read: ReadDep, grant: MayRead, params: Annotated[MandateListParams, Query()]
) -> Page[MandateOut]:
    """Dans le périmètre de l'appelant, avec l'état du jour. Tris : prepared_on, rum, name, lapses_on."""
    return await queries.list_mandates(read, grant, params)


@router.get(
    "/export",
    operation_id="exportMandates",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RuleMissing),
)
async def export_mandates(read: ReadDep, grant: MayRead, params: Annotated[MandateExportParams, Query()]) -> Response:
    """Les mêmes mandats que la liste, avec les mêmes filtres, et du compte ce que l'appelant en voit."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "mandats", EXPORT_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="prepareMandate",
    summary="Préparer un mandat",
    responses=problems(
        MemberUnknown,
        MemberMerged,
        RumNotYours,
        RumInvalid,
        RumTaken,
        CreditorWithoutIcs,
        MandateAlreadyPrepared,
        RuleMissing,
        *_ACCOUNT,
    ),
)
async def prepare(body: MandateIn, tx: TxDep, grant: MayKeep, entity: Entity, response: Response) -> MandateDetail:
    """Par la structure pour elle-même, ou par les finances. Sa référence est donnée ; le formulaire à signer se
    télécharge. Le mandat en cours continue jusqu'à ce que la signature du nouveau soit confirmée."""
    mandate_id = await use_cases.prepare(tx, grant, entity, body)
    response.headers["Location"] = f"/dues/v1/mandates/{mandate_id}"
    return versioned(response, await queries.find_mandate(tx, grant, mandate_id))


@router.post(
    "/adopt-creditor",
    operation_id="adoptCreditor",
    summary="Le créancier a changé de nom ou d'ICS",
    responses=problems(CreditorWithoutIcs, CreditorUnchanged),
)
async def adopt_creditor(tx: TxDep, _: MayRun, entity: Entity) -> CreditorAdoptionOut:
    """Tous les mandats en cours l'apprennent à ce jour ; le prochain prélèvement de chacun le dit aux banques."""
    changed = await use_cases.adopt_creditor(tx, entity)
    return CreditorAdoptionOut(name=entity.name, ics=entity.ics or "", changed=changed)


@router.get(
    "/{mandate_id}",
    operation_id="getMandate",
    summary="Un mandat",
    responses=problems(MandateNotFound, RuleMissing),
)
async def get_mandate(mandate_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> MandateDetail:
    """Ce qui a été signé, ce qui en a changé depuis, ses documents, ce qui en a été fait."""
    return versioned(response, await queries.find_mandate(read, grant, mandate_id))


@router.get(
    "/{mandate_id}/form",
    operation_id="downloadMandateForm",
    summary="Le formulaire à signer (PDF)",
    response_class=Response,
    responses=problems(MandateNotFound, MandateNotPrepared),
)
async def download_form(mandate_id: UUID, read: ReadDep, grant: MayReadAccounts) -> Response:
    """Prérempli : il reste à le dater et à le signer."""
    content = await queries.form_of(read, grant, mandate_id)
    return pdf_response(content, f"mandat-{mandate_id}")


@router.post(
    "/{mandate_id}/signed-documents",
    status_code=201,
    operation_id="sendSignedMandate",
    summary="Envoyer le mandat signé",
    responses=problems(*_CHANGED, MandateNotPrepared, SignedDocumentTooLarge, SignedDocumentUnreadable),
)
async def send_signed(
    mandate_id: UUID,
    file: SentDep,
    request: Request,
    tx: TxDep,
    grant: MayKeep,
    response: Response,
    if_match: IfMatch = None,
) -> MandateDetail:
    """Son type est lu dans son contenu, pas dans son nom. Les finances confirment ensuite. De plusieurs envois,
    le dernier compte et les autres restent."""
    sent = SentFile(file.filename or "", await file.read())
    await use_cases.send(tx, grant, request.app.state.runtime.files, mandate_id, if_match, sent)
    return versioned(response, await queries.find_mandate(tx, grant, mandate_id))


@router.get(
    "/{mandate_id}/signed-documents/{document_id}",
    operation_id="downloadSignedMandate",
    summary="Télécharger un mandat signé",
    response_class=Response,
    responses=problems(MandateNotFound, SignedDocumentNotFound, FileMissing),
)
async def download_signed(
    mandate_id: UUID, document_id: UUID, request: Request, read: ReadDep, grant: MayReadAccounts
) -> Response:
    """Pour les finances et la structure."""
    found = await queries.find_document(read, grant, mandate_id, document_id)
    content = await request.app.state.runtime.files.get(found.path)
    return attached(content, found.media_type, found.filename)


@router.post(
    "/{mandate_id}/confirm",
    operation_id="confirmMandate",
    summary="Confirmer la signature",
    responses=problems(
        *_CHANGED,
        *_BANK,
        MandateNotPrepared,
        MandateLapsed,
        SignedDocumentMissing,
        SignedInFuture,
        PresentationDayWrong,
    ),
)
async def confirm(
    mandate_id: UUID, body: MandateSigningIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MandateDetail:
    """D'après le document signé. Le mandat devient actif ; celui d'avant est remplacé du même coup."""
    await use_cases.confirm(tx, grant, mandate_id, if_match, body)
    return versioned(response, await queries.find_mandate(tx, grant, mandate_id))


@router.post(
    "/{mandate_id}/amend",
    operation_id="amendMandate",
    summary="Changer le compte à débiter",
    responses=problems(*_CHANGED, *_ACCOUNT, *_BANK, *_LIVE, AmendmentOutOfOrder, AmendmentChangesNothing),
)
async def amend(
    mandate_id: UUID, body: MandateAmendmentIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MandateDetail:
    """À partir d'un jour, passé ou à venir. Le compte signé se lit encore ; le prochain prélèvement dit l'autre."""
    await use_cases.amend(tx, grant, mandate_id, if_match, body)
    return versioned(response, await queries.find_mandate(tx, grant, mandate_id))


@router.post(
    "/{mandate_id}/suspend",
    operation_id="suspendMandate",
    summary="Suspendre",
    responses=problems(*_CHANGED, *_LIVE, MandateSuspended),
)
async def suspend(
    mandate_id: UUID, body: MandateReasonIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MandateDetail:
    """Rien n'est prélevé tant qu'il n'est pas repris ; le temps court quand même vers son extinction."""
    await use_cases.suspend(tx, grant, mandate_id, if_match, body.reason)
    return versioned(response, await queries.find_mandate(tx, grant, mandate_id))


@router.post(
    "/{mandate_id}/resume",
    operation_id="resumeMandate",
    summary="Reprendre",
    responses=problems(*_CHANGED, *_LIVE, MandateNotSuspended),
)
async def resume(
    mandate_id: UUID, body: MandateReasonIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> MandateDetail:
    """Il se prélève de nouveau."""
    await use_cases.resume(tx, grant, mandate_id, if_match, body.reason)
    return versioned(response, await queries.find_mandate(tx, grant, mandate_id))


@router.post(
    "/{mandate_id}/revoke",
    operation_id="revokeMandate",
    summary="Révoquer",
    responses=problems(*_CHANGED, MandateEnded),
)
async def revoke(
    mandate_id: UUID,
    body: MandateRevocationIn,
    tx: TxDep,
    grant: MayKeep,
    response: Response,
    if_match: IfMatch = None,
) -> MandateDetail:
    """Par la structure pour le sien, ou par les finances, qui disent de qui vient la décision. Il reste lisible."""
    await use_cases.revoke(tx, grant, mandate_id, if_match, body)
    return versioned(response, await queries.find_mandate(tx, grant, mandate_id))
