"""API shapes of the past years."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Money, Schema
from dues.past_years.domain import ImportStatus, YearState


class HistoryImportOut(Schema):
    """Un fichier d'années passées, et où il en est."""

    id: UUID
    filename: str
    size: int
    sha256: str
    status: ImportStatus
    status_label: str
    job_id: UUID = Field(description="Le dernier travail ; son reçu (`GET /jobs/{id}/receipt`) dit chaque ligne")
    counts: dict[str, int] = Field(
        description="Le nombre de lignes par issue, d'après l'aperçu : ajoutées, corrigées, inchangées, en erreur",
        examples=[{"added": 540, "unchanged": 10}],
    )
    created_at: datetime
    created_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    applied_at: datetime | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class PastYearOut(Schema):
    """Ce qu'une structure a été appelée et a réglé, une année d'avant ce système."""

    id: UUID
    member_id: UUID
    member_name: str
    delegation: str | None
    year: int = Field(examples=[2023])
    called: Money
    paid: Money
    owed: Money = Field(description="Ce qui en reste dû ; rien d'une année abandonnée ou annulée")
    state: YearState
    state_label: str
    note: str | None = Field(description="Pour les finances ; null pour les autres")
    recorded_on: date
    corrected_on: date | None = Field(
        description="Depuis quand une autre ligne vaut à sa place ; null : celle qui vaut"
    )
    import_id: UUID
    row: int = Field(description="La ligne du fichier qui le dit")


class MemberHistoryOut(Schema):
    """Les années passées d'une structure, la plus récente d'abord."""

    member_id: UUID
    member_name: str
    called: Money
    paid: Money
    owed: Money
    years: list[PastYearOut] = Field(description="Celles qui valent")
    corrected: list[PastYearOut] = Field(description="Ce qui a été dit avant, corrigé depuis")


class PastYearFilters(Schema):
    """Which past years: the same filters on list and export."""

    year: list[int] = Field(default_factory=list, max_length=50, description="Années")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    state: list[YearState] = Field(default_factory=list, max_length=10, description="États")
    corrected: bool | None = Field(False, description="Faux : ce qui vaut ; vrai : ce qui a été corrigé")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom")] = None


class PastYearListParams(PageParams, PastYearFilters):
    """Filters, order and page of the list of past years."""


class PastYearExportParams(PastYearFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
