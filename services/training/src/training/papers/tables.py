"""Tables of the papers: what each says, for ever; where each stands; the copies that were signed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from training.base import Base


class PaperRow(Base, table=True):
    """What a paper says, frozen: a trigger refuses that it be changed or deleted.

    ``about``: the request, the seat, the half-day or the session that it is of, by its kind.
    """

    __tablename__ = "paper"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('convention', 'contract', 'programme', 'convocation', 'rules', 'attendance_sheet')", name="kind"
        ),
        Index("ix_paper_session", "session_id", "issued_at", "id"),
        Index("ix_paper_member", "member_id", "issued_at", "id"),
        Index("ix_paper_issued", "issued_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    kind: str
    about: UUID
    member_id: UUID | None = Field(foreign_key="member.id")
    session_id: UUID = Field(foreign_key="session.id")
    terms: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    sha256: str
    replaces: UUID | None = Field(foreign_key="paper.id")
    issued_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    issued_by: str


class PaperStateRow(Base, table=True):
    """Where a paper stands. Of one kind, one paper is worth something of one thing."""

    __tablename__ = "paper_state"
    __table_args__ = (
        CheckConstraint("status IN ('issued', 'sent', 'signed', 'voided')", name="status"),
        CheckConstraint("sent_how IN ('mail', 'hand')", name="sent_how"),
        CheckConstraint("(sent_at IS NULL) = (sent_how IS NULL)", name="sent"),
        CheckConstraint("(status = 'voided') = (voided_at IS NOT NULL)", name="voided"),
        CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name="void_reason"),
        Index("uq_paper_state_live", "kind", "about", unique=True, postgresql_where=text("status <> 'voided'")),
    )

    paper_id: UUID = Field(primary_key=True, foreign_key="paper.id")
    kind: str
    about: UUID
    status: str
    sent_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    sent_how: str | None
    mail_id: UUID | None
    voided_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    void_reason: str
    replaced_by: UUID | None = Field(foreign_key="paper.id")
    version: int
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str


class SignedCopyRow(Base, table=True):
    """The copy that was signed, where its file stands: a trigger refuses that it be changed or deleted."""

    __tablename__ = "paper_signed_copy"

    paper_id: UUID = Field(primary_key=True, foreign_key="paper.id")
    id: UUID = Field(unique=True)
    filename: str
    media_type: str
    size: int
    sha256: str
    path: str
    signed_on: date
    signatory: str
    sent_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    sent_by: str
