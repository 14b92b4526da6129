"""API shapes of standings."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Money, Schema
from dues.standings.domain import StandingCode


class StandingOut(Schema):
    """Où en est une structure de la cotisation d'une année."""

    member_id: UUID
    member_name: str
    delegation: str | None
    year: int
    standing: StandingCode
    standing_label: str
    since: date = Field(description="Depuis quel jour")
    until: date | None = Field(description="Le dernier jour où c'est vrai si rien ne se passe ; absent : sans terme")
    owed: Money
    due_on: date | None = Field(description="La première échéance de ce qui reste dû, passée ou à venir")
    explanation: str


class GraceOut(Schema):
    """La règle qui dit quand un retard en est un."""

    since: date
    days: int
    status: str
    source: str


class StandingCountOut(Schema):
    """Combien de structures en sont là, et ce qu'elles doivent."""

    standing: StandingCode
    standing_label: str
    count: int
    owed: Money


class StandingSummaryOut(Schema):
    """Où en sont les structures d'une année, et la règle appliquée."""

    year: int
    counts: list[StandingCountOut]
    grace: GraceOut


class StandingFilters(Schema):
    """Which standings: the same filters on list, count and export."""

    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    standing: list[StandingCode] = Field(default_factory=list, max_length=10, description="Situations")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom")] = None


class StandingListParams(PageParams, StandingFilters):
    """Filters, order and page of the list of standings."""


class StandingExportParams(StandingFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
