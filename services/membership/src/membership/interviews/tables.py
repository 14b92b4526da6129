"""Table of the yearly interviews."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from membership.base import Base


class InterviewRow(Base, table=True):
    """One interview of a delegation with a member; cancelled, it stays to be read."""

    __tablename__ = "interview"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'held', 'cancelled')", name="state"),
        CheckConstraint("mode IN ('visit', 'remote', 'phone')", name="mode"),
        CheckConstraint("(state = 'held') = (held_on IS NOT NULL)", name="held"),
        CheckConstraint("(state = 'cancelled') = (cancelled_reason IS NOT NULL)", name="cancelled"),
        CheckConstraint("year = extract(year FROM coalesce(held_on, planned_on))", name="year"),
        Index("uq_interview_planned", "member_id", "year", unique=True, postgresql_where=text("state = 'planned'")),
        Index("ix_interview_member", "member_id", "planned_on"),
        Index("ix_interview_year", "year", "state", "member_id"),
        Index("ix_interview_participants", "participants", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    state: str
    mode: str
    planned_on: date
    first_planned_on: date
    moves: int
    held_on: date | None
    year: int
    led_by: str | None
    led_by_label: str | None
    participants: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    notes: str | None
    cancelled_reason: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    version: int
