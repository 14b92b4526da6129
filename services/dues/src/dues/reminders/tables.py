"""Tables of reminders: what was sent of which calls, what stops them for a time, the calls that regions made."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from dues.base import Base


class RunRow(Base, table=True):
    """One act of sending. ``skipped`` says of each member that was chosen and not reminded why not."""

    __tablename__ = "reminder_run"
    __table_args__ = (Index("ix_reminder_run_sent", "sent_at", "id"),)

    id: UUID = Field(primary_key=True)
    reminded_on: date
    count: int
    owed: Decimal = Field(sa_type=Numeric(14, 2))
    skipped: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    pdf_sha256: str | None
    sent_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    sent_by: str


class ReminderRow(Base, table=True):
    """One letter to one member; never changed, but for how it left. ``document`` is what is printed, word for word."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("run_id", "member_id"),
        CheckConstraint("level > 0", name="level"),
        CheckConstraint("owed > 0", name="owed"),
        CheckConstraint("means IN ('post', 'registered', 'email')", name="means"),
        CheckConstraint(
            "(means IS NULL) = (dispatched_on IS NULL) AND (means IS NULL) = (dispatched_by IS NULL)", name="dispatch"
        ),
        Index("ix_reminder_reminded", "reminded_on", "id"),
        Index("ix_reminder_member", "member_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    run_id: UUID = Field(foreign_key="reminder_run.id")
    member_id: UUID
    level: int
    level_label: str
    registered: bool
    reminded_on: date
    owed: Decimal = Field(sa_type=Numeric(12, 2))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    pdf_sha256: str | None
    means: str | None
    dispatched_on: date | None
    dispatch_reference: str | None
    dispatched_by: str | None
    version: int


class ReminderCallRow(Base, table=True):
    """A call that a letter reminds of, at which level, and what was owed of it that day; never changed."""

    __tablename__ = "reminder_call"
    __table_args__ = (
        # What ends double reminders: a call is reminded once at each level, whatever runs twice.
        UniqueConstraint("invoice_id", "level"),
        CheckConstraint("owed > 0", name="owed"),
    )

    reminder_id: UUID = Field(primary_key=True, foreign_key="reminder.id")
    invoice_id: UUID = Field(primary_key=True, foreign_key="invoice.id")
    level: int
    level_label: str
    owed: Decimal = Field(sa_type=Numeric(12, 2))
    due_on: date
    reminded_on: date


class HoldRow(Base, table=True):
    """Reminders stopped for a time, of a member or of one call; lifted early with a reason, otherwise never changed."""

    __tablename__ = "reminder_hold"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('disputed', 'instalments', 'solidarity', 'difficulty', 'correction', 'other')", name="reason"
        ),
        CheckConstraint("since <= until", name="days"),
        CheckConstraint(
            "(lifted_on IS NULL) = (lifted_by IS NULL) AND (lifted_on IS NULL) = (lifted_reason IS NULL)", name="lifted"
        ),
        Index("ix_reminder_hold_member", "member_id", "until"),
        Index("ix_reminder_hold_invoice", "invoice_id", "until"),
        Index("ix_reminder_hold_until", "until", "id"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID
    invoice_id: UUID | None = Field(foreign_key="invoice.id")
    reason: str
    note: str
    since: date
    until: date
    placed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    placed_by: str
    lifted_on: date | None
    lifted_by: str | None
    lifted_reason: str | None
    version: int


class RegionCallRow(Base, table=True):
    """A call that a region made to a member before it is reminded further; never changed."""

    __tablename__ = "reminder_region_call"
    __table_args__ = (
        CheckConstraint("outcome IN ('promised', 'reached', 'no_answer', 'disputed', 'difficulty')", name="outcome"),
        CheckConstraint("(outcome = 'promised') = (promised_for IS NOT NULL)", name="promise"),
        Index("ix_reminder_region_call_member", "member_id", "day"),
        Index("ix_reminder_region_call_day", "day", "id"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID
    day: date
    outcome: str
    promised_for: date | None
    note: str | None
    noted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    noted_by: str
