"""API shapes of the follow-up of declarations: who is expected, who answered, who was called."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Quantity, Schema, Text
from membership.declarants.domain import ContactMeans
from membership.declarations.domain import CampaignStatus, DeclarationState
from membership.members.domain import ActivityKind
from membership.notices.schemas import NoticeOut


class CountOut(Schema):
    """Combien sont attendues, et où elles en sont."""

    expected: int
    exempt: int
    answered: int = Field(description="Déclarées ou corrigées")
    draft: int
    not_started: int
    late: int = Field(description="Parmi celles qui ont répondu")
    rate: Quantity | None = Field(description="Pour cent de réponses, dispenses déduites")


class ExtensionOut(Schema):
    """Une prolongation."""

    closes_on: date
    reason: str
    recorded_at: AwareDatetime
    recorded_by: str


class CampaignOut(Schema):
    """La campagne d'une année de comptes, et ses réponses dans le périmètre de l'appelant."""

    year: int
    questionnaire: str
    status: CampaignStatus
    status_label: str
    opened_on: date
    closes_on: date
    extensions: list[ExtensionOut]
    closed_on: date | None
    joined_by: date | None = Field(description="Attendues : adhérentes depuis ce jour au plus tard ; vide, sans limite")
    rule_status: str = Field(description="published ou assumed : qui est attendu")
    rule_source: str
    count: CountOut
    by_delegation: dict[str, CountOut]
    by_kind: dict[str, CountOut] = Field(
        description="Une structure compte pour chacune de ses activités : déclarées pour l'année, sinon d'aujourd'hui"
    )
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="Pourquoi une action n'est pas possible maintenant")


class FollowUpFilters(Schema):
    """Which structures: the same filters on list, count and export."""

    state: list[DeclarationState] = Field(default_factory=list, description="États")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    kind: list[ActivityKind] = Field(
        default_factory=list, description="Ayant l'une de ces activités : déclarée pour l'année, sinon d'aujourd'hui"
    )
    expected: bool | None = Field(None, description="Attendues, ou celles qui ont déclaré sans l'être")
    late: bool | None = Field(None, description="En retard, ou non")
    reminded: bool | None = Field(None, description="Relancées au moins une fois par courriel, ou jamais")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )


class FollowUpListParams(PageParams, FollowUpFilters):
    """Filters, order and page of the follow-up."""


class FollowUpExportParams(FollowUpFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class FollowUpLine(Schema):
    """Où en est une structure."""

    member_id: UUID
    reference: str
    name: str
    delegation: str | None
    activities: list[ActivityKind] = Field(description="Déclarées pour l'année, sinon celles d'aujourd'hui")
    expected: bool = Field(description="Faux pour une structure qui a déclaré sans être attendue")
    state: DeclarationState
    state_label: str
    late: bool
    exempt: bool = Field(description="Dispensée, qu'elle ait déclaré ou non")
    declared_on: date | None
    last_contact_on: date | None
    last_contact_means: ContactMeans | None
    reminded_on: date | None = Field(description="Le jour de la dernière relance par courriel, partie et non revenue")
    reminders: int = Field(description="Combien de relances sont parties")
    reminding: bool = Field(description="Une relance est en cours d'envoi")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class NoteOut(Schema):
    """Un contact avec la structure au sujet de sa déclaration."""

    id: UUID
    means: ContactMeans
    means_label: str
    text: str
    made_on: date
    recorded_at: AwareDatetime
    recorded_by: str


class ExemptionOut(Schema):
    """Une dispense, et son retrait s'il y en a un."""

    id: UUID
    reason: str
    granted_at: AwareDatetime
    granted_by: str
    withdrawn_at: AwareDatetime | None
    withdrawn_by: str | None
    withdrawal_reason: str | None


class FollowUpOut(FollowUpLine):
    """Le suivi d'une structure : ce qui a été fait pour avoir sa déclaration."""

    notes: list[NoteOut] = Field(description="Pour la délégation et le réseau ; vide pour les autres")
    exemptions: list[ExemptionOut]
    reminder_notices: list[NoticeOut] = Field(
        description="Les relances par courriel et ce qu'elles sont devenues ; pour la délégation et le réseau"
    )


class NoteIn(Schema):
    """Noter un contact : court, sans le nom d'une personne."""

    means: ContactMeans
    text: Text
    made_on: Day | None = Field(None, description="Aujourd'hui par défaut")


class ExemptionIn(Schema):
    """Pourquoi la structure est dispensée."""

    reason: Text


class ExemptionWithdrawal(Schema):
    """Pourquoi la dispense est retirée."""

    reason: Text
