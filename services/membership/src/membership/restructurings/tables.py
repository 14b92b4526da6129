"""Table of restructurings; what each carried is in the register's entries, which name it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlmodel import Field

from membership.base import Base


class RestructuringRow(Base, table=True):
    """One act."""

    __tablename__ = "restructuring"
    __table_args__ = (
        CheckConstraint("kind IN ('siret_change', 'absorption', 'split')", name="kind"),
        CheckConstraint("(kind = 'siret_change') = (other_id IS NULL)", name="other"),
        CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name="undone"),
        Index("ix_restructuring_member", "member_id", "done_at"),
        Index("ix_restructuring_other", "other_id", "done_at"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    member_id: UUID = Field(foreign_key="member.id")
    other_id: UUID | None = Field(foreign_key="member.id")
    effective_on: date
    reason: str
    done_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    done_by: str
    undoable_until: date
    undone_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    undone_by: str | None
    undo_reason: str | None
