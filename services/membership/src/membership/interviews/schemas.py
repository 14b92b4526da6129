"""API shapes of the yearly interviews."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.interviews.domain import InterviewMode, InterviewState

CountedYear = Annotated[int, Field(ge=2000, le=2100, examples=[2026])]


class InterviewIn(Schema):
    """Un entretien à prévoir."""

    member_id: UUID
    planned_on: Day
    mode: InterviewMode = InterviewMode.VISIT


class InterviewMoveIn(Schema):
    """Le nouveau jour."""

    planned_on: Day


class InterviewRecordIn(Schema):
    """L'entretien a eu lieu : quand, qui était là, ce qui s'est dit en bref."""

    held_on: Day
    mode: InterviewMode | None = Field(None, description="Comme prévu, par défaut")
    participants: Annotated[list[UUID], Field(max_length=30)] = Field(
        default_factory=list, description="Les personnes présentes pour la structure, parmi ses contacts"
    )
    led_by_label: Text | None = Field(
        None, description="Fonction de qui l'a mené, jamais un nom", examples=["Déléguée régionale"]
    )
    notes: Annotated[LongText, Field(min_length=1)] | None = Field(
        None, description="Pour la délégation et le réseau seulement ; sans le nom d'une personne"
    )


class InterviewCancelIn(Schema):
    """Pourquoi il n'a pas lieu."""

    reason: Text = Field(description="Gardé pour la délégation et le réseau : la structure ne le lit pas")
    drop_next_steps: bool = Field(
        False, description="Vrai : ses suites encore à faire sont abandonnées, avec la même raison"
    )


class InterviewParticipantOut(Schema):
    """Une personne présente ; effacée du registre, elle n'est plus montrée."""

    contact_id: UUID
    name: str


class InterviewOut(Schema):
    """Un entretien d'une délégation avec une adhérente."""

    id: UUID
    member_id: UUID
    name: str
    delegation: str | None
    state: InterviewState
    state_label: str
    mode: InterviewMode
    mode_label: str
    year: int = Field(description="L'année pour laquelle il compte")
    planned_on: date
    first_planned_on: date
    moves: int = Field(description="Combien de fois il a été déplacé")
    held_on: date | None
    led_by: str | None = Field(description="Identifiant de qui l'a mené, jamais un nom")
    led_by_label: str | None
    participants: list[InterviewParticipantOut]
    notes: str | None = Field(description="Pour la délégation et le réseau ; absentes pour les autres")
    cancelled_reason: str | None = Field(description="Gardé pour la délégation et le réseau ; null pour la structure")
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class InterviewFilters(Schema):
    """Which interviews: the same filters on list and export."""

    state: list[InterviewState] = Field(default_factory=list, description="États")
    mode: list[InterviewMode] = Field(default_factory=list, description="Sur place ou à distance")
    year: CountedYear | None = Field(None, description="L'année")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    member_id: UUID | None = Field(None, description="La structure")
    planned_from: Day | None = Field(None, description="À partir de ce jour")
    planned_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )


class InterviewListParams(PageParams, InterviewFilters):
    """Filters, order and page of the interviews."""


class InterviewExportParams(InterviewFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"
