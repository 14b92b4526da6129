"""Tables of the complaints: what they are about, who told them, what was written, what was done."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from training.base import Base


class ComplaintRow(Base, table=True):
    """One complaint, without who told it nor what they said."""

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("kind IN ('complaint', 'difficulty', 'hazard', 'report')", name="kind"),
        CheckConstraint("channel IN ('form', 'account', 'mail', 'phone', 'session')", name="channel"),
        CheckConstraint("status IN ('received', 'acknowledged', 'answered', 'closed', 'reopened')", name="status"),
        CheckConstraint("(status = 'received') = (acknowledged_on IS NULL)", name="acknowledged"),
        CheckConstraint("(status IN ('received', 'acknowledged')) = (answered_on IS NULL)", name="answered"),
        CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed"),
        Index("ix_complaint_received_on", "received_on", "id"),
        Index("ix_complaint_due_on", "due_on", "id"),
        Index(
            "ix_complaint_waiting",
            "due_on",
            "id",
            postgresql_where=text("status IN ('received', 'acknowledged', 'reopened')"),
        ),
        Index("ix_complaint_member_id", "member_id", "received_on"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    kind: str
    channel: str
    member_id: UUID | None
    session: str | None
    programme: str | None
    received_on: date
    acknowledge_due_on: date
    answer_due_on: date
    due_on: date
    status: str
    acknowledged_on: date | None
    answered_on: date | None
    closed_on: date | None
    erased_on: date | None
    version: int


class ComplainantRow(Base, table=True):
    """Who told a complaint, as they said; deleted when they are forgotten, with what can still reach them."""

    __tablename__ = "complainant"

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    name: str | None
    email: str | None
    mail_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))


class ComplaintLinkRow(Base, table=True):
    """A secret link to a complaint: of its key, only a digest."""

    __tablename__ = "complaint_link"
    __table_args__ = (Index("ix_complaint_link_complaint_id", "complaint_id"),)

    key_digest: bytes = Field(primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")


class ComplaintEntryRow(Base, table=True):
    """One step of a complaint: a trigger refuses that it be changed or deleted."""

    __tablename__ = "complaint_entry"
    __table_args__ = (
        CheckConstraint("step IN ('receive', 'acknowledge', 'answer', 'close', 'reopen', 'erase')", name="step"),
        Index("ix_complaint_entry_on_day", "on_day", "step"),
    )

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    number: int = Field(primary_key=True)
    step: str
    on_day: date
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    by: str


class ComplaintTextRow(Base, table=True):
    """What was written at a step. It may tell of whom: forgotten on demand, where the step is kept."""

    __tablename__ = "complaint_text"
    __table_args__ = (
        CheckConstraint("role IN ('statement', 'answer', 'dissatisfaction', 'cause', 'no_action')", name="role"),
    )

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    number: int = Field(primary_key=True)
    role: str = Field(primary_key=True)
    text: str
