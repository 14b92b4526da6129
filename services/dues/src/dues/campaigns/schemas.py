"""API shapes of campaigns."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.types import Schema
from dues.grids.schemas import AssessmentOut
from dues.invoices.schemas import TotalsOut


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


class PreviewLine(Schema):
    """Un adhérent qui serait appelé."""

    member_id: UUID
    name: str
    delegation: str
    assessment: AssessmentOut


class BlockedLine(Schema):
    """Un adhérent qui ne le serait pas, et toutes les raisons."""

    member_id: UUID
    name: str
    blockers: list[BlockerOut]


class PreviewOut(Schema):
    """Ce que la campagne appellerait si on l'exécutait maintenant."""

    year: int
    totals: TotalsOut
    by_delegation: dict[str, TotalsOut]
    by_kind: dict[str, TotalsOut]
    billable: list[PreviewLine]
    blocked: list[BlockedLine]
