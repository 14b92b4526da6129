"""Tables of bookings and of what was delivered."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from common.tables import KeptFileColumns
from membership.base import Base


class BookingRow(Base, table=True):
    """One place of a slot for one structure, and what became of it."""

    __tablename__ = "accompaniment_booking"
    __table_args__ = (
        ForeignKeyConstraint(
            ["offer_id", "edition"],
            ["accompaniment_edition.offer_id", "accompaniment_edition.edition"],
            name="fk_accompaniment_booking_edition",
        ),
        CheckConstraint("state IN ('booked', 'cancelled', 'held', 'absent')", name="state"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("(state IN ('held', 'absent')) = (outcome_at IS NOT NULL)", name="outcome"),
        CheckConstraint("cancelled_side IN ('structure', 'staff', 'slot')", name="cancelled_side"),
        CheckConstraint("NOT answered OR state = 'held'", name="answered"),
        CheckConstraint("allowance_reason IS NULL OR free_year IS NULL", name="allowance"),
        Index(
            "uq_accompaniment_booking_slot",
            "slot_id",
            "member_id",
            unique=True,
            postgresql_where=text("state <> 'cancelled'"),
        ),
        Index(
            "uq_accompaniment_booking_free",
            "member_id",
            "kind",
            "free_year",
            unique=True,
            postgresql_where=text("free_year IS NOT NULL AND state IN ('booked', 'held')"),
        ),
        Index("ix_accompaniment_booking_member", "member_id", "id"),
        Index("ix_accompaniment_booking_booked", "booked_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    slot_id: UUID = Field(foreign_key="accompaniment_slot.id")
    offer_id: UUID
    edition: int
    kind: str
    member_id: UUID = Field(foreign_key="member.id")
    delegation: str | None
    booked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    booked_by: str
    expectation: str | None
    free_year: int | None
    allowance_reason: str | None
    state: str
    cancelled_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    cancelled_by: str | None
    cancelled_side: str | None
    cancel_reason: str | None
    outcome_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    outcome_by: str | None
    answered: bool
    reopenings: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    mail_id: UUID | None
    version: int


class DeliverableRow(Base, table=True):
    """What an accompaniment left; taken back, it stays to be read."""

    __tablename__ = "accompaniment_deliverable"
    __table_args__ = (
        CheckConstraint("kind IN ('report', 'action_plan', 'diagnosis', 'other')", name="kind"),
        CheckConstraint("link IS NOT NULL OR summary IS NOT NULL OR by_file", name="content"),
        CheckConstraint("link ~ '^https://'", name="link"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        Index("ix_accompaniment_deliverable_booking", "booking_id", "delivered_on"),
    )

    id: UUID = Field(primary_key=True)
    booking_id: UUID = Field(foreign_key="accompaniment_booking.id")
    kind: str
    title: str
    delivered_on: date
    link: str | None
    summary: str | None
    by_file: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=false()))
    next_offer_id: UUID | None = Field(foreign_key="accompaniment.id")
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    withdrawn_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    withdrawn_by: str | None
    withdrawn_reason: str | None


class DeliverableFileRow(KeptFileColumns, Base, table=True):
    """A file of a deliverable; the last one counts, those before it stay to be read by who delivered them."""

    __tablename__ = "deliverable_file"
    __table_args__ = (Index("ix_deliverable_file_deliverable", "deliverable_id", "sent_at"),)

    deliverable_id: UUID = Field(foreign_key="accompaniment_deliverable.id")
    size: int
