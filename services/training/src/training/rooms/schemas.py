"""API shapes of the rooms."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import EmailStr, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from training.programmes.schemas import Headcount, Price
from training.rooms.domain import Fact
from training.trainers.schemas import DelegationCode, Name, Phone

Department = Annotated[
    str,
    Field(pattern=r"^(0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-46])$", examples=["31", "974"]),
]
Query = Annotated[
    str | None,
    Field(min_length=2, max_length=100, description="Dans le nom ou la ville, sans casse ni accents"),
]


class AccessibilityBody(Schema):
    """Qui peut entrer. `unknown` tant que personne ne l'a vérifié : ce n'est pas « non »."""

    step_free_access: Fact = Field(Fact.UNKNOWN, description="De la rue à la salle, sans marche")
    accessible_toilet: Fact = Field(Fact.UNKNOWN, description="Sanitaires accessibles en fauteuil")
    hearing_loop: Fact = Field(Fact.UNKNOWN, description="Boucle magnétique")
    parking: Fact = Field(Fact.UNKNOWN, description="Stationnement réservé à moins de 200 mètres")
    note: LongText = ""
    checked_on: Day | None = Field(None, description="Dernière vérification sur place ; absent : jamais")


class OwnerBody(Schema):
    """Le service qui prête ou loue la salle ; jamais une personne."""

    office: Text = Field(examples=["Mairie, service des salles"])
    email: EmailStr | None = Field(None, max_length=200)
    phone: Phone | None = None


class RoomBody(Schema):
    """Une salle, en entier."""

    name: Name = Field(examples=["Salle Jaurès"])
    street: Text = Field(examples=["1 rue de l'Exemple"])
    postcode: Annotated[str, Field(pattern=r"^[0-9]{5}$", examples=["31000"])]
    city: Text = Field(examples=["Toulouse"])
    department: Department = Field(description="Son fuseau horaire en découle")
    delegation: DelegationCode | None = Field(None, description="Celle qui couvre le département")
    capacity: Headcount
    accessibility: AccessibilityBody = AccessibilityBody()
    equipment: list[Annotated[Text, Field(max_length=100)]] = Field(
        default_factory=list, max_length=30, examples=[["Vidéoprojecteur", "Tableau blanc"]]
    )
    cost: Price | None = Field(None, description="De la demi-journée, hors taxes ; absent : non connu")
    owner: OwnerBody | None = None


class RoomLine(Schema):
    """Une salle, dans la liste."""

    id: UUID
    name: str
    city: str
    department: str
    delegation: str | None
    capacity: int
    step_free_access: Fact
    checked_on: date | None
    cost: Price | None
    archived_on: date | None


class RoomOut(RoomBody):
    """Une salle."""

    id: UUID
    zone: str = Field(description="Fuseau IANA, où l'heure se lit", examples=["Indian/Reunion"])
    archived_on: date | None
    changed_at: datetime
    changed_by: str
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class RoomFilters(Schema):
    """Which rooms: the same filters on list and export."""

    q: Query = None
    delegation: list[DelegationCode] = Field(default_factory=list, max_length=20, description="De ces délégations")
    department: list[Department] = Field(default_factory=list, max_length=20, description="De ces départements")
    capacity_from: Headcount | None = Field(None, description="Places au moins")
    step_free: list[Fact] = Field(
        default_factory=list, max_length=3, description="Accès sans marche : oui, non, non vérifié"
    )
    archived: bool = Field(False, description="true : celles qui sont archivées ; sinon celles en usage")


class RoomListParams(PageParams, RoomFilters):
    """Filters, order and page of the list of rooms."""


class RoomExportParams(RoomFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"
