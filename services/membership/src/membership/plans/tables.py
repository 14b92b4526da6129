"""Table of progress plans: their actions."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class ActionRow(Base, table=True):
    """One action of a plan, with all it said before (``changes``)."""

    __tablename__ = "assessment_action"
    __table_args__ = (
        CheckConstraint("state IN ('todo', 'doing', 'done', 'dropped')", name="state"),
        CheckConstraint("origin IN ('answer', 'review', 'own', 'carried')", name="origin"),
        CheckConstraint("(state = 'dropped') = (reason IS NOT NULL)", name="dropped"),
        UniqueConstraint("assessment_id", "rank"),
        Index("uq_assessment_action_question", "assessment_id", "question", unique=True),
    )

    id: UUID = Field(primary_key=True)
    assessment_id: UUID = Field(foreign_key="assessment.id")
    rank: int
    text: str
    due_on: date
    question: str | None
    level: int | None
    target: int | None
    owner: str | None
    origin: str
    state: str
    reason: str | None
    changes: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    version: int
