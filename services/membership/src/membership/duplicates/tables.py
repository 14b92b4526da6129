"""Tables of duplicates: the pairs, the merges, and every row that a merge carried."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from membership.base import Base


class PairRow(Base, table=True):
    """Two records that may be one structure's; what was decided of them silences the pair until it is taken back."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="order"),
        CheckConstraint("state IN ('suspected', 'dismissed', 'merged')", name="state"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("(state = 'dismissed') = (dismissed_reason IS NOT NULL)", name="dismissed"),
        CheckConstraint("(proposed_at IS NULL) = (proposed_reason IS NULL)", name="proposed"),
        CheckConstraint("(reported_at IS NULL) = (reported_by IS NULL)", name="reported"),
        Index("ix_duplicate_pair_state", "state", "score", "id"),
        Index("ix_duplicate_pair_second", "second_id"),
    )

    id: UUID = Field(primary_key=True)
    first_id: UUID = Field(foreign_key="member.id")
    second_id: UUID = Field(foreign_key="member.id")
    state: str
    score: int
    reasons: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    found_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reported_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    reported_by: str | None
    proposed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    proposed_by: str | None
    proposed_reason: str | None
    dismissed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    dismissed_by: str | None
    dismissed_reason: str | None
    version: int


class MergeRow(Base, table=True):
    """One record merged into another; a record is merged into one at a time."""

    __tablename__ = "duplicate_merge"
    __table_args__ = (
        CheckConstraint("stays_id <> goes_id", name="another"),
        CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name="undone"),
        Index("uq_duplicate_merge_goes", "goes_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        Index("ix_duplicate_merge_pair", "pair_id", "done_at"),
    )

    id: UUID = Field(primary_key=True)
    pair_id: UUID = Field(foreign_key="duplicate_pair.id")
    stays_id: UUID = Field(foreign_key="member.id")
    goes_id: UUID = Field(foreign_key="member.id")
    reason: str
    done_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    done_by: str
    undoable_until: date
    undone_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    undone_by: str | None
    undo_reason: str | None


class CarriedRow(Base, table=True):
    """One row that a merge carried from one record to the other, and which column of it.

    ``kept``: the whole row as it was, of one that gave way and is not there any more; or what else to give back needs.
    """

    __tablename__ = "duplicate_carried"

    merge_id: UUID = Field(primary_key=True, foreign_key="duplicate_merge.id")
    rank: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    table_name: str
    column_name: str
    row_key: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    kept: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
