"""API shapes of the grids being prepared: plain figures, all of them still to be voted."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer, WithJsonSchema

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Money, Schema, Text
from dues.drafts.domain import Change
from dues.grids.domain import ActivityKind, Associates, BaseNature, Beneficiary, Joiners, SeveralActivities

# Wide on purpose: a rate of 2 or a share of 120 % is a defect, told among the others where it stands.
_Figure = Annotated[
    Decimal,
    Field(ge=Decimal(-1_000_000), le=Decimal(1_000_000), max_digits=13, decimal_places=6, allow_inf_nan=False),
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,6}(\.\d{1,6})?$", "examples": ["0.006"]}),
]
Year = Annotated[int, Field(ge=2000, le=2100)]


class PlannedGroupBody(Schema):
    """Des types d'activité au même taux."""

    label: Text = Field(examples=["AI, ETTI"])
    kinds: list[ActivityKind] = Field(max_length=30)
    rate: _Figure = Field(description="Fraction de la base : 0.006 pour 0,6 % ; 0 : part fixe seule")
    cap_hours: Annotated[int, Field(ge=-100_000, le=100_000)] | None = Field(
        None, description="Plafond de la part variable, en heures de SMIC"
    )


class PlannedShareBody(Schema):
    """La part d'un bénéficiaire, en pourcentage."""

    beneficiary: Beneficiary
    percent: _Figure = Field(examples=["50"])


class PlanBody(Schema):
    """Ce qui est proposé au vote. Incomplet ou faux, il se garde : `defects` dit tout ce qui empêche de l'appliquer."""

    fixed: Money
    base: BaseNature
    groups: list[PlannedGroupBody] = Field(max_length=30)
    several_activities: SeveralActivities
    joiners: Joiners
    associates: Associates
    due_days: Annotated[int, Field(ge=-100_000, le=100_000)]
    shares: list[PlannedShareBody] = Field(max_length=10)


class GridDraftNew(Schema):
    """Un projet de grille à commencer."""

    label: Text = Field(examples=["Plafond à 450 heures"])
    year: Year = Field(description="L'année pour laquelle la grille serait votée")
    from_year: Year | None = Field(None, description="Partir de la grille de cette année ; absent : partir de rien")


class GridDraftIn(Schema):
    """Un projet de grille, récrit en entier."""

    label: Text
    year: Year
    plan: PlanBody


class GridDefectOut(Schema):
    """Un défaut, et où il est dans `plan`."""

    pointer: str = Field(examples=["/groups/0/cap_hours"])
    code: str
    message: str


class GridDraftOut(Schema):
    """Un projet de grille."""

    id: UUID
    label: str
    year: int
    plan: PlanBody
    defects: list[GridDefectOut] = Field(description="Tout ce qui empêche de l'appliquer, donc de le simuler")
    simulated_at: datetime | None = Field(description="Quand il fut simulé pour la dernière fois")
    changed_at: datetime
    changed_by: str
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ChangeOut(Schema):
    """Une ligne de la comparaison."""

    place: str = Field(examples=["rate/ai"])
    label: str
    before: str | None = Field(description="Absent : la grille n'en dit rien")
    after: str | None
    changed: bool

    @classmethod
    def of(cls, change: Change) -> "ChangeOut":
        """Write a line."""
        return cls.model_validate(change)


class ComparisonOut(Schema):
    """Un projet à côté d'une grille, ligne à ligne."""

    reference_year: int = Field(description="L'année de la grille de comparaison")
    draft_version: int
    lines: list[ChangeOut]


class GridDraftFilters(Schema):
    """Which drafts."""

    year: list[Year] = Field(default_factory=list, max_length=20, description="Années")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom du projet")] = None


class GridDraftListParams(PageParams, GridDraftFilters):
    """Filters, order and page of the list of drafts."""
