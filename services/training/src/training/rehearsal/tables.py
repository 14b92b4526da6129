"""Table of what rehearsals found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, UniqueConstraint
from sqlmodel import Field

from training.base import Base


class FindingRow(Base, table=True):
    """What was found of a session, once; never deleted."""

    __tablename__ = "rehearsal_finding"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'explained', 'corrected')", name="state"),
        CheckConstraint("(state = 'corrected') = (corrected_at IS NOT NULL)", name="corrected"),
        CheckConstraint(
            "(explanation IS NULL) = (explained_at IS NULL) AND (explanation IS NULL) = (explained_by IS NULL)",
            name="explained",
        ),
        UniqueConstraint("session_id", "code", "key"),
        Index("ix_rehearsal_finding_found", "found_at", "id"),
        Index("ix_rehearsal_finding_state", "state", "found_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="session.id")
    slot_id: UUID | None
    code: str
    key: str
    said: str
    state: str
    found_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    explanation: str | None
    explained_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    explained_by: str | None
    corrected_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    version: int
