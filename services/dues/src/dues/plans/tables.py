"""Tables of the instalment plans: each plan, its schedules one after the other, their instalments and their calls."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from dues.base import Base


class PlanRow(Base, table=True):
    """One plan. ``schedule`` is the number of the one that holds; whether it is kept follows from its calls."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("outcome IN ('broken', 'ended')", name="outcome"),
        CheckConstraint(
            "(ended_on IS NULL) = (outcome IS NULL) AND (ended_on IS NULL) = (end_reason IS NULL)"
            " AND (ended_on IS NULL) = (ended_by IS NULL)",
            name="ended",
        ),
        Index("ix_plan_agreed", "agreed_on", "id"),
        Index("ix_plan_member", "member_id"),
        Index("ix_plan_standing", "id", postgresql_where=text("ended_on IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    member_id: UUID
    agreed_on: date
    schedule: int
    ended_on: date | None
    outcome: str | None
    end_reason: str | None
    ended_by: str | None
    version: int


class ScheduleRow(Base, table=True):
    """One schedule of a plan; never changed, but for the day on which it ceased to hold."""

    __tablename__ = "plan_schedule"

    plan_id: UUID = Field(primary_key=True, foreign_key="plan.id")
    number: int = Field(primary_key=True)
    agreed_on: date
    reason: str
    closed_on: date | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class InstalmentRow(Base, table=True):
    """One instalment; never changed. What is paid of it follows from the calls."""

    __tablename__ = "plan_instalment"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "schedule"], ["plan_schedule.plan_id", "plan_schedule.number"]),
        UniqueConstraint("plan_id", "schedule", "rank"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: UUID = Field(primary_key=True)
    plan_id: UUID
    schedule: int
    rank: int
    day: date
    amount: Decimal = Field(sa_type=Numeric(12, 2))


class PlanCallRow(Base, table=True):
    """One call that a schedule covers, as it was then; ``closed_…`` as it was when the schedule ceased to hold."""

    __tablename__ = "plan_call"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "schedule"], ["plan_schedule.plan_id", "plan_schedule.number"]),
        CheckConstraint("owed >= 0", name="owed"),
        CheckConstraint("(closed_paid IS NULL) = (closed_credited IS NULL)", name="closed"),
        # A call stands in one plan at a time, whatever is done at once.
        Index("uq_plan_call_standing", "invoice_id", unique=True, postgresql_where=text("closed_paid IS NULL")),
    )

    plan_id: UUID = Field(primary_key=True)
    schedule: int = Field(primary_key=True)
    invoice_id: UUID = Field(primary_key=True, foreign_key="invoice.id")
    paid: Decimal = Field(sa_type=Numeric(12, 2))
    credited: Decimal = Field(sa_type=Numeric(12, 2))
    owed: Decimal = Field(sa_type=Numeric(12, 2))
    closed_paid: Decimal | None = Field(sa_type=Numeric(12, 2))
    closed_credited: Decimal | None = Field(sa_type=Numeric(12, 2))
