"""Table of what structures thought of their accompaniments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class SatisfactionRow(Base, table=True):
    """One answer. Made anonymous, it keeps its ratings and nothing that says whose they are, nor when."""

    __tablename__ = "accompaniment_satisfaction"
    __table_args__ = (
        CheckConstraint(
            "booking_id IS NOT NULL OR (comment IS NULL AND answered_at IS NULL AND NOT quotable)", name="anonymous"
        ),
        CheckConstraint("booking_id IS NULL OR answered_at IS NOT NULL", name="answered"),
        Index("ix_accompaniment_satisfaction_year", "year", "kind", "delegation"),
        Index("ix_accompaniment_satisfaction_answered", "answered_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    booking_id: UUID | None = Field(foreign_key="accompaniment_booking.id", unique=True)
    offer_id: UUID = Field(foreign_key="accompaniment.id")
    kind: str
    delegation: str | None
    year: int
    ratings: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    comment: str | None
    quotable: bool
    answered_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    version: int
