"""HTTP door of people: who is known of a structure, all that is kept of one, and how one is forgotten."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from membership.contacts import queries as contacts
from membership.contacts import use_cases as contacts_use_cases
from membership.contacts.domain import ContactChangeToCome, ContactErased, ContactNotFound, ContactSeated
from membership.contacts.schemas import ContactAmend, ContactIn, ContactListParams, ContactOut, ErasureIn
from membership.members.domain import MemberNotFound
from membership.people import queries, use_cases
from membership.people.schemas import ErasedOut, PersonalData
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
    return await contacts.list_contacts(read, grant, params, queries.engagements_of)


@router.post(
    "/members/{member_id}/contacts",
    status_code=201,
    operation_id="addContact",
    summary="Ajouter une personne",
    responses=problems(MemberNotFound),
)
async def add_contact(member_id: UUID, body: ContactIn, tx: TxDep, grant: MayEdit, response: Response) -> ContactOut:
    """Elle n'occupe encore aucun siège."""
    row = await contacts_use_cases.add_contact(tx, grant, member_id, body)
    contact = await contacts.shown(tx, row, queries.engagements_of)
    response.headers["Location"] = f"/membership/v1/contacts/{contact.id}"
    return versioned(response, contact)


@router.get(
    "/contacts/{contact_id}", operation_id="getContact", summary="Une personne", responses=problems(ContactNotFound)
)
async def get_contact(contact_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> ContactOut:
    """Telle qu'on la connaît aujourd'hui."""
    return versioned(response, await contacts.find_contact(read, grant, contact_id, queries.engagements_of))


@router.patch(
    "/contacts/{contact_id}",
    operation_id="amendContact",
    summary="Compléter ou corriger",
    responses=problems(*_CHANGED, ContactChangeToCome),
)
async def amend_contact(
    contact_id: UUID, body: ContactAmend, tx: TxDep, grant: MayEdit, response: Response, if_match: IfMatch = None
) -> ContactOut:
    """Les champs absents restent ce qu'ils sont. Vaut d'un jour venu : un changement à venir s'inscrit ce jour-là."""
    row = await contacts_use_cases.amend_contact(tx, grant, contact_id, if_match, body, queries.engagements_of)
    return versioned(response, await contacts.shown(tx, row, queries.engagements_of))


@router.get(
    "/contacts/{contact_id}/personal-data",
    operation_id="getPersonalData",
    summary="Tout ce que l'on sait d'une personne",
    responses=problems(ContactNotFound),
)
async def get_personal_data(contact_id: UUID, read: ReadDep, grant: MayRead) -> PersonalData:
    """À lui remettre quand elle le demande (RGPD, article 15) : le registre, et tout ce qui la nomme ailleurs.

    De chaque chose, ce qu'elle devient si la personne est effacée.
    """
    return await queries.personal_data(read, grant, contact_id)


@router.post(
    "/contacts/{contact_id}/erase",
    operation_id="eraseContact",
    summary="Effacer une personne",
    responses=problems(*_CHANGED, ContactSeated),
)
async def erase_contact(
    contact_id: UUID, body: ErasureIn, tx: TxDep, grant: MayErase, response: Response, if_match: IfMatch = None
) -> ErasedOut:
    """Ses données quittent le registre et son historique ; les sièges qu'elle a occupés restent, sans son nom.

    Refusée, `blockers` dit tout ce qui est à transmettre ou à finir avant. La réponse dit ce qui reste ailleurs, et
    pourquoi ; `personal-data` le dit avant.
    """
    await use_cases.erase(tx, grant, contact_id, if_match, body.ground)
    return versioned(response, await queries.what_stays(tx, grant, contact_id))
