"""Table of what is left to do after interviews and meetings."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class NextStepRow(Base, table=True):
    """One thing to do; dropped, it stays to be read."""

    __tablename__ = "next_step"
    __table_args__ = (
        CheckConstraint("num_nonnulls(interview_id, meeting_id) = 1", name="follows_one"),
        CheckConstraint("interview_id IS NULL OR member_id IS NOT NULL", name="interviewed"),
        CheckConstraint("owner IN ('federation', 'structure')", name="owner"),
        CheckConstraint("state IN ('open', 'done', 'dropped')", name="state"),
        CheckConstraint("(state = 'open') = (settled_on IS NULL)", name="settled"),
        CheckConstraint("(state = 'dropped') = (dropped_reason IS NOT NULL)", name="dropped"),
        Index("ix_next_step_open", "due_on", "id", postgresql_where=text("state = 'open'")),
        Index("ix_next_step_member", "member_id", "due_on"),
        Index("ix_next_step_interview", "interview_id"),
        Index("ix_next_step_meeting", "meeting_id"),
    )

    id: UUID = Field(primary_key=True)
    interview_id: UUID | None = Field(foreign_key="interview.id")
    meeting_id: UUID | None = Field(foreign_key="department_meeting.id")
    member_id: UUID | None = Field(foreign_key="member.id")
    delegation: str | None
    text: str
    owner: str
    owner_subject: str | None
    owner_label: str | None
    due_on: date
    shared: bool
    state: str
    settled_on: date | None
    dropped_reason: str | None
    reopenings: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    version: int
