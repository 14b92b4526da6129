"""Tables of the past years: the files that told them, and what is said of each member and year."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from dues.base import Base


class HistoryImportRow(Base, table=True):
    """One file of past years, kept as it was sent. ``mark`` tells the plan that was shown from another."""

    __tablename__ = "history_import"
    __table_args__ = (
        CheckConstraint(
            "status IN ('previewing', 'previewed', 'preview_failed', 'applying', 'applied')", name="status"
        ),
        CheckConstraint("(status = 'applied') = (applied_at IS NOT NULL)", name="applied"),
        Index("ix_history_import_created", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    filename: str
    path: str
    size: int
    sha256: str
    status: str
    job_id: UUID
    counts: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    mark: str | None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    applied_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    version: int


class HistoryYearRow(Base, table=True):
    """What was said of a member for a year. Its figures never change; ``corrected_on`` is when others took its place.

    ``row`` is the line of the import that said it.
    """

    __tablename__ = "history_year"
    __table_args__ = (
        CheckConstraint("state IN ('settled', 'owed', 'waived', 'credited')", name="state"),
        CheckConstraint("paid >= 0 AND paid <= called AND (state = 'settled') = (paid = called)", name="paid"),
        CheckConstraint("corrected_on >= recorded_on", name="corrected"),
        # One that counts for a record and a year, whatever is sent at the same time.
        Index(
            "uq_history_year_standing",
            "member_id",
            "year",
            unique=True,
            postgresql_where=text("corrected_on IS NULL"),
        ),
        Index("ix_history_year_year", "year", "id"),
        Index("ix_history_year_member", "member_id", "year", "recorded_on"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID
    year: int
    called: Decimal = Field(sa_type=Numeric(12, 2))
    paid: Decimal = Field(sa_type=Numeric(12, 2))
    state: str
    note: str | None
    import_id: UUID = Field(foreign_key="history_import.id")
    row: int
    recorded_on: date
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    corrected_on: date | None = None
