"""Tables of renewals: what the register does not say of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, UniqueConstraint, text
from sqlmodel import Field

from membership.base import Base


class RenewalRow(Base, table=True):
    """The renewal of a year, its days fixed when it was opened."""

    __tablename__ = "renewal"
    __table_args__ = (
        UniqueConstraint("year"),
        CheckConstraint("notice_from <= notice_until", name="window"),
    )

    id: UUID = Field(primary_key=True)
    year: int
    notice_from: date
    notice_until: date
    rule_status: str
    rule_source: str
    job_id: UUID | None
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    opened_by: str


class NoticeRow(Base, table=True):
    """One notice to one structure. A mail's own row says what it was and what became of it; a letter says it here.

    A letter's ``recipient`` is an organisation's address, without the name of anybody.
    """

    __tablename__ = "renewal_notice"
    __table_args__ = (
        CheckConstraint("means IN ('mail', 'letter')", name="means"),
        CheckConstraint("(means = 'mail') = (mail_id IS NOT NULL)", name="mail"),
        CheckConstraint("(means = 'letter') = (posted_on IS NOT NULL)", name="letter"),
        CheckConstraint(
            "(means = 'letter') = (recipient IS NOT NULL AND subject IS NOT NULL AND text IS NOT NULL)",
            name="letter_kept",
        ),
        CheckConstraint("(returned_on IS NULL) = (returned_reason IS NULL)", name="returned"),
        Index("ix_renewal_notice_member", "renewal_id", "member_id", "id"),
        Index("ix_renewal_notice_contact", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    renewal_id: UUID = Field(foreign_key="renewal.id")
    member_id: UUID = Field(foreign_key="member.id")
    means: str
    contact_id: UUID | None
    mail_id: UUID | None
    posted_on: date | None
    recipient: str | None
    subject: str | None
    text: str | None
    tracking_number: str | None
    returned_on: date | None
    returned_reason: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class ExceptionRow(Base, table=True):
    """A structure that is renewed although it could not be told in time, and why; taken back, it stays to be read."""

    __tablename__ = "renewal_exception"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        Index(
            "uq_renewal_exception",
            "renewal_id",
            "member_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    renewal_id: UUID = Field(foreign_key="renewal.id")
    member_id: UUID = Field(foreign_key="member.id")
    reason: str
    granted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    granted_by: str
    withdrawn_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    withdrawn_by: str | None
    withdrawn_reason: str | None
