"""Tables of the rolls that were frozen."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class RollRow(Base, table=True):
    """A roll, with the rule it was computed by and the digest of its lines; of a day, one counts."""

    __tablename__ = "electoral_roll"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        Index("ix_electoral_roll_as_of", "as_of", "id"),
        Index("uq_electoral_roll_counting", "as_of", unique=True, postgresql_where=text("replaced_at IS NULL")),
        Index("uq_electoral_roll_replaces", "replaces", unique=True),
    )

    id: UUID = Field(primary_key=True)
    title: str
    as_of: date
    frozen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    frozen_by: str
    contest_until: date
    sha256: str
    rule: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    replaces: UUID | None = Field(foreign_key="electoral_roll.id")
    replaced_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    sealed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    version: int


class RollLineRow(Base, table=True):
    """One structure as the roll was frozen with it; never changed."""

    __tablename__ = "electoral_roll_line"
    __table_args__ = (
        CheckConstraint("(votes = 0) = (reasons <> '[]')", name="reasons"),
        Index("ix_electoral_roll_line_name", "roll_id", "name", "member_id"),
    )

    roll_id: UUID = Field(primary_key=True, foreign_key="electoral_roll.id")
    member_id: UUID = Field(primary_key=True, foreign_key="member.id")
    reference: str
    name: str
    delegation: str | None
    joined_on: date
    college: str | None
    votes: int
    reasons: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    remarks: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))


class ContestRow(Base, table=True):
    """What a structure says against its line, and the answer; one waits for its answer at a time."""

    __tablename__ = "electoral_roll_contest"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'upheld', 'rejected')", name="status"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL)", name="answered"),
        Index(
            "uq_electoral_roll_contest_open",
            "roll_id",
            "member_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    roll_id: UUID = Field(foreign_key="electoral_roll.id")
    member_id: UUID = Field(foreign_key="member.id")
    reason: str
    made_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    made_by: str
    status: str
    answer: str | None
    answered_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    answered_by: str | None


class CorrectionRow(Base, table=True):
    """A dated decision on one line; the last one of a structure counts, the others stay to be read."""

    __tablename__ = "electoral_roll_correction"
    __table_args__ = (
        CheckConstraint("kind IN ('added', 'removed', 'changed')", name="kind"),
        CheckConstraint("votes >= 0", name="votes"),
        Index("ix_electoral_roll_correction_roll", "roll_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    roll_id: UUID = Field(foreign_key="electoral_roll.id")
    member_id: UUID = Field(foreign_key="member.id")
    kind: str
    college: str | None
    votes: int
    reason: str
    decided_on: date
    decided_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    decided_by: str
    contest_id: UUID | None = Field(foreign_key="electoral_roll_contest.id")
