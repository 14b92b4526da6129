"""API shapes of who was met in a year."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Schema
from membership.encounters.domain import EncounterMeans
from membership.members.domain import ActivityKind
from membership.territory.schemas import Department


class CoverageOut(Schema):
    """Combien de structures, et combien rencontrées."""

    members: int = Field(description="À rencontrer", examples=[58])
    met: int = Field(description="Rencontrées, d'une manière ou de l'autre", examples=[51])
    not_met: int = Field(examples=[7])
    by_interview: int = Field(description="Par un entretien")
    by_meeting: int = Field(description="Par une rencontre départementale")
    by_both: int = Field(description="Des deux manières")


class EncounterYearOut(Schema):
    """Qui a été rencontré dans une année, dans le périmètre de l'appelant."""

    year: int
    counted_on: date = Field(description="Les adhérentes de ce jour-là étaient à rencontrer")
    rule_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    rule_source: str
    count: CoverageOut
    by_delegation: dict[str, CoverageOut] = Field(description="Celles qui n'en ont pas, sous un code vide")


class EncounterFilters(Schema):
    """Which structures: the same filters on list and export."""

    met: bool | None = Field(None, description="Rencontrées, ou pas encore")
    means: list[EncounterMeans] = Field(default_factory=list, description="De l'une de ces manières")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    department: list[Department] = Field(
        default_factory=list, max_length=110, description="Départements, par leur numéro"
    )
    kind: list[ActivityKind] = Field(default_factory=list, description="Ayant l'une de ces activités")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )


class EncounterListParams(PageParams, EncounterFilters):
    """Filters, order and page of the structures to meet."""


class EncounterExportParams(EncounterFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class EncounterLine(Schema):
    """Une structure à rencontrer, et quand elle l'a été."""

    member_id: UUID
    reference: str
    name: str
    delegation: str | None
    department: str | None
    activities: list[ActivityKind]
    met: bool
    interviews: int
    last_interview_on: date | None
    meetings: int
    last_meeting_on: date | None
