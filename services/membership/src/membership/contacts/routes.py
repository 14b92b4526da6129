"""HTTP door of people and seats."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from membership.contacts import queries, use_cases
from membership.contacts.domain import (
    BillingSeatNeeded,
    ContactErased,
    ContactNotFound,
    ContactOfAnother,
    ContactSeated,
    SeatVacant,
)
from membership.contacts.schemas import (
    AppointmentIn,
    BillingOut,
    ContactAmend,
    ContactIn,
    ContactListParams,
    ContactOut,
    ErasureIn,
    LeaveIn,
    PersonalData,
    SeatsOut,
)
from membership.members.domain import MemberNotFound
from membership.members.schemas import Then
from membership.rights import Act

router = APIRouter(tags=["Personnes et sièges"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_CONTACTS))]
MayEdit = Annotated[Grant, Depends(allow(Act.EDIT_CONTACTS))]
MayErase = Annotated[Grant, Depends(allow(Act.ERASE_CONTACTS))]
_CHANGED = (ContactNotFound, ContactErased, PreconditionMissing, PreconditionFailed, MemberNotFound)


@router.get("/contacts", operation_id="listContacts", summary="Les personnes", responses=problems(BadCursor, BadSort))
async def list_contacts(
    read: ReadDep, grant: MayRead, params: Annotated[ContactListParams, Query()]
) -> Page[ContactOut]:
    """Avec les sièges que chacune occupe aujourd'hui. Tris : structure, name."""
    return await queries.list_contacts(read, grant, params)


@router.post(
    "/members/{member_id}/contacts",
    status_code=201,
    operation_id="addContact",
    summary="Ajouter une personne",
    responses=problems(MemberNotFound),
)
async def add_contact(member_id: UUID, body: ContactIn, tx: TxDep, grant: MayEdit, response: Response) -> ContactOut:
    """Elle n'occupe encore aucun siège."""
    contact = await queries.shown(tx, await use_cases.add_contact(tx, grant, member_id, body))
    response.headers["Location"] = f"/membership/v1/contacts/{contact.id}"
    return versioned(response, contact)


@router.get(
    "/contacts/{contact_id}", operation_id="getContact", summary="Une personne", responses=problems(ContactNotFound)
)
async def get_contact(contact_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> ContactOut:
    """Telle qu'on la connaît aujourd'hui."""
    return versioned(response, await queries.find_contact(read, grant, contact_id))


@router.patch(
    "/contacts/{contact_id}",
    operation_id="amendContact",
    summary="Compléter ou corriger",
    responses=problems(*_CHANGED),
)
async def amend_contact(
    contact_id: UUID, body: ContactAmend, tx: TxDep, grant: MayEdit, response: Response, if_match: IfMatch = None
) -> ContactOut:
    """Les champs absents restent ce qu'ils sont."""
    row = await use_cases.amend_contact(tx, grant, contact_id, if_match, body)
    return versioned(response, await queries.shown(tx, row))


@router.get(
    "/contacts/{contact_id}/personal-data",
    operation_id="getPersonalData",
    summary="Tout ce que l'on sait d'une personne",
    responses=problems(ContactNotFound),
)
async def get_personal_data(contact_id: UUID, read: ReadDep, grant: MayRead) -> PersonalData:
    """À lui remettre quand elle le demande (RGPD, article 15)."""
    return await queries.personal_data(read, grant, contact_id)


@router.post(
    "/contacts/{contact_id}/erase",
    operation_id="eraseContact",
    summary="Effacer une personne",
    responses=problems(*_CHANGED, ContactSeated),
)
async def erase_contact(
    contact_id: UUID, body: ErasureIn, tx: TxDep, grant: MayErase, response: Response, if_match: IfMatch = None
) -> ContactOut:
    """Ses données quittent le registre et son historique ; les sièges qu'elle a occupés restent, sans son nom."""
    row = await use_cases.erase_contact(tx, grant, contact_id, if_match, body.ground)
    return versioned(response, await queries.shown(tx, row))


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
    responses=problems(*_CHANGED, ContactOfAnother),
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
