"""HTTP door of bookings, and of what is done to a slot that structures have booked."""

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
from membership.accompaniments.domain import (
    AccompanimentClosed,
    AccompanimentNotYours,
    AdviserBusy,
    SeriesNotFound,
    SeriesOver,
    SlotCancelled,
    SlotFull,
    SlotInPast,
    SlotNotFound,
    SlotStarted,
    SlotTooLate,
    SlotTooSmall,
)
from membership.accompaniments.schemas import SeriesCancellation, SlotCancellation, SlotListParams, SlotMove, SlotOut
from membership.bookings import queries, use_cases
from membership.bookings.documents import EXPORT_HEADER
from membership.bookings.domain import (
    ActivityNotServed,
    AllowanceNotYours,
    BookingAnswered,
    BookingCancelTooLate,
    BookingDelivered,
    BookingNotFound,
    BookingNotSettled,
    BookingSettled,
    BookingState,
    CancellationReasonMissing,
    DelegationNotServed,
    FirstLevelUsed,
    MemberCannotBook,
    OutcomeFixed,
    SlotAlreadyBooked,
    SlotNotBegun,
)
from membership.bookings.schemas import (
    BookingCancellationIn,
    BookingDetail,
    BookingExportParams,
    BookingIn,
    BookingListParams,
    BookingOut,
    BookingReopenIn,
    SeriesCancellationOut,
)
from membership.members.domain import MemberNotFound
from membership.rights import Act

router = APIRouter(prefix="/accompaniment-bookings", tags=["Réservations d'accompagnement"], route_class=Door)
slots = APIRouter(prefix="/accompaniment-slots", tags=["Accompagnements"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_BOOKINGS))]
MayBrowse = Annotated[Grant, Depends(allow(Act.READ_ACCOMPANIMENTS))]
MayBook = Annotated[Grant, Depends(allow(Act.BOOK_ACCOMPANIMENTS))]
MayFollow = Annotated[Grant, Depends(allow(Act.FOLLOW_BOOKINGS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ACCOMPANIMENTS))]
_VERSION = (PreconditionMissing, PreconditionFailed)
_CHANGED = (BookingNotFound, BookingSettled, RuleMissing, *_VERSION)
_FOLLOWED = (*_CHANGED, AccompanimentNotYours, SlotNotBegun)
_SLOT = (SlotNotFound, AccompanimentNotYours, SlotCancelled, SlotStarted, RuleMissing, *_VERSION)


@router.get(
    "",
    operation_id="listAccompanimentBookings",
    summary="Les réservations",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_bookings(
    read: ReadDep, grant: MayRead, params: Annotated[BookingListParams, Query()]
) -> Page[BookingOut]:
    """Une structure, les siennes ; une délégation, celles de ses structures. Tris : starts_at, booked_at, name."""
    return await queries.list_bookings(read, grant, params)


@router.get(
    "/export",
    operation_id="exportAccompanimentBookings",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RuleMissing),
)
async def export_bookings(read: ReadDep, grant: MayRead, params: Annotated[BookingExportParams, Query()]) -> Response:
    """Les mêmes réservations que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "accompagnements", EXPORT_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="bookAccompaniment",
    summary="Réserver une place",
    responses=problems(
        BookingNotFound,
        MemberNotFound,
        SlotNotFound,
        AllowanceNotYours,
        MemberCannotBook,
        DelegationNotServed,
        ActivityNotServed,
        AccompanimentClosed,
        SlotCancelled,
        SlotTooLate,
        SlotFull,
        SlotAlreadyBooked,
        FirstLevelUsed,
        RuleMissing,
    ),
)
async def book(body: BookingIn, tx: TxDep, grant: MayBook, response: Response) -> BookingDetail:
    """Pour sa structure ; la délégation et le réseau, pour une structure de leur périmètre. Un courriel le confirme."""
    booking_id = await use_cases.book(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/accompaniment-bookings/{booking_id}"
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


@router.get(
    "/{booking_id}",
    operation_id="getAccompanimentBooking",
    summary="Une réservation",
    responses=problems(BookingNotFound, RuleMissing),
)
async def get_booking(booking_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> BookingDetail:
    """Ce qui a été promis, quand et où, ce qu'il en est advenu, et ce qui a été remis."""
    return versioned(response, await queries.find_booking(read, grant, booking_id))


@router.post(
    "/{booking_id}/cancel",
    operation_id="cancelAccompanimentBooking",
    summary="Rendre la place",
    responses=problems(*_CHANGED, BookingCancelTooLate, CancellationReasonMissing),
)
async def cancel(
    booking_id: UUID,
    body: BookingCancellationIn,
    tx: TxDep,
    grant: MayBook,
    response: Response,
    if_match: IfMatch = None,
) -> BookingDetail:
    """La structure, jusqu'à la limite, ou jusqu'au début si le créneau a été déplacé ; les autres, avec une raison."""
    await use_cases.cancel(tx, grant, booking_id, if_match, body.reason)
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


@router.post(
    "/{booking_id}/hold",
    operation_id="holdAccompaniment",
    summary="L'accompagnement a été tenu",
    responses=problems(*_FOLLOWED),
)
async def hold(
    booking_id: UUID, tx: TxDep, grant: MayFollow, response: Response, if_match: IfMatch = None
) -> BookingDetail:
    """Une fois commencé. Un courriel demande à la structure ce qu'elle en a pensé."""
    await use_cases.settle(tx, grant, booking_id, if_match, BookingState.HELD)
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


@router.post(
    "/{booking_id}/absent",
    operation_id="missAccompaniment",
    summary="Personne n'est venu",
    responses=problems(*_FOLLOWED),
)
async def absent(
    booking_id: UUID, tx: TxDep, grant: MayFollow, response: Response, if_match: IfMatch = None
) -> BookingDetail:
    """Une fois commencé. La structure garde son premier niveau gratuit de l'année."""
    await use_cases.settle(tx, grant, booking_id, if_match, BookingState.ABSENT)
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


@router.post(
    "/{booking_id}/reopen",
    operation_id="reopenAccompanimentBooking",
    summary="Reprendre l'issue",
    responses=problems(
        BookingNotFound,
        AccompanimentNotYours,
        BookingNotSettled,
        BookingAnswered,
        BookingDelivered,
        OutcomeFixed,
        FirstLevelUsed,
        MemberNotFound,
        RuleMissing,
        *_VERSION,
    ),
)
async def reopen(
    booking_id: UUID,
    body: BookingReopenIn,
    tx: TxDep,
    grant: MayFollow,
    response: Response,
    if_match: IfMatch = None,
) -> BookingDetail:
    """Dite tenue ou manquée par erreur, elle est de nouveau réservée ; ce qui avait été dit est gardé."""
    await use_cases.reopen(tx, grant, booking_id, if_match, body.reason)
    return versioned(response, await queries.find_booking(tx, grant, booking_id))


@slots.get(
    "",
    operation_id="listAccompanimentSlots",
    summary="Les créneaux",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_slots(read: ReadDep, grant: MayBrowse, params: Annotated[SlotListParams, Query()]) -> Page[SlotOut]:
    """Ceux des accompagnements que l'on peut voir. Tri : starts_at."""
    return await queries.list_slots(read, grant, params)


@slots.get(
    "/{slot_id}",
    operation_id="getAccompanimentSlot",
    summary="Un créneau",
    responses=problems(SlotNotFound, RuleMissing),
)
async def get_slot(slot_id: UUID, read: ReadDep, grant: MayBrowse, response: Response) -> SlotOut:
    """Quand, où, et combien de places restent."""
    return versioned(response, await queries.find_slot(read, grant, slot_id))


@slots.post(
    "/{slot_id}/cancel",
    operation_id="cancelAccompanimentSlot",
    summary="Annuler un créneau",
    responses=problems(*_SLOT),
)
async def cancel_slot(
    slot_id: UUID, body: SlotCancellation, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SlotOut:
    """Avec toutes ses places ; chaque structure qui avait réservé en reçoit la raison."""
    await use_cases.cancel_slot(tx, grant, slot_id, if_match, body.reason)
    return versioned(response, await queries.find_slot(tx, grant, slot_id))


@slots.post(
    "/series/{series_id}/cancel",
    operation_id="cancelAccompanimentSeries",
    summary="Annuler le reste d'une série",
    responses=problems(SeriesNotFound, AccompanimentNotYours, SeriesOver, RuleMissing),
)
async def cancel_series(series_id: UUID, body: SeriesCancellation, tx: TxDep, grant: MayRun) -> SeriesCancellationOut:
    """Ce qui n'a pas commencé, avec ses places : chaque structure en reçoit la raison. `dry_run=true` le montre."""
    slots, offer, dropped = await use_cases.cancel_series(tx, grant, series_id, body)
    return await queries.show_cancelled(tx, grant, slots, offer, dropped)


@slots.post(
    "/{slot_id}/move",
    operation_id="moveAccompanimentSlot",
    summary="Déplacer un créneau",
    responses=problems(*_SLOT, SlotInPast, SlotTooSmall, AdviserBusy),
)
async def move_slot(
    slot_id: UUID, body: SlotMove, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SlotOut:
    """Les structures qui ont réservé gardent leur place, en sont prévenues, et peuvent la rendre jusqu'au début."""
    await use_cases.move_slot(tx, grant, slot_id, if_match, body)
    return versioned(response, await queries.find_slot(tx, grant, slot_id))
