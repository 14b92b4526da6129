"""API shapes of what is left to do after interviews and meetings."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Schema, Text
from membership.next_steps.domain import NextStepOwner, NextStepState


class NextStepIn(Schema):
    """Une suite à donner, après un entretien ou une rencontre."""

    interview_id: UUID | None = None
    meeting_id: UUID | None = None
    member_id: UUID | None = Field(
        None, description="Après une rencontre : la structure concernée ; absente, la délégation en général"
    )
    text: Text = Field(examples=["Envoyer le guide de la convention collective"])
    owner: NextStepOwner = NextStepOwner.FEDERATION
    owner_subject: Text | None = Field(
        None, description="Identifiant de qui en répond, jamais un nom ; soi-même par défaut"
    )
    owner_label: Text | None = Field(None, description="Sa fonction, jamais un nom", examples=["Chargée de mission"])
    due_on: Day
    shared: bool = Field(False, description="Vrai si la structure la lit")

    @model_validator(mode="after")
    def _after_one(self) -> Self:
        if (self.interview_id is None) == (self.meeting_id is None):
            raise ValueError("une suite vient d'un entretien ou d'une rencontre, pas des deux")
        return self


class NextStepAmend(Schema):
    """Ce qui change ; les champs absents restent ce qu'ils sont."""

    text: Text | None = None
    owner: NextStepOwner | None = None
    owner_subject: Text | None = None
    owner_label: Text | None = None
    due_on: Day | None = None
    shared: bool | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields the caller named; only a function and a subject can be taken away."""
        named = self.model_dump(exclude_unset=True)
        return {name: value for name, value in named.items() if value is not None or name.startswith("owner_")}


class NextStepDropIn(Schema):
    """Pourquoi elle est abandonnée."""

    reason: Text = Field(description="Gardé pour la délégation et le réseau : la structure ne le lit pas")


class NextStepReopenIn(Schema):
    """Pourquoi elle est de nouveau à faire."""

    reason: Text = Field(description="Gardé pour la délégation et le réseau : la structure ne le lit pas")


class NextStepReopeningOut(Schema):
    """Une réouverture, et ce qui avait été dit de la suite."""

    at: AwareDatetime
    by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    reason: str
    state: NextStepState
    settled_on: date
    dropped_reason: str | None


class NextStepOut(Schema):
    """Une suite à donner."""

    id: UUID
    interview_id: UUID | None
    meeting_id: UUID | None
    member_id: UUID | None
    name: str | None = Field(description="La structure concernée")
    delegation: str | None
    text: str
    owner: NextStepOwner
    owner_name: str = Field(description="Qui en répond, en clair")
    owner_subject: str | None
    owner_label: str | None
    due_on: date
    overdue: bool
    shared: bool
    state: NextStepState
    state_label: str
    settled_on: date | None
    dropped_reason: str | None = Field(description="Gardé pour la délégation et le réseau ; null pour la structure")
    reopenings: list[NextStepReopeningOut] = Field(
        description="De la première à la dernière, pour la délégation et le réseau ; vide pour la structure"
    )
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class NextStepFilters(Schema):
    """Which next steps: the same filters on list and export."""

    state: list[NextStepState] = Field(default_factory=list, description="États")
    overdue: bool | None = Field(None, description="À faire, et leur échéance passée ; ou les autres")
    owner: list[NextStepOwner] = Field(default_factory=list, description="À qui elle revient")
    owner_subject: Text | None = Field(None, description="La personne à qui elle revient")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    member_id: UUID | None = Field(None, description="La structure")
    interview: UUID | None = Field(None, description="L'entretien dont il vient")
    meeting: UUID | None = Field(None, description="La rencontre dont elle vient")
    due_from: Day | None = Field(None, description="À partir de ce jour")
    due_to: Day | None = Field(None, description="Jusqu'à ce jour compris")


class NextStepListParams(PageParams, NextStepFilters):
    """Filters, order and page of what is left to do."""


class NextStepExportParams(NextStepFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"
