"""API shapes of grids: every figure with its status and its source."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field

from common.sourced import Datum
from common.types import Money, Schema
from dues.grids.domain import Assessment, ExplanationLine, Grid


class DatumOut(Schema):
    """Une donnée, sa source et son degré de certitude."""

    value: str
    status: str = Field(description="published : lue dans la source ; assumed : à confirmer")
    status_label: str
    source: str
    note: str

    @classmethod
    def of(cls, datum: "Datum[object]") -> "DatumOut":
        """Write a datum."""
        value = getattr(datum.value, "label", datum.value)
        return cls(
            value=str(value),
            status=datum.status.value,
            status_label=datum.status.label,
            source=datum.source,
            note=datum.note,
        )


class GroupOut(Schema):
    """Des types d'activité au même taux."""

    label: str
    kinds: list[str]
    rate: DatumOut
    cap_hours: DatumOut | None


class GridShareOut(Schema):
    """La part d'un bénéficiaire."""

    beneficiary: str
    label: str
    percent: DatumOut


class GridOut(Schema):
    """La grille de cotisation d'une année."""

    year: int
    vote: DatumOut
    fixed: DatumOut
    base: DatumOut
    base_year: int
    groups: list[GroupOut]
    several_activities: DatumOut
    joiners: DatumOut
    associates: DatumOut
    due_days: DatumOut
    shares: list[GridShareOut]

    @classmethod
    def of(cls, grid: Grid) -> "GridOut":
        """Write a grid."""
        return cls(
            year=grid.year,
            vote=DatumOut.of(grid.vote),
            fixed=DatumOut.of(grid.fixed),
            base=DatumOut.of(grid.base),
            base_year=grid.base_year,
            groups=[
                GroupOut(
                    label=group.label,
                    kinds=[kind.value for kind in group.kinds],
                    rate=DatumOut.of(group.rate),
                    cap_hours=DatumOut.of(group.cap_hours) if group.cap_hours else None,
                )
                for group in grid.groups
            ],
            several_activities=DatumOut.of(grid.several_activities),
            joiners=DatumOut.of(grid.joiners),
            associates=DatumOut.of(grid.associates),
            due_days=DatumOut.of(grid.due_days),
            shares=[
                GridShareOut(
                    beneficiary=share.beneficiary.value,
                    label=share.beneficiary.label,
                    percent=DatumOut.of(share.percent),
                )
                for share in grid.shares
            ],
        )


class StepOut(Schema):
    """Un pas du calcul, en mots et en chiffres."""

    step: str
    label: str
    text: str
    amount: Money | None
    status: str
    sources: list[str]
    notes: list[str]

    @classmethod
    def of(cls, line: ExplanationLine) -> "StepOut":
        """Write a step."""
        return cls(
            step=line.step.value,
            label=line.label,
            text=line.text,
            amount=line.amount,
            status=line.status.value,
            sources=list(line.sources),
            notes=list(line.notes),
        )


def written_steps(lines: Iterable[ExplanationLine]) -> list[dict[str, Any]]:
    """Write an explanation as a JSON column keeps it, and as an answer shows it."""
    return [StepOut.of(line).model_dump(mode="json") for line in lines]


class AssessmentOut(Schema):
    """Ce qu'une structure devrait, et pourquoi."""

    year: int
    kind: str
    fixed: Money
    variable: Money
    capped: bool
    total: Money
    status: str
    explanation: list[StepOut]

    @classmethod
    def of(cls, assessment: Assessment) -> "AssessmentOut":
        """Write an assessment."""
        explanation = [StepOut.of(line) for line in assessment.explanation]
        return cls(
            year=assessment.year,
            kind=assessment.kind,
            fixed=assessment.fixed,
            variable=assessment.variable,
            capped=assessment.capped,
            total=assessment.total,
            status=explanation[-1].status,
            explanation=explanation,
        )


class SmicOut(Schema):
    """Le SMIC horaire brut à partir d'une date."""

    since: date
    hourly: DatumOut


class AssessmentParams(Schema):
    """What an assessment starts from."""

    kind: str = Field(max_length=20, description="Type de l'activité principale", examples=["ai"])
    base: Decimal | None = Field(None, ge=0, le=Decimal("1e11"), description="Base en euros")
