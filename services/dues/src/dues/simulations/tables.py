"""Tables of the simulations: what was asked with what, and what came out member by member."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from dues.base import Base


class SimulationRow(Base, table=True):
    """A simulation: its scenario is what it was asked with, the draft at the version it had then; never changed."""

    __tablename__ = "simulation"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'done', 'stopped')", name="status"),
        CheckConstraint("(status = 'done') = (summary IS NOT NULL AND pdf_sha256 IS NOT NULL)", name="done"),
        Index("ix_simulation_created_at", "created_at", "id"),
        Index("ix_simulation_draft", "draft_id"),
    )

    id: UUID = Field(primary_key=True)
    draft_id: UUID = Field(foreign_key="grid_draft.id")
    draft_label: str
    draft_version: int
    year: int
    status: str
    scenario: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    summary: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    job_id: UUID | None
    pdf_sha256: str | None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    done_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))


def _amount() -> Any:
    return Field(sa_column=Column(Numeric(14, 2), nullable=True))


class LineRow(Base, table=True):
    """A member in a simulation, with what was known of it: its amounts can be computed and explained again."""

    __tablename__ = "simulation_line"
    __table_args__ = (
        CheckConstraint("outcome IN ('winner', 'loser', 'same', 'blocked')", name="outcome"),
        CheckConstraint("difference = draft_total - reference_total", name="difference"),
        CheckConstraint("(outcome = 'blocked') = (difference IS NULL)", name="blocked"),
        Index("ix_simulation_line_name", "simulation_id", "name", "member_id"),
    )

    simulation_id: UUID = Field(primary_key=True, foreign_key="simulation.id")
    member_id: UUID = Field(primary_key=True)
    name: str
    delegation: str | None
    kind: str | None
    outcome: str
    reference_fixed: Decimal | None = _amount()
    reference_variable: Decimal | None = _amount()
    reference_total: Decimal | None = _amount()
    reference_capped: bool | None
    draft_fixed: Decimal | None = _amount()
    draft_variable: Decimal | None = _amount()
    draft_total: Decimal | None = _amount()
    draft_capped: bool | None
    difference: Decimal | None = _amount()
    blockers: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    member: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
