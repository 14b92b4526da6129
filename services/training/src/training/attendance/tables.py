"""Tables of the attendance: the ledger of each session, what it says now for the lists, and what proves who signs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from common.tables import SecretAddressColumns
from training.base import Base

_KINDS = "kind IN ('opened', 'present', 'partial', 'absent', 'closed')"


class HeadRow(Base, table=True):
    """The last line of a session's ledger. Every line is added while this row is held; ``sealed``: up to which one."""

    __tablename__ = "attendance_head"

    session_id: UUID = Field(primary_key=True, foreign_key="session.id")
    number: int
    hash: str
    sealed: int


class EntryRow(Base, table=True):
    """A line of a ledger: a trigger refuses that it be changed or deleted. ``content``: what was hashed."""

    __tablename__ = "attendance_entry"
    __table_args__ = (
        CheckConstraint(_KINDS, name="kind"),
        Index("ix_attendance_entry_slot", "slot_id", "number"),
    )

    session_id: UUID = Field(primary_key=True, foreign_key="attendance_head.session_id")
    number: int = Field(primary_key=True)
    previous: str
    hash: str = Field(unique=True)
    slot_id: UUID
    kind: str
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class MarkRow(Base, table=True):
    """What the ledger says now of a seat on a half-day: made from it, in the transaction that adds the line."""

    __tablename__ = "attendance_mark"
    __table_args__ = (
        CheckConstraint("kind IN ('present', 'partial', 'absent')", name="kind"),
        Index("ix_attendance_mark_day", "day", "slot_id", "enrolment_id"),
        Index("ix_attendance_mark_enrolment", "enrolment_id"),
        Index("ix_attendance_mark_session", "session_id", "slot_id"),
    )

    slot_id: UUID = Field(primary_key=True)
    enrolment_id: UUID = Field(primary_key=True, foreign_key="enrolment.id")
    session_id: UUID
    day: date
    half: str
    kind: str
    hours: Decimal = Field(sa_column=Column(Numeric(6, 2), nullable=False))
    reason: str | None
    method: str
    number: int
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class StrokeRow(Base, table=True):
    """A drawn signature; the ledger has its hash."""

    __tablename__ = "attendance_stroke"

    session_id: UUID = Field(primary_key=True, foreign_key="attendance_head.session_id")
    sha256: str = Field(primary_key=True)
    drawing: bytes


class LinkRow(SecretAddressColumns, Base, table=True):
    """The link by which somebody signs."""

    __tablename__ = "attendance_link"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        Index("ix_attendance_link_enrolment", "enrolment_id"),
    )

    enrolment_id: UUID = Field(foreign_key="enrolment.id")
    trainee_id: UUID = Field(foreign_key="trainee.id")


class ChallengeRow(Base, table=True):
    """The last code given to somebody for a half-day; of it, a digest."""

    __tablename__ = "attendance_code"

    slot_id: UUID = Field(primary_key=True)
    enrolment_id: UUID = Field(primary_key=True, foreign_key="enrolment.id")
    digest: str
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    used_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))


class DeviceRow(Base, table=True):
    """A trainer's device that signs without network, and the last line it sent."""

    __tablename__ = "attendance_device"
    __table_args__ = (Index("ix_attendance_device_session", "session_id", "id"),)

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="session.id")
    trainer_id: UUID = Field(foreign_key="trainer.id")
    label: str
    public_key: str
    registered_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    number: int
    hash: str


class CompletionRow(Base, table=True):
    """What the other services were last told of a seat."""

    __tablename__ = "attendance_completion"
    __table_args__ = (CheckConstraint("told IN ('completed', 'cancelled')", name="told"),)

    enrolment_id: UUID = Field(primary_key=True, foreign_key="enrolment.id")
    told: str
    hours: Decimal = Field(sa_column=Column(Numeric(8, 2), nullable=False))
    last_day: date


class SealRow(Base, table=True):
    """A day's seal: a trigger refuses that it be changed or deleted."""

    __tablename__ = "attendance_seal"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    previous: str
    hash: str = Field(unique=True)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
