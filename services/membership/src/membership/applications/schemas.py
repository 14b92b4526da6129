"""API shapes of applications."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.applications.domain import Advice, ApplicationStatus, DocumentState
from membership.members.domain import ActivityKind, MemberCategory
from membership.members.schemas import Siren, Siret
from membership.territory.schemas import Department, Postcode

ReceivedOn = Annotated[
    Day | None,
    Field(
        description="Le jour où le dossier est arrivé, s'il l'est sur papier avant d'être saisi, au plus un an avant ;"
        " aujourd'hui par défaut"
    ),
]


class ApplicationIn(Schema):
    """Une structure demande à adhérer."""

    name: Text = Field(examples=["Structure de démonstration"])
    department: Department
    activities: Annotated[list[ActivityKind], Field(max_length=9)] = Field(
        default_factory=list, description="La première est l'activité principale"
    )
    street: Text | None = None
    postcode: Postcode | None = None
    city: Text | None = None
    siren: Siren | None = None
    siret: Siret | None = None
    category: MemberCategory = MemberCategory.ACTIVE
    received_on: ReceivedOn = None


class ApplicationAgainIn(Schema):
    """Une structure déjà au registre demande à adhérer."""

    member_id: UUID
    received_on: ReceivedOn = None


class ApplicationWithdrawalIn(Schema):
    """La structure renonce à sa candidature, avant que le conseil n'en décide."""

    withdrawn_on: Day | None = Field(None, description="Le jour où elle l'a dit ; aujourd'hui par défaut")
    reason: Text = Field(description="Ce qu'elle en dit", examples=["Courrier du 12 juin : projet reporté"])


class DocumentOut(Schema):
    """Un fichier envoyé."""

    id: UUID
    filename: str
    media_type: str
    size: int = Field(description="En octets")
    sent_at: AwareDatetime
    remark: str | None = Field(description="Pourquoi la pièce est refusée")


class ChecklistLine(Schema):
    """Une pièce demandée, et où elle en est."""

    item: str
    label: str
    state: DocumentState
    state_label: str
    document: DocumentOut | None = Field(description="Le fichier qui compte pour cette pièce")
    to_check: DocumentOut | None = Field(description="Un fichier envoyé que personne n'a encore vérifié")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class OpinionOut(Schema):
    """L'avis d'une délégation."""

    delegation: str
    advice: Advice
    advice_label: str
    text: str
    given_on: date
    counts: bool = Field(description="Faux si la délégation en a donné un autre depuis")


class OpinionIn(Schema):
    """Ce que la délégation pense de la candidature, pour la séance."""

    advice: Advice
    text: LongText = Field(min_length=1)


class RefusalIn(Schema):
    """Pourquoi la pièce est refusée : la structure le lira."""

    remark: Text


class ReservationIn(Schema):
    """Ce que le conseil demande en admettant, pour un jour."""

    text: Text
    due_on: Day | None = Field(None, description="Le dernier jour pour le faire")


class ReservationOut(Schema):
    """Ce que le conseil a demandé en admettant, et si c'est fait."""

    number: int = Field(description="Sa place parmi celles de l'admission, à partir de 1")
    text: str
    due_on: date | None
    stands: bool = Field(description="Personne ne l'a levée")
    overdue: bool = Field(description="Son jour est passé, et elle n'est pas levée")
    lifted_on: date | None
    lifted_by: str | None = Field(description="Identifiant de l'auteur, jamais un nom")
    remark: str | None


class LiftingIn(Schema):
    """Ce qui était demandé est fait."""

    lifted_on: Day | None = Field(None, description="Aujourd'hui par défaut ; pas avant la décision du conseil")
    remark: Text | None = Field(None, examples=["Statuts signés reçus le 12 mai"])


class ApplicationOut(Schema):
    """Une candidature."""

    id: UUID
    member_id: UUID
    name: str
    delegation: str | None
    received_on: date
    member_since: date | None = Field(description="Depuis quand la structure est adhérente, d'après la liste importée")
    status: ApplicationStatus
    status_label: str
    sitting_id: UUID | None
    decided_on: date | None
    withdrawn_on: date | None = Field(description="Le jour où la structure y a renoncé")
    withdrawal_reason: str | None
    reservations: list[ReservationOut] = Field(description="Ce que le conseil a demandé en admettant, levé ou non")
    ready: bool = Field(description="Une séance peut en décider ; s'il manque des pièces, avec des réserves")
    blockers: list[BlockerOut] = Field(description="Ce qui empêche encore une séance d'en décider")
    documents_expected: int = Field(description="Pièces attendues, refusées ou encore à vérifier")
    checklist: list[ChecklistLine]
    opinions: list[OpinionOut] = Field(description="Pour le conseil : vide pour la structure")
    version: int
    allowed_actions: list[str]


class ApplicationFilters(Schema):
    """Which applications: the same filters on list and export."""

    status: list[ApplicationStatus] = Field(default_factory=list, description="États")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    ready: bool | None = Field(None, description="Dossiers complets, ou incomplets")
    dated: bool | None = Field(None, description="Disant depuis quand la structure est adhérente, ou ne le disant pas")
    opinion: list[Advice] = Field(default_factory=list, description="Le dernier avis de la délégation")
    without_opinion: bool | None = Field(None, description="Sans aucun avis, ou avec")
    reservations_stand: bool | None = Field(None, description="Admises avec une réserve qui n'est pas levée, ou non")
    reservations_overdue: bool | None = Field(None, description="Dont une réserve n'est pas levée à son jour, ou non")


class ApplicationListParams(PageParams, ApplicationFilters):
    """Filters, order and page of the list of applications."""


class ApplicationExportParams(ApplicationFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"
