"""HTTP door of seats: who holds which, to whom the invoices go, and who is known. That of people is in ``people``."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.contacts import queries, use_cases
from membership.contacts.documents import EXPORT_HEADER
from membership.contacts.domain import (
    BillingSeatNeeded,
    ContactErased,
    ContactNotFound,
    ContactOfAnother,
    SeatVacant,
)
from membership.contacts.schemas import (
    AppointmentIn,
    BillingOut,
    ContactExportParams,
    LeaveIn,
    SeatsOut,
)
from membership.members.domain import MemberNotFound
from membership.members.schemas import Then
from membership.rights import Act

router = APIRouter(tags=["Personnes et sièges"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_CONTACTS))]
MayEdit = Annotated[Grant, Depends(allow(Act.EDIT_CONTACTS))]


@router.get("/contacts/export", operation_id="exportContacts", summary="Export CSV ou tableur", response_class=Response)
async def export_contacts(read: ReadDep, grant: MayRead, params: Annotated[ContactExportParams, Query()]) -> Response:
    """Les mêmes personnes que la liste, avec les mêmes filtres : des données personnelles, à ne garder que le temps de
    l'usage."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "personnes", EXPORT_HEADER, lines)


@router.get(
    "/members/{member_id}/seats",
    operation_id="getSeats",
    summary="Les sièges d'une structure",
    responses=problems(MemberNotFound),
)
async def get_seats(
    member_id: UUID, read: ReadDep, grant: MayRead, response: Response, then: Annotated[Then, Query()]
) -> SeatsOut:
    """Qui les occupe aujourd'hui, ou un autre jour, d'après ce que l'on en savait alors."""
    return _seats(response, await queries.find_seats(read, grant, member_id, then))


@router.post(
    "/members/{member_id}/seats/appoint",
    operation_id="appoint",
    summary="Désigner qui occupe un siège",
    responses=problems(
        ContactNotFound, ContactErased, PreconditionMissing, PreconditionFailed, MemberNotFound, ContactOfAnother
    ),
)
async def appoint(
    member_id: UUID, body: AppointmentIn, tx: TxDep, grant: MayEdit, response: Response, if_match: IfMatch = None
) -> SeatsOut:
    """Celui qui l'occupait le quitte le même jour."""
    member = await use_cases.appoint(tx, grant, member_id, if_match, body)
    return _seats(response, await queries.seats_out(tx, member))


@router.post(
    "/members/{member_id}/seats/leave",
    operation_id="leaveSeat",
    summary="Laisser un siège vacant",
    responses=problems(MemberNotFound, SeatVacant, BillingSeatNeeded, PreconditionMissing, PreconditionFailed),
)
async def leave(
    member_id: UUID, body: LeaveIn, tx: TxDep, grant: MayEdit, response: Response, if_match: IfMatch = None
) -> SeatsOut:
    """Sauf la facturation, qui ne fait que se transmettre."""
    member = await use_cases.leave(tx, grant, member_id, if_match, body)
    return _seats(response, await queries.seats_out(tx, member))


@router.get(
    "/members/{member_id}/billing",
    operation_id="getBilling",
    summary="À qui s'adressent les factures",
    responses=problems(MemberNotFound),
)
async def get_billing(member_id: UUID, read: ReadDep, grant: MayRead) -> BillingOut:
    """Le siège de la facturation, sinon la trésorerie, la direction, la présidence ; sinon la structure elle-même."""
    return await queries.find_billing(read, grant, member_id)


def _seats(response: Response, seats: SeatsOut) -> SeatsOut:
    set_etag(response, seats.version)
    return seats
