"""HTTP door of applications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Path, Query, Request, UploadFile
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing, attached
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.applications import queries, use_cases
from membership.applications.documents import EXPORT_HEADER
from membership.applications.domain import (
    MOST_BYTES,
    ApplicationDecided,
    ApplicationNotFound,
    DocumentDecided,
    DocumentNotAsked,
    DocumentNotFound,
    DocumentState,
    DocumentTooLarge,
    DocumentUnreadable,
    LiftingDayInconsistent,
    OpinionsHidden,
    ReceivedTooLongAgo,
    ReservationLifted,
    ReservationNotFound,
    WithdrawalMisdated,
)
from membership.applications.schemas import (
    ApplicationAgainIn,
    ApplicationExportParams,
    ApplicationIn,
    ApplicationListParams,
    ApplicationOut,
    ApplicationWithdrawalIn,
    LiftingIn,
    OpinionIn,
    RefusalIn,
)
from membership.departures.domain import ReceivedInFuture
from membership.members.domain import (
    AlreadyMember,
    ApplicationAlreadyOpen,
    MemberNotFound,
    SirenTaken,
    SiretOfAnotherSiren,
)
from membership.rights import Act

_MULTIPART_BYTES = 64 * 1024
"""Room for the form around the file."""

router = APIRouter(
    prefix="/applications",
    tags=["Candidatures"],
    route_class=Door,
    max_body_size=MOST_BYTES + _MULTIPART_BYTES,
)

MayRead = Annotated[Grant, Depends(allow(Act.READ_APPLICATIONS))]
MayReceive = Annotated[Grant, Depends(allow(Act.RECEIVE_APPLICATIONS))]
MaySend = Annotated[Grant, Depends(allow(Act.SEND_DOCUMENTS))]
MayCheck = Annotated[Grant, Depends(allow(Act.CHECK_DOCUMENTS))]
MayGiveOpinion = Annotated[Grant, Depends(allow(Act.GIVE_OPINIONS))]
MayLift = Annotated[Grant, Depends(allow(Act.LIFT_RESERVATIONS))]
_CHANGED = (ApplicationNotFound, PreconditionMissing, PreconditionFailed)


@router.get(
    "",
    operation_id="listApplications",
    summary="Les candidatures",
    responses=problems(BadCursor, BadSort, OpinionsHidden),
)
async def list_applications(
    read: ReadDep, grant: MayRead, params: Annotated[ApplicationListParams, Query()]
) -> Page[ApplicationOut]:
    """Avec ce qui manque à chacune, dans l'ordre de leur réception. Tris : received_on, name."""
    return await queries.list_applications(read, grant, params)


@router.get(
    "/export",
    operation_id="exportApplications",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(OpinionsHidden),
)
async def export_applications(
    read: ReadDep, grant: MayRead, params: Annotated[ApplicationExportParams, Query()]
) -> Response:
    """Les mêmes candidatures que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "candidatures", EXPORT_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="receiveApplication",
    summary="Recevoir",
    responses=problems(SirenTaken, SiretOfAnotherSiren, ReceivedInFuture, ReceivedTooLongAgo),
)
async def receive_application(body: ApplicationIn, tx: TxDep, grant: MayReceive, response: Response) -> ApplicationOut:
    """La structure entre au registre comme candidate ; une séance en décidera."""
    application_id = await use_cases.receive_application(tx, body)
    response.headers["Location"] = f"/membership/v1/applications/{application_id}"
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/again",
    status_code=201,
    operation_id="receiveApplicationAgain",
    summary="Recevoir de nouveau",
    responses=problems(MemberNotFound, AlreadyMember, ApplicationAlreadyOpen, ReceivedInFuture, ReceivedTooLongAgo),
)
async def receive_again(body: ApplicationAgainIn, tx: TxDep, grant: MayReceive, response: Response) -> ApplicationOut:
    """Une structure du registre qui fut refusée, qui avait renoncé ou qui est sortie, demande à adhérer. Elle garde sa
    référence et son histoire ; ses pièces sont à fournir de nouveau."""
    application_id = await use_cases.receive_again(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/applications/{application_id}"
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.get(
    "/{application_id}",
    operation_id="getApplication",
    summary="Une candidature",
    responses=problems(ApplicationNotFound),
)
async def get_application(application_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> ApplicationOut:
    """Où elle en est, ses pièces, l'avis de sa délégation, et ce qui lui manque."""
    return versioned(response, await queries.find_application(read, grant, application_id))


@router.post(
    "/{application_id}/withdraw",
    operation_id="withdrawApplication",
    summary="Retirer",
    responses=problems(*_CHANGED, ApplicationDecided, WithdrawalMisdated),
)
async def withdraw(
    application_id: UUID,
    body: ApplicationWithdrawalIn,
    tx: TxDep,
    grant: MayReceive,
    response: Response,
    if_match: IfMatch = None,
) -> ApplicationOut:
    """La structure y renonce avant que le conseil n'en décide ; elle peut candidater de nouveau. L'ordre du jour d'une
    séance ouverte qui la porte le dit."""
    await use_cases.withdraw(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/{application_id}/documents",
    status_code=201,
    operation_id="sendApplicationDocument",
    summary="Envoyer une pièce",
    responses=problems(ApplicationNotFound, ApplicationDecided, DocumentNotAsked, DocumentUnreadable, DocumentTooLarge),
)
async def send_document(
    application_id: UUID,
    item: Annotated[str, Form(max_length=50, description="La pièce, par son code dans la liste")],
    file: Annotated[UploadFile, File(description="PDF, PNG ou JPEG, 10 Mo au plus")],
    request: Request,
    tx: TxDep,
    grant: MaySend,
    response: Response,
) -> ApplicationOut:
    """Elle prend la place de la précédente. Son type est lu dans son contenu, pas dans son nom."""
    await use_cases.send_document(
        tx,
        grant,
        request.app.state.runtime.files,
        application_id,
        item=item,
        filename=file.filename or "",
        content=await file.read(),
    )
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.get(
    "/{application_id}/documents/{document_id}",
    operation_id="downloadApplicationDocument",
    summary="Lire une pièce",
    response_class=Response,
    responses=problems(ApplicationNotFound, DocumentNotFound, FileMissing),
)
async def download_document(
    application_id: UUID, document_id: UUID, request: Request, read: ReadDep, grant: MayRead
) -> Response:
    """Telle qu'elle a été envoyée."""
    document = await queries.find_document(read, grant, application_id, document_id)
    content = await request.app.state.runtime.files.get(document.path)
    return attached(content, document.media_type, document.filename)


@router.post(
    "/{application_id}/documents/{document_id}/accept",
    operation_id="acceptApplicationDocument",
    summary="Accepter une pièce",
    responses=problems(*_CHANGED, ApplicationDecided, DocumentNotFound, DocumentDecided),
)
async def accept_document(
    application_id: UUID,
    document_id: UUID,
    tx: TxDep,
    grant: MayCheck,
    response: Response,
    if_match: IfMatch = None,
) -> ApplicationOut:
    """Elle est lue, et c'est la bonne."""
    await use_cases.check_document(tx, grant, application_id, document_id, if_match, DocumentState.ACCEPTED)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/{application_id}/documents/{document_id}/refuse",
    operation_id="refuseApplicationDocument",
    summary="Refuser une pièce",
    responses=problems(*_CHANGED, ApplicationDecided, DocumentNotFound, DocumentDecided),
)
async def refuse_document(
    application_id: UUID,
    document_id: UUID,
    body: RefusalIn,
    tx: TxDep,
    grant: MayCheck,
    response: Response,
    if_match: IfMatch = None,
) -> ApplicationOut:
    """Avec la raison, pour que la structure envoie la bonne."""
    refused = DocumentState.REFUSED
    await use_cases.check_document(tx, grant, application_id, document_id, if_match, refused, body.remark)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/{application_id}/opinions",
    status_code=201,
    operation_id="giveOpinion",
    summary="Donner l'avis de la délégation",
    responses=problems(*_CHANGED, ApplicationDecided),
)
async def give_opinion(
    application_id: UUID,
    body: OpinionIn,
    tx: TxDep,
    grant: MayGiveOpinion,
    response: Response,
    if_match: IfMatch = None,
) -> ApplicationOut:
    """Il prend la place du précédent, qui reste dans le dossier."""
    await use_cases.give_opinion(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/{application_id}/reservations/{number}/lift",
    operation_id="liftReservation",
    summary="Lever une réserve",
    responses=problems(*_CHANGED, ReservationNotFound, ReservationLifted, LiftingDayInconsistent),
)
async def lift_reservation(
    application_id: UUID,
    number: Annotated[int, Path(ge=1, le=100)],
    body: LiftingIn,
    tx: TxDep,
    grant: MayLift,
    response: Response,
    if_match: IfMatch = None,
) -> ApplicationOut:
    """Ce que le conseil demandait en admettant est fait. La dernière levée, le dossier ne prend plus de pièce."""
    await use_cases.lift_reservation(tx, grant, application_id, number, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))
