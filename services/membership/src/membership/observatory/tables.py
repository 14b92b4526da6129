"""Tables of the Observatoire: its editions, and their figures, frozen."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Float, Index, Numeric, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from membership.base import Base


class EditionRow(Base, table=True):
    """One edition of a year; one of a year is computed at a time."""

    __tablename__ = "observatory_edition"
    __table_args__ = (
        Index(
            "uq_observatory_edition_number", "year", "number", unique=True, postgresql_where=text("status <> 'failed'")
        ),
        CheckConstraint("status IN ('computing', 'published', 'failed')", name="status"),
        CheckConstraint("(status = 'published') = (sha256 IS NOT NULL)", name="sealed"),
        CheckConstraint("(status = 'published') = (published_on IS NOT NULL)", name="published"),
        Index("uq_observatory_edition_computing", "year", unique=True, postgresql_where=text("status = 'computing'")),
    )

    id: UUID = Field(primary_key=True)
    year: int
    number: int
    status: str
    indicators: str
    reason: str | None
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    asked_by: str
    published_on: date | None
    sha256: str | None
    responses: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    document: str | None
    job_id: UUID | None


class CellRow(Base, table=True):
    """One indicator of an edition in one scope: no ``kind`` is all of them, no ``delegation`` the whole country."""

    __tablename__ = "observatory_cell"

    edition_id: UUID = Field(primary_key=True, foreign_key="observatory_edition.id")
    kind: str = Field(primary_key=True)
    delegation: str = Field(primary_key=True)
    indicator: str = Field(primary_key=True)
    count: int | None
    median: Decimal | None = Field(sa_type=Numeric(16, 2))
    low: Decimal | None = Field(sa_type=Numeric(16, 2))
    high: Decimal | None = Field(sa_type=Numeric(16, 2))
    total: Decimal | None = Field(sa_type=Numeric(18, 2))
    hidden: str | None
    total_hidden: str | None
    kept_from: int | None


class ObservedRow(Base, table=True):
    """What an edition rests on: the value of each indicator of a structure's activity, in the order of its version."""

    __tablename__ = "observatory_observed"

    edition_id: UUID = Field(primary_key=True, foreign_key="observatory_edition.id")
    kind: str = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    delegation: str
    values: list[float | None] = Field(sa_column=Column(ARRAY(Float), nullable=False))
