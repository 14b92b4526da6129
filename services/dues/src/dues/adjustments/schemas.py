"""API shapes of adjustments."""

from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.types import Money, Schema
from dues.grids.schemas import AssessmentOut
from dues.invoices.domain import Parts


class PartsOut(Schema):
    """Les deux parts d'une cotisation."""

    fixed: Money
    variable: Money
    total: Money

    @classmethod
    def of(cls, parts: Parts) -> "PartsOut":
        """Write parts."""
        return cls(fixed=parts.fixed, variable=parts.variable, total=parts.total)


class AdjustmentLine(Schema):
    """Une structure appelée pour autre chose que ce qu'elle doit aujourd'hui."""

    member_id: UUID
    member_name: str
    delegation: str
    invoice_id: UUID
    invoice_number: str
    called: PartsOut = Field(description="Appel et compléments, avoirs déduits")
    difference: PartsOut = Field(description="À appeler en plus ; à créditer si c'est négatif")
    paid_beyond: Money = Field(
        description="Ce qui est déjà réglé de ce qui serait crédité : cet argent redeviendrait à affecter, ou à rendre"
    )
    assessment: AssessmentOut | None = Field(
        description="Ce qui est dû, expliqué, d'après la base qui compte maintenant"
    )
    blockers: list[BlockerOut] = Field(description="Pourquoi ce qui est dû ne se calcule plus")


class AdjustmentsOut(Schema):
    """Ce que les bases corrigées changent d'une campagne."""

    year: int
    to_credit: Money
    to_call: Money
    lines: list[AdjustmentLine]


class SettleIn(Schema):
    """Quelles structures régulariser ; sans choix, toutes celles qui ont une différence."""

    member_id: list[UUID] = Field(default_factory=list, max_length=1_000)


class SettlingOut(Schema):
    """La régularisation demandée."""

    job_id: UUID
