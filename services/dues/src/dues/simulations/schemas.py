"""API shapes of the simulations."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Money, Schema
from dues.drafts.schemas import ChangeOut, Year
from dues.grids.schemas import AssessmentOut
from dues.simulations.domain import GridRole, Outcome


class SimulationIn(Schema):
    """Une simulation à faire."""

    year: Year = Field(description="L'année simulée : ses adhésions, les comptes de l'année d'avant, son SMIC")
    use_published_medians: bool = Field(
        False, description="À défaut de base déclarée, prendre la médiane publiée pour le type d'activité"
    )
    smic_hourly: Annotated[Money, Field(gt=0, le=Decimal(1000))] | None = Field(
        None, description="SMIC horaire supposé, si celui de l'année n'est pas publié"
    )


class SumsOut(Schema):
    """Combien de structures, et ce qu'elles devraient ensemble."""

    count: int
    reference: Money
    draft: Money
    difference: Money


class FigureOut(Schema):
    """Un groupe de structures ; `lines` est la liste qui a ses lignes."""

    code: str
    label: str
    sums: SumsOut
    winners: SumsOut
    losers: SumsOut
    lines: str


class PartOut(Schema):
    """Ce que recevrait un bénéficiaire, réparti appel par appel."""

    code: str = Field(examples=["delegation-occitanie"])
    label: str
    reference: Money
    draft: Money
    lines: str


class BandOut(Schema):
    """Les structures dont l'écart est entre deux bornes comprises ; absente : sans borne."""

    label: str
    least: Money | None
    most: Money | None
    sums: SumsOut
    lines: str


class BlockingReasonOut(Schema):
    """Pourquoi des montants sont inconnus ; une structure compte sous chacune de ses raisons."""

    code: str
    label: str
    count: int
    lines: str


class SummaryOut(Schema):
    """Le résultat. Les sommes ne comptent que les structures dont le montant est connu sous les deux grilles."""

    members: int
    blocked: int
    total: FigureOut
    by_delegation: list[FigureOut]
    by_kind: list[FigureOut]
    by_beneficiary: list[PartOut]
    distribution: list[BandOut]
    reasons: list[BlockingReasonOut]


class SimulationOut(Schema):
    """Une simulation, telle qu'elle fut demandée : rien de ce qui change depuis ne la change."""

    id: UUID
    draft_id: UUID
    draft_label: str
    draft_version: int = Field(description="La version du projet qui fut simulée")
    year: int
    reference_year: int = Field(description="L'année de la grille de référence")
    smic_hourly: Money
    smic_status: str = Field(description="published : publié ; assumed : supposé pour cette simulation")
    use_published_medians: bool
    status: str = Field(description="running : en cours ; done : finie ; stopped : arrêtée avant la fin")
    job_id: UUID | None
    created_at: datetime
    created_by: str
    done_at: datetime | None
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class SimulationDetail(SimulationOut):
    """Une simulation, ce qui y est supposé, ce que le projet changeait, et le résultat."""

    assumptions: list[str]
    changes: list[ChangeOut]
    summary: SummaryOut | None = Field(description="Absent tant qu'elle n'est pas finie")


class LineBlockerOut(BlockerOut):
    """Pourquoi un montant est inconnu, et sous quelle grille."""

    grid: GridRole


class LineOut(Schema):
    """Un adhérent sous les deux grilles."""

    member_id: UUID
    name: str
    delegation: str | None
    kind: str | None
    outcome: Outcome
    outcome_label: str
    reference_fixed: Money | None
    reference_variable: Money | None
    reference_total: Money | None
    reference_capped: bool | None
    draft_fixed: Money | None
    draft_variable: Money | None
    draft_total: Money | None
    draft_capped: bool | None
    difference: Money | None = Field(description="Ce que le projet ajoute ; absent si un montant est inconnu")
    blockers: list[LineBlockerOut]


class LineDetail(LineOut):
    """Le même, les deux calculs expliqués pas à pas."""

    reference: AssessmentOut | None
    draft: AssessmentOut | None


class SimulationFilters(Schema):
    """Which simulations."""

    draft_id: list[UUID] = Field(default_factory=list, max_length=200, description="Projets de grille")
    year: list[Year] = Field(default_factory=list, max_length=20, description="Années")


class SimulationListParams(PageParams, SimulationFilters):
    """Filters, order and page of the list of simulations."""


class LineFilters(Schema):
    """Which lines: the same filters on list, count and export."""

    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    kind: list[str] = Field(default_factory=list, max_length=20, description="Natures")
    outcome: list[Outcome] = Field(default_factory=list, max_length=10, description="Issues")
    capped: bool | None = Field(None, description="Plafonné sous le projet")
    blocker: list[str] = Field(default_factory=list, max_length=20, description="Code d'une raison")
    difference_from: Money | None = Field(None, description="Écart d'au moins")
    difference_to: Money | None = Field(None, description="Écart d'au plus")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom")] = None


class LineListParams(PageParams, LineFilters):
    """Filters, order and page of the list of lines."""


class LineExportParams(LineFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
