"""Table of the grids being prepared."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from dues.base import Base


class DraftRow(Base, table=True):
    """A grid being prepared, as it is now: a simulation keeps the version it used."""

    __tablename__ = "grid_draft"
    __table_args__ = (Index("ix_grid_draft_changed_at", "changed_at", "id"),)

    id: UUID = Field(primary_key=True)
    label: str
    year: int
    plan: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    version: int
    simulated_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str
