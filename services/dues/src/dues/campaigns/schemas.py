"""API shapes of campaigns."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Money, Schema
from dues.grids.schemas import AssessmentOut
from dues.invoices.schemas import TotalsOut
from dues.receivables.schemas import AgedAmountOut


class CampaignIn(Schema):
    """La campagne d'une année."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    use_published_medians: bool = Field(
        False, description="À défaut de base déclarée, prendre la médiane publiée pour le type d'activité"
    )


class CampaignOut(Schema):
    """Une campagne et ce qu'elle a appelé jusqu'ici."""

    id: UUID
    year: int
    status: str = Field(description="open : elle peut être exécutée ; running : un travail est en cours")
    use_published_medians: bool
    job_id: UUID | None
    invoiced: TotalsOut
    opened_at: datetime
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ReasonOut(Schema):
    """Une raison de ne pas appeler, et combien d'adhérents elle retient ; un adhérent en a parfois plusieurs."""

    code: str
    label: str
    members: int


class PreviewOut(Schema):
    """Ce que la campagne appellerait si on l'exécutait maintenant ; adhérent par adhérent dans `preview/members`."""

    year: int
    totals: TotalsOut
    by_delegation: dict[str, TotalsOut]
    by_kind: dict[str, TotalsOut]
    blocked: int = Field(description="Adhérents qui ne seraient pas appelés")
    reasons: list[ReasonOut]


class PreviewLine(Schema):
    """Un adhérent : ce qu'il serait appelé à payer, expliqué, ou toutes les raisons pour lesquelles il ne l'est pas."""

    member_id: UUID
    name: str
    delegation: str | None
    billable: bool
    assessment: AssessmentOut | None
    blockers: list[BlockerOut]


class PreviewFilters(Schema):
    """Which members: the same filters on list, count and export."""

    billable: bool | None = Field(None, description="À appeler, ou non")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    blocker: list[str] = Field(default_factory=list, max_length=20, description="Code d'une raison")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom")] = None


class PreviewListParams(PageParams, PreviewFilters):
    """Filters, order and page of the members of a preview."""


class PreviewExportParams(PreviewFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class DashboardFigureOut(Schema):
    """Un chiffre, tel qu'il s'écrit, et ce qu'il compte."""

    code: str = Field(examples=["rate"])
    label: str
    value: str = Field(examples=["62,5 %"])
    explanation: str


class RecoveryOut(Schema):
    """Ce qui a été appelé d'un groupe d'adhérents, et ce qui en est venu ; sans les appels annulés."""

    code: str = Field(description="La délégation ou le type d'activité des appels ; `total` pour l'ensemble")
    label: str
    members: int
    calls: int
    called: Money
    credited: Money
    paid: Money
    owed: Money
    overdue: Money
    rate: Decimal | None = Field(description="Réglé sur appelé moins crédité, en pour cent", examples=["62.5"])
    with_mandate: int = Field(description="Adhérents qui ont un mandat de prélèvement actif")
    owed_with_mandate: Money = Field(description="Ce que ceux-là doivent encore")
    buckets: list[AgedAmountOut] = Field(description="Le reste dû, par tranche de retard")


class WeekOut(Schema):
    """L'argent d'une semaine, au jour de l'argent ; négatif si plus a été repris que mis."""

    monday: date
    received: Money
    cumulative: Money


class DashboardOut(Schema):
    """Où en est une campagne."""

    campaign_id: UUID
    year: int
    as_of: date
    figures: list[DashboardFigureOut]
    total: RecoveryOut
    by_delegation: list[RecoveryOut]
    by_kind: list[RecoveryOut]
    weeks: list[WeekOut]
    reasons: list[ReasonOut]


class DashboardExportParams(Schema):
    """Format of an export."""

    format: ExportFormat = "csv"
