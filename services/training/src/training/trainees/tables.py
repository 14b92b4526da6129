"""Table of the trainees."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlmodel import Field

from training.base import Base


class TraineeRow(Base, table=True):
    """A person who is trained. ``name_key``: the name as it is compared and sorted."""

    __tablename__ = "trainee"
    __table_args__ = (
        CheckConstraint(
            "situation IN ('employee', 'apprentice', 'job_seeker', 'individual', 'other')", name="situation"
        ),
        Index("ix_trainee_name_key", "name_key", "id"),
        Index("ix_trainee_member", "member_id", "name_key", "id"),
    )

    id: UUID = Field(primary_key=True)
    first_name: str
    last_name: str
    name_key: str
    email: str | None
    member_id: UUID | None = Field(foreign_key="member.id")
    situation: str
    version: int
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str
