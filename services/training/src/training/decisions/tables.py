"""Tables of what was decided of sessions, and of the seats that a decision carried to another session."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from training.base import Base


class DecisionRow(Base, table=True):
    """What was decided, by whom, why, on which figures: a trigger refuses that it be changed or deleted."""

    __tablename__ = "session_decision"
    __table_args__ = (
        CheckConstraint("act IN ('confirm', 'cancel', 'merge', 'postpone')", name="act"),
        CheckConstraint("(act = 'postpone') = (postponed_to IS NOT NULL)", name="postponed_to"),
        CheckConstraint("(act IN ('cancel', 'merge')) = (reason_code IS NOT NULL)", name="reason_code"),
        Index("ix_session_decision_session", "session_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="session.id")
    act: str
    reason: str
    reason_code: str | None
    postponed_to: date | None
    into: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    figures: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    decided_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    decided_by: str


class ReseatRow(Base, table=True):
    """A seat of another session in the place of one of a session not held; only ever added to. Identifiers only."""

    __tablename__ = "reseat"
    __table_args__ = (
        Index("ix_reseat_decision", "decision_id"),
        Index("ix_reseat_member", "member_id", "enrolment_id"),
    )

    enrolment_id: UUID = Field(primary_key=True, foreign_key="enrolment.id")
    replaces: UUID = Field(unique=True, foreign_key="enrolment.id")
    from_session_id: UUID = Field(foreign_key="session.id")
    session_id: UUID = Field(foreign_key="session.id")
    member_id: UUID | None = Field(foreign_key="member.id")
    decision_id: UUID = Field(foreign_key="session_decision.id")
    decline_by: date
