"""Tables of applications: the file, its documents, the opinions on it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class ApplicationRow(Base, table=True):
    """One application; a structure has one open application at most."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'admitted', 'refused', 'withdrawn')", name="status"),
        CheckConstraint("(status IN ('open', 'withdrawn')) = (decided_on IS NULL)", name="decided"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="withdrawn"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawal_reason IS NULL)", name="withdrawal_reason"),
        CheckConstraint("member_since >= '1901-01-01'", name="member_since"),
        Index("uq_application_open", "member_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("ix_application_member", "member_id"),
        Index("ix_application_received", "received_on", "id"),
        Index("ix_application_status", "status", "received_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    received_on: date
    status: str
    sitting_id: UUID | None
    decided_on: date | None
    reservations: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    documents_asked: bool
    member_since: date | None
    withdrawn_on: date | None
    withdrawal_reason: str | None
    version: int


class DocumentRow(Base, table=True):
    """One file sent for one item of the checklist."""

    __tablename__ = "application_document"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'accepted', 'refused')", name="state"),
        CheckConstraint("(state = 'received') = (checked_at IS NULL)", name="checked"),
        Index("ix_application_document_file", "application_id", "item", "sent_at"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="application.id")
    item: str
    filename: str
    media_type: str
    size: int
    sha256: str
    path: str
    sent_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    sent_by: str
    state: str
    remark: str | None
    checked_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    checked_by: str | None


class OpinionRow(Base, table=True):
    """One opinion of a delegation; none is ever changed."""

    __tablename__ = "application_opinion"
    __table_args__ = (
        CheckConstraint("advice IN ('favourable', 'reserved', 'unfavourable')", name="advice"),
        Index("ix_application_opinion_file", "application_id", "given_at"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="application.id")
    delegation: str
    advice: str
    text: str
    given_on: date
    given_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given_by: str
