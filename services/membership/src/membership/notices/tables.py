"""Table of what was sent to structures, and has to be proven."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field

from membership.base import Base


class NoticeRow(Base, table=True):
    """One notice to one structure. A mail's own row says what it was and what became of it; a letter says it here.

    ``about`` names the renewal, the assembly or the year, which belong to capabilities above this one. A letter's
    ``recipient`` is an organisation's address, without the name of anybody.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("purpose IN ('renewal', 'convocation', 'reminder')", name="purpose"),
        CheckConstraint("means IN ('mail', 'letter')", name="means"),
        CheckConstraint("(means = 'mail') = (mail_id IS NOT NULL)", name="mail"),
        CheckConstraint("(means = 'letter') = (posted_on IS NOT NULL)", name="letter"),
        CheckConstraint(
            "(means = 'letter') = (recipient IS NOT NULL AND subject IS NOT NULL AND text IS NOT NULL)",
            name="letter_kept",
        ),
        CheckConstraint("(returned_on IS NULL) = (returned_reason IS NULL)", name="returned"),
        Index("ix_notice_member", "purpose", "about", "member_id", "id"),
        Index("ix_notice_contact", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    purpose: str
    about: str
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
    late_reason: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
