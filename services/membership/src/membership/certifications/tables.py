"""Table of labels and certifications."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field

from membership.base import Base


class CertificationRow(Base, table=True):
    """One label of one structure, as somebody recorded it; taken back, it stays to be read.

    ``title`` is what a label beside the list is called; empty for those of the list.
    """

    __tablename__ = "certification"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR obtained_on <= valid_until", name="dates"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        CheckConstraint("(revoked_on IS NULL) = (revoked_reason IS NULL)", name="revoked"),
        CheckConstraint("revoked_on IS NULL OR obtained_on <= revoked_on", name="revoked_later"),
        CheckConstraint("(verified_at IS NULL) = (verified_by IS NULL)", name="verified"),
        Index(
            "uq_certification_once",
            "member_id",
            "label",
            "title",
            "obtained_on",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_certification_valid_until", "valid_until", "id"),
        Index("ix_certification_obtained_on", "obtained_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    label: str
    title: str
    level: str | None
    certifier: str
    obtained_on: date
    valid_until: date | None
    evidence: str
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    verified_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    verified_by: str | None
    revoked_on: date | None
    revoked_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    revoked_by: str | None
    revoked_reason: str | None
    withdrawn_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    withdrawn_by: str | None
    withdrawn_reason: str | None
    version: int
