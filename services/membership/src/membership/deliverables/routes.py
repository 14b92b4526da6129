"""HTTP door of what accompaniments leave: links, summaries and files, which ``bookings`` keeps with each booking."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing, attached
from common.problem import problems
from common.rights import Grant, allow
from common.types import LongText, Text
from common.uploads import SentFile
from membership.accompaniments.domain import AccompanimentNotFound, AccompanimentNotYours
from membership.bookings import queries, use_cases
from membership.bookings.domain import (
    MOST_DELIVERED_BYTES,
    AccompanimentNotHeld,
    BookingNotFound,
    DeliverableFileNotFound,
    DeliverableKind,
    DeliverableNotFound,
    DeliverableTooLarge,
    DeliverableUnreadable,
    DeliverableWithdrawn,
    DeliveredAnotherDay,
)
from membership.bookings.schemas import BookingDetail, DeliverableIn, DeliverableWithdrawalIn, DeliveredFile
from membership.rights import Act

_FORM_BYTES = 64 * 1024
"""Room for the form around the file."""
router = APIRouter(
    prefix="/accompaniment-bookings/{booking_id}/deliverables",
    tags=["Réservations d'accompagnement"],
    route_class=Door,
    max_body_size=MOST_DELIVERED_BYTES + _FORM_BYTES,
)

MayRead = Annotated[Grant, Depends(allow(Act.READ_BOOKINGS))]
MayFollow = Annotated[Grant, Depends(allow(Act.FOLLOW_BOOKINGS))]
SentFileDep = Annotated[
    UploadFile, File(description="PDF, PNG, JPEG, Word, Excel, PowerPoint ou LibreOffice sans macros, 20 Mo au plus")
]
_DELIVERED = (BookingNotFound, AccompanimentNotYours, AccompanimentNotHeld, DeliveredAnotherDay, RuleMissing)
_CHANGED = (
    BookingNotFound,
    AccompanimentNotYours,
    DeliverableNotFound,
    DeliverableWithdrawn,
    RuleMissing,
    PreconditionMissing,
    PreconditionFailed,
)
_SENT = (DeliverableUnreadable, DeliverableTooLarge)


@router.post(
    "",
    status_code=201,
    operation_id="deliverAccompaniment",
    summary="Remettre un livrable",
    responses=problems(*_DELIVERED, AccompanimentNotFound),
)
async def deliver(
    booking_id: UUID, body: DeliverableIn, tx: TxDep, grant: MayFollow, response: Response
) -> BookingDetail:
    """Un lien ou un résumé, et la suite proposée. La structure en est prévenue."""
    await use_cases.deliver(tx, grant, booking_id, body)
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


@router.post(
    "/files",
    status_code=201,
    operation_id="deliverAccompanimentFile",
    summary="Remettre un fichier",
    responses=problems(*_DELIVERED, *_SENT),
)
async def deliver_file(
    booking_id: UUID,
    kind: Annotated[DeliverableKind, Form()],
    title: Annotated[Text, Form()],
    file: SentFileDep,
    request: Request,
    tx: TxDep,
    grant: MayFollow,
    response: Response,
    delivered_on: Annotated[date | None, Form(description="Aujourd'hui par défaut")] = None,
    summary: Annotated[LongText | None, Form()] = None,
) -> BookingDetail:
    """Son type est lu dans son contenu, pas dans son nom. La structure en est prévenue, et le télécharge."""
    given = DeliveredFile(kind, title, delivered_on, summary)
    await use_cases.deliver_file(tx, grant, request.app.state.runtime.files, booking_id, given, await _sent(file))
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


@router.post(
    "/{deliverable_id}/files",
    status_code=201,
    operation_id="sendDeliverableFile",
    summary="Ajouter ou remplacer le fichier d'un livrable",
    responses=problems(*_CHANGED, *_SENT),
)
async def send_file(
    booking_id: UUID,
    deliverable_id: UUID,
    file: SentFileDep,
    request: Request,
    tx: TxDep,
    grant: MayFollow,
    response: Response,
    if_match: IfMatch = None,
) -> BookingDetail:
    """Il prend la place du dernier, qui reste pour qui tient l'accompagnement. Version de la réservation."""
    files = request.app.state.runtime.files
    await use_cases.send_file(tx, grant, files, booking_id, deliverable_id, if_match, await _sent(file))
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


@router.get(
    "/{deliverable_id}/files/{file_id}",
    operation_id="downloadDeliverableFile",
    summary="Télécharger un livrable",
    response_class=Response,
    responses=problems(BookingNotFound, DeliverableNotFound, DeliverableFileNotFound, FileMissing),
)
async def download(
    booking_id: UUID, deliverable_id: UUID, file_id: UUID, request: Request, read: ReadDep, grant: MayRead
) -> Response:
    """La structure, le dernier d'un livrable qui n'est pas retiré ; qui tient l'accompagnement, tous."""
    found = await queries.find_file(read, grant, booking_id, deliverable_id, file_id)
    content = await request.app.state.runtime.files.get(found.path)
    return attached(content, found.media_type, found.filename)


@router.post(
    "/{deliverable_id}/withdraw",
    operation_id="withdrawDeliverable",
    summary="Retirer un livrable",
    responses=problems(*_CHANGED),
)
async def withdraw_deliverable(
    booking_id: UUID,
    deliverable_id: UUID,
    body: DeliverableWithdrawalIn,
    tx: TxDep,
    grant: MayFollow,
    response: Response,
    if_match: IfMatch = None,
) -> BookingDetail:
    """Remis par erreur : il reste au dossier, avec la raison. La version est celle de la réservation."""
    await use_cases.withdraw_deliverable(tx, grant, booking_id, deliverable_id, if_match, body.reason)
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


async def _sent(file: UploadFile) -> SentFile:
    return SentFile(file.filename or "", await file.read())
