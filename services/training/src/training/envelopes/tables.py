"""Tables of the envelopes: the envelopes, what moved in them, what is reserved, and who joins the group account."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from training.base import Base


def _instant() -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class EnvelopeRow(Base, table=True):
    """One envelope. Its three sums are those of its movements; ``moved_at`` never goes back."""

    __tablename__ = "envelope"
    __table_args__ = (
        CheckConstraint("kind IN ('group_account', 'solidarity_fund', 'other')", name="kind"),
        CheckConstraint("opens_on <= closes_on", name="dates"),
        CheckConstraint("hours_ceiling > 0", name="hours_ceiling"),
        CheckConstraint("hourly_ceiling > 0", name="hourly_ceiling"),
        CheckConstraint("reserved >= 0 AND consumed >= 0", name="used"),
        CheckConstraint("contributed - reserved - consumed >= 0", name="available"),
        Index("ix_envelope_closes_on", "closes_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    title: str
    year: int
    funder: str
    opens_on: date
    closes_on: date
    member_types: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    hours_ceiling: Decimal | None = Field(sa_type=Numeric(8, 2))
    hourly_ceiling: Decimal | None = Field(sa_type=Numeric(12, 2))
    source: str
    contributed: Decimal = Field(sa_type=Numeric(14, 2))
    reserved: Decimal = Field(sa_type=Numeric(14, 2))
    consumed: Decimal = Field(sa_type=Numeric(14, 2))
    movements: int
    moved_at: datetime = _instant()
    created_at: datetime = _instant()
    created_by: str
    version: int


class ReservationRow(Base, table=True):
    """Money of an envelope set aside for one subject, and what became of it."""

    __tablename__ = "envelope_reservation"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('enrolment', 'session', 'award', 'other')", name="subject_kind"),
        CheckConstraint("released + consumed <= reserved", name="left"),
        CheckConstraint("returned <= consumed", name="returned"),
        UniqueConstraint("envelope_id", "subject_kind", "subject_id", name="uq_envelope_reservation_subject"),
        Index("ix_envelope_reservation_reserved_on", "reserved_on", "id"),
        Index("ix_envelope_reservation_member", "member_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    envelope_id: UUID = Field(foreign_key="envelope.id")
    subject_kind: str
    subject_id: UUID
    label: str
    member_id: UUID | None
    reserved: Decimal = Field(sa_type=Numeric(14, 2))
    released: Decimal = Field(sa_type=Numeric(14, 2))
    consumed: Decimal = Field(sa_type=Numeric(14, 2))
    returned: Decimal = Field(sa_type=Numeric(14, 2))
    reserved_on: date
    version: int


class MovementRow(Base, table=True):
    """One sum that moved in an envelope, in the order of ``number``; a trigger refuses that it be changed or deleted.

    ``happened_on`` is the bank's day of what came in; ``recorded_at`` never goes back within an envelope.
    """

    __tablename__ = "envelope_movement"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('contribution', 'corrected', 'reserved', 'released', 'consumed', 'returned')", name="kind"
        ),
        CheckConstraint("amount > 0 OR (kind = 'corrected' AND amount <> 0)", name="amount"),
        CheckConstraint("(kind IN ('contribution', 'corrected')) = (reservation_id IS NULL)", name="reservation"),
        CheckConstraint("(kind = 'contribution') = (happened_on IS NOT NULL)", name="happened_on"),
        UniqueConstraint("envelope_id", "number", name="uq_envelope_movement_number"),
        Index("ix_envelope_movement_recorded_at", "recorded_at", "id"),
        Index("ix_envelope_movement_reservation", "reservation_id"),
    )

    id: UUID = Field(primary_key=True)
    envelope_id: UUID = Field(foreign_key="envelope.id")
    number: int
    kind: str
    amount: Decimal = Field(sa_type=Numeric(14, 2))
    reservation_id: UUID | None = Field(foreign_key="envelope_reservation.id")
    label: str
    member_id: UUID | None
    cause: str
    happened_on: date | None
    recorded_at: datetime = _instant()
    recorded_by: str


class AffiliationRow(Base, table=True):
    """One structure's affiliation to the group account of a year, step by step."""

    __tablename__ = "affiliation"
    __table_args__ = (
        CheckConstraint("step IN ('convention', 'account', 'paid', 'confirmed', 'withdrawn')", name="step"),
        CheckConstraint("member_type IN ('etti', 'aci', 'ai', 'other')", name="member_type"),
        CheckConstraint(
            "convention_on <= account_on AND account_on <= paid_on AND paid_on <= confirmed_on", name="days"
        ),
        CheckConstraint("(account_on IS NULL) = (payroll IS NULL)", name="account"),
        CheckConstraint("(payroll IS NULL) = (due IS NULL)", name="due"),
        CheckConstraint("(paid_on IS NULL) = (paid IS NULL)", name="paid"),
        CheckConstraint("(paid_on IS NULL) = (cora_code IS NULL)", name="cora_code"),
        CheckConstraint("paid > 0", name="paid_amount"),
        # A structure joins an account once; one that gave up may begin again.
        Index(
            "uq_affiliation_member",
            "envelope_id",
            "member_id",
            unique=True,
            postgresql_where=text("step <> 'withdrawn'"),
        ),
        Index("ix_affiliation_convention_on", "convention_on", "id"),
        Index("ix_affiliation_member", "member_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    envelope_id: UUID = Field(foreign_key="envelope.id")
    member_id: UUID
    member_type: str
    operator: str
    step: str
    convention_on: date
    account_on: date | None
    payroll: Decimal | None = Field(sa_type=Numeric(14, 2))
    due: Decimal | None = Field(sa_type=Numeric(14, 2))
    explanation: str | None
    paid_on: date | None
    paid: Decimal | None = Field(sa_type=Numeric(14, 2))
    cora_code: str | None
    difference_reason: str | None
    confirmed_on: date | None
    version: int
    created_at: datetime = _instant()
    created_by: str
