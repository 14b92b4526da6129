"""API shapes of people and seats."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, EmailStr, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Schema, Text
from membership.contacts.domain import Details, ErasureGround, Seat
from membership.members.schemas import CorrespondenceAddressOut, Dated

Name = Annotated[Text, Field(max_length=100)]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 .]{5,24}$", examples=["05 61 00 00 00"])]


class ContactIn(Schema):
    """Une personne de la structure."""

    given_name: Name = Field(examples=["Camille"])
    family_name: Name = Field(examples=["EXEMPLE"])
    function: Text | None = Field(None, examples=["Responsable administrative"])
    email: EmailStr | None = Field(None, examples=["camille@exemple.org"])
    phone: Phone | None = None

    def details(self) -> Details:
        """Return the person in the domain's words."""
        return Details(**self.model_dump())


class ContactAmend(Dated):
    """Ce qui change ; les champs absents restent ce qu'ils sont, null efface une fonction, une adresse, un numéro."""

    given_name: Name | None = None
    family_name: Name | None = None
    function: Text | None = None
    email: EmailStr | None = None
    phone: Phone | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields the caller named; a name cannot be taken away."""
        named = self.model_dump(exclude_unset=True, exclude={"effective_on", "reason"})
        return {key: value for key, value in named.items() if value is not None or not key.endswith("_name")}


class SeatOut(Schema):
    """Un siège et depuis quand il est occupé."""

    seat: Seat
    label: str
    since: date


class ContactOut(Schema):
    """Une personne, et les sièges qu'elle occupe aujourd'hui."""

    id: UUID
    member_id: UUID
    structure: str = Field(description="Le nom de la structure")
    given_name: str
    family_name: str
    function: str | None
    email: str | None
    phone: str | None
    seats: list[SeatOut]
    erased_at: AwareDatetime | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="Pourquoi une action n'est pas possible maintenant")


class ContactFilters(Schema):
    """Which people: the same filters on list and export."""

    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    seat: list[Seat] = Field(default_factory=list, description="Occupant aujourd'hui l'un de ces sièges")


class ContactListParams(PageParams, ContactFilters):
    """Filters, order and page of the list of people."""


class ContactExportParams(ContactFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class MandateOut(Schema):
    """Qui occupe un siège, et depuis quand."""

    seat: Seat
    label: str
    since: date
    contact_id: UUID
    name: str | None = Field(description="Absent si les données de la personne ont été effacées")
    email: str | None
    phone: str | None


class HeldOut(MandateOut):
    """Un siège occupé, et ce qui s'y fait : la facturation ne fait que se transmettre."""

    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class VacantOut(Schema):
    """Un siège que personne n'occupe."""

    seat: Seat
    label: str
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class SeatsOut(Schema):
    """Les sièges d'une structure : qui les occupe, et lesquels sont vacants."""

    mandates: list[HeldOut]
    vacant: list[VacantOut]
    upcoming: list[MandateOut] = Field(description="Les désignations annoncées : qui, et à partir de quand")
    version: int = Field(description="Celle de la structure, à citer dans If-Match")


class BillingOut(Schema):
    """À qui s'adressent les factures. Il y a toujours quelqu'un, ou la structure elle-même."""

    contact: MandateOut | None = Field(description="Absent si aucun siège n'est pourvu : la structure répond")
    address: CorrespondenceAddressOut | None = Field(description="Absente tant que l'adresse n'est pas renseignée")


class AppointmentIn(Dated):
    """Désigner qui occupe un siège. Celui qui l'occupait le quitte le même jour."""

    seat: Seat
    contact_id: UUID


class LeaveIn(Dated):
    """Laisser un siège vacant."""

    seat: Seat


class ErasureIn(Schema):
    """Pourquoi la personne est effacée."""

    ground: ErasureGround
