"""Tables of the calendars: their secret addresses, and what they were last told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from common.tables import SecretAddressColumns
from training.base import Base


class AddressRow(SecretAddressColumns, Base, table=True):
    """A secret address; ``reader_id`` is the id of the trainer, of the trainee or of the structure.

    ``through``: the structure that gave its person an address, which shows the seats that it took.
    """

    __tablename__ = "calendar_address"
    __table_args__ = (
        CheckConstraint("reader IN ('trainer', 'trainee', 'structure')", name="reader"),
        CheckConstraint("through IS NULL OR reader = 'trainee'", name="through"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        Index("ix_calendar_address_reader", "reader", "reader_id", "created_at"),
        Index("ix_calendar_address_created", "created_at", "id"),
    )

    reader: str
    reader_id: UUID
    through: UUID | None
    label: str
    created_by: str
    mail_id: UUID | None


class ToldRow(Base, table=True):
    """What the calendar of an address was last told of a half-day. It names nobody; it outlives the half-day."""

    __tablename__ = "calendar_told"
    __table_args__ = (
        CheckConstraint("sequence >= 0", name="sequence"),
        Index("ix_calendar_told_ends_at", "ends_at"),
    )

    address_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("calendar_address.id", ondelete="CASCADE"), primary_key=True)
    )
    slot_id: UUID = Field(primary_key=True)
    said: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    sequence: int
    ends_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
