"""Tables of the requests for support and of their plans."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class SupportRequestRow(Base, table=True):
    """One request; fg2i's own is taken once, however often it is told."""

    __tablename__ = "support_request"
    __table_args__ = (
        CheckConstraint("origin IN ('fg2i', 'network', 'delegation', 'member')", name="origin"),
        CheckConstraint("status IN ('asked', 'taken_up', 'planned', 'closed', 'declined')", name="status"),
        CheckConstraint("(origin = 'fg2i') = (fg2i_id IS NOT NULL)", name="fg2i"),
        CheckConstraint("(fg2i_id IS NULL) = (told_member_id IS NULL)", name="told"),
        CheckConstraint("member_id IS NOT NULL OR status IN ('asked', 'declined')", name="placed"),
        CheckConstraint("(status IN ('taken_up', 'planned', 'closed')) = (taken_up_on IS NOT NULL)", name="taken_up"),
        CheckConstraint("(status IN ('closed', 'declined')) = (settled_text IS NOT NULL)", name="settled"),
        CheckConstraint("(status IN ('closed', 'declined')) = (settled_on IS NOT NULL)", name="settled_on"),
        CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="outcome"),
        Index("uq_support_request_fg2i", "fg2i_id", unique=True, postgresql_where=text("fg2i_id IS NOT NULL")),
        Index("ix_support_request_member", "member_id", "asked_on"),
        Index("ix_support_request_asked", "asked_on", "id"),
        Index("ix_support_request_due", "due_on", "id", postgresql_where=text("status = 'asked'")),
    )

    id: UUID = Field(primary_key=True)
    origin: str
    member_id: UUID | None = Field(foreign_key="member.id")
    told_member_id: UUID | None
    fg2i_id: UUID | None
    file_reference: str | None
    reason: str
    description: str | None
    asked_on: date
    due_on: date
    status: str
    taken_up_on: date | None
    taken_up_by: str | None
    taken_up_label: str | None
    settled_on: date | None
    outcome: str | None
    settled_text: str | None
    reopenings: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    version: int


class SupportActionRow(Base, table=True):
    """One action of a plan; dropped, it stays to be read."""

    __tablename__ = "support_action"
    __table_args__ = (
        CheckConstraint("state IN ('todo', 'done', 'dropped')", name="state"),
        CheckConstraint("(state = 'todo') = (settled_on IS NULL)", name="settled"),
        CheckConstraint("(state = 'dropped') = (dropped_reason IS NOT NULL)", name="dropped"),
        Index("ix_support_action_request", "request_id", "due_on"),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="support_request.id")
    text: str
    due_on: date
    state: str
    settled_on: date | None
    dropped_reason: str | None
