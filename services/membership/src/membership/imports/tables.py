"""Tables of imports: the file, and each of its rows with what would become of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class ImportRecord(Base, table=True):
    """One imported file."""

    __tablename__ = "import_file"
    __table_args__ = (
        CheckConstraint(
            "status IN ('previewing', 'previewed', 'preview_failed', 'applying', 'applied', 'undoing', 'undone')",
            name="status",
        ),
        CheckConstraint(
            "(status = 'undone') = (undone_at IS NOT NULL) AND (undone_at IS NULL) = (undo_reason IS NULL)"
            " AND (undone_at IS NULL) = (undone_by IS NULL)",
            name="undone",
        ),
        CheckConstraint("(applied_at IS NULL) = (undoable_until IS NULL)", name="applied"),
        # Two imports applied at once could each create what the other creates; undone, what the other changes.
        Index(
            "uq_import_file_applying",
            text("(true)"),
            unique=True,
            postgresql_where=text("status IN ('applying', 'undoing')"),
        ),
    )

    id: UUID = Field(primary_key=True)
    filename: str
    path: str
    size: int
    sha256: str
    status: str
    job_id: UUID | None
    findings: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    counts: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    register_mark: str | None
    """What the register was when the rows were planned."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    applied_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    undoable_until: date | None
    undone_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    undone_by: str | None
    undo_reason: str | None
    version: int


class ImportLine(Base, table=True):
    """One row of the file, its plan, and a person's decision where one is needed."""

    __tablename__ = "import_line"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('created', 'changed', 'unchanged', 'suspected_duplicate', 'error')", name="outcome"
        ),
        CheckConstraint(
            "decision IS NULL OR (outcome = 'suspected_duplicate' AND decision IN ('create', 'skip'))",
            name="decision",
        ),
        CheckConstraint("undone IN ('retracted', 'returned')", name="undone"),
        Index("ix_import_line_outcome", "import_id", "outcome", "row"),
    )

    import_id: UUID = Field(primary_key=True, foreign_key="import_file.id")
    row: int = Field(primary_key=True)
    name: str
    outcome: str
    decision: str | None
    member_id: UUID | None
    undone: str | None
    """What undoing the import made of what this row had done."""
    cells: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    changes: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    findings: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    resembles_rows: list[int] = Field(sa_column=Column(JSONB, nullable=False))
    resembles_members: list[str] = Field(sa_column=Column(JSONB, nullable=False))
