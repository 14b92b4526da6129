"""API shapes of the requests for support."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.support_requests.domain import SupportActionState, SupportOrigin, SupportOutcome, SupportStatus

_Code = Annotated[str, Field(min_length=1, max_length=60)]


class SupportReasonOut(Schema):
    """Un motif que l'on peut donner."""

    code: str
    label: str
    since: date


class SupportReasonsOut(Schema):
    """Les motifs que l'on peut donner."""

    items: list[SupportReasonOut] = Field(max_length=MOST_SHOWN)
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class SupportRequestIn(Schema):
    """Une demande d'appui pour une structure."""

    member_id: UUID
    reason: _Code = Field(examples=["cash"])
    description: Annotated[LongText, Field(min_length=1)] = Field(
        description="La difficulté, pour la délégation et le réseau ; sans le nom d'une personne"
    )


class SupportPlaceIn(Schema):
    """La structure du registre dont parle une demande venue de FG2I."""

    member_id: UUID


class SupportTakeUpIn(Schema):
    """Qui la prend en charge, et quand."""

    label: Text | None = Field(None, description="Fonction, jamais un nom", examples=["Délégué régional"])
    taken_up_on: Day | None = Field(None, description="Le jour du premier contact ; aujourd'hui par défaut")


class SupportDeclineIn(Schema):
    """Pourquoi elle reste sans suite."""

    reason: Text = Field(description="Lu par la structure")


class SupportActionIn(Schema):
    """Une action du plan."""

    text: Text = Field(examples=["Prévisionnel de trésorerie à douze mois"])
    due_on: Day


class SupportActionDropIn(Schema):
    """Pourquoi elle est abandonnée."""

    reason: Text = Field(description="Gardé pour la délégation et le réseau : la structure ne le lit pas")


class SupportCloseIn(Schema):
    """Comment la demande se conclut."""

    outcome: SupportOutcome
    text: Annotated[LongText, Field(min_length=1)] = Field(description="Lu par la structure")


class SupportReopenIn(Schema):
    """Pourquoi elle est rouverte."""

    reason: Text = Field(description="Gardé pour la délégation et le réseau : la structure ne le lit pas")


class SupportReopeningOut(Schema):
    """Une réouverture, et comment la demande avait fini."""

    at: AwareDatetime
    by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    reason: str
    status: SupportStatus
    settled_on: date
    outcome: SupportOutcome | None
    settled_text: str


class SupportActionOut(Schema):
    """Une action du plan."""

    id: UUID
    text: str
    due_on: date
    late: bool
    state: SupportActionState
    state_label: str
    settled_on: date | None
    dropped_reason: str | None = Field(description="Gardé pour la délégation et le réseau ; null pour la structure")


class FirstContactOut(Schema):
    """Le délai pour prendre en charge, et la règle dont il vient."""

    due_on: date
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class SupportRequestOut(Schema):
    """Une demande d'appui ; confidentielle : sa délégation, le réseau et la structure elle-même."""

    id: UUID
    origin: SupportOrigin
    origin_label: str
    member_id: UUID | None = Field(description="Absente si FG2I a nommé une structure que le registre ne connaît pas")
    told_member_id: UUID | None = Field(description="La structure que FG2I a nommée")
    name: str | None
    delegation: str | None
    file_reference: str | None = Field(description="Le dossier de garantie", examples=["FG-2026-017"])
    reason: str
    reason_label: str = Field(description="Le code lui-même, pour un motif hors de la liste")
    description: str | None
    asked_on: date
    first_contact: FirstContactOut
    status: SupportStatus
    status_label: str
    late: bool = Field(description="Pas prise en charge à temps, ou une action en retard")
    taken_up_on: date | None
    taken_up_by: str | None = Field(description="Identifiant, jamais un nom")
    taken_up_label: str | None
    plan: list[SupportActionOut]
    settled_on: date | None
    outcome: SupportOutcome | None
    outcome_label: str | None
    settled_text: str | None = Field(
        description="La conclusion, ou pourquoi elle reste sans suite ; lu par la structure"
    )
    reopenings: list[SupportReopeningOut] = Field(
        description="De la première à la dernière, pour la délégation et le réseau ; vide pour la structure"
    )
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class SupportRequestFilters(Schema):
    """Which requests: the same filters on list and export."""

    status: list[SupportStatus] = Field(default_factory=list, description="États")
    origin: list[SupportOrigin] = Field(default_factory=list, description="D'où vient la demande")
    reason: list[_Code] = Field(default_factory=list, max_length=20, description="Motifs")
    late: bool | None = Field(None, description="En retard, ou non")
    unplaced: bool | None = Field(None, description="Pour une structure que le registre ne connaît pas")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    member_id: UUID | None = Field(None, description="La structure")
    file_reference: Text | None = Field(None, description="La référence du dossier")


class SupportRequestListParams(PageParams, SupportRequestFilters):
    """Filters, order and page of the requests."""


class SupportRequestExportParams(SupportRequestFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"
