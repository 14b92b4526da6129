"""Tables of the solidarity calls: the calls, the applications, what jurors did, what awards were spent on."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from training.base import Base


def _instant(*, optional: bool = False) -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=optional))


class CallRow(Base, table=True):
    """One call; once opened, only its ranking and its end are written. ``awarded``: in all, within its budget."""

    __tablename__ = "solidarity_call"
    __table_args__ = (
        CheckConstraint("budget > 0", name="budget"),
        CheckConstraint("max_award > 0 AND max_award <= budget", name="max_award"),
        CheckConstraint("opens_on <= closes_on", name="dates"),
        CheckConstraint("awarded >= 0 AND awarded <= budget", name="awarded"),
        CheckConstraint("ranked_on IS NULL OR opened_on IS NOT NULL", name="ranked"),
        CheckConstraint("decided_on IS NULL OR ranked_on IS NOT NULL", name="decided"),
        Index("ix_solidarity_call_closes_on", "closes_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    title: str
    text: str
    year: int
    envelope_id: UUID = Field(foreign_key="envelope.id")
    opens_on: date
    closes_on: date
    budget: Decimal = Field(sa_type=Numeric(14, 2))
    max_award: Decimal | None = Field(sa_type=Numeric(14, 2))
    criteria: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    scale: int
    scores_needed: int
    spread_alarm: Decimal | None = Field(sa_type=Numeric(5, 2))
    opened_on: date | None
    ranked_on: date | None
    decided_on: date | None
    awarded: Decimal = Field(sa_type=Numeric(14, 2))
    created_at: datetime = _instant()
    created_by: str
    version: int


class ApplicationRow(Base, table=True):
    """One application of a structure, its place in the frozen ranking, and what was decided of it."""

    __tablename__ = "solidarity_application"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'submitted', 'withdrawn', 'kept', 'reduced', 'refused')", name="status"),
        CheckConstraint("public IN ('permanent', 'integration', 'both')", name="public"),
        CheckConstraint("(submitted_on IS NULL) = (reference IS NULL)", name="submitted"),
        CheckConstraint("status IN ('draft', 'withdrawn') OR submitted_on IS NOT NULL", name="waiting"),
        CheckConstraint("(rank IS NULL) = (score IS NULL)", name="ranked"),
        CheckConstraint("(status IN ('kept', 'reduced', 'refused')) = (decided_on IS NOT NULL)", name="decided"),
        CheckConstraint("(status IN ('kept', 'reduced')) = (awarded IS NOT NULL)", name="kept"),
        CheckConstraint("(awarded IS NULL) = (awarded_trainees IS NULL)", name="seats"),
        CheckConstraint("awarded > 0 AND awarded <= asked", name="awarded"),
        CheckConstraint("awarded_trainees > 0 AND awarded_trainees <= trainees", name="awarded_trainees"),
        Index("ix_solidarity_application_call", "call_id", "id"),
        Index("ix_solidarity_application_member", "member_id", "id"),
        Index("ix_solidarity_application_created_at", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="solidarity_call.id")
    member_id: UUID
    reference: str | None = Field(unique=True)
    status: str
    title: str
    description: str
    partners: list[UUID] = Field(sa_column=Column(ARRAY(Uuid()), nullable=False))
    public: str | None
    trainees: int
    hours: Decimal = Field(sa_type=Numeric(10, 2))
    asked: Decimal = Field(sa_type=Numeric(14, 2))
    costs: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    submitted_on: date | None
    submitted_by: str | None
    rank: int | None
    score: Decimal | None = Field(sa_type=Numeric(5, 2))
    decided_on: date | None
    awarded: Decimal | None = Field(sa_type=Numeric(14, 2))
    awarded_trainees: int | None
    reason: str
    closed_on: date | None
    created_at: datetime = _instant()
    created_by: str
    version: int


class ScoreRow(Base, table=True):
    """What one juror did of one application; a trigger refuses that it be changed or deleted."""

    __tablename__ = "solidarity_score"
    __table_args__ = (
        CheckConstraint("part IN ('scored', 'recused')", name="part"),
        CheckConstraint("part <> 'recused' OR comment <> ''", name="reason"),
    )

    application_id: UUID = Field(primary_key=True, foreign_key="solidarity_application.id")
    juror: str = Field(primary_key=True)
    part: str
    marks: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    comment: str
    given_at: datetime = _instant()


class SpendingRow(Base, table=True):
    """What a part of an award was spent on; a trigger refuses that it be changed or deleted."""

    __tablename__ = "solidarity_spending"
    __table_args__ = (
        CheckConstraint("amount > 0 AND trainees >= 0 AND hours >= 0", name="figures"),
        Index("ix_solidarity_spending_application", "application_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="solidarity_application.id")
    label: str
    spent_on: date
    trainees: int
    hours: Decimal = Field(sa_type=Numeric(10, 2))
    amount: Decimal = Field(sa_type=Numeric(14, 2))
    recorded_at: datetime = _instant()
    recorded_by: str
