"""Tables of the calendars: their secret addresses, and what they were last told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from common.tables import SecretAddressColumns
from training.base import Base

_READERS = "reader IN ('trainer', 'trainee', 'structure')"


class AddressRow(SecretAddressColumns, Base, table=True):
    """A secret address; ``reader_id`` is the id of the trainer, of the trainee or of the structure."""

    __tablename__ = "calendar_address"
    __table_args__ = (
        CheckConstraint(_READERS, name="reader"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        Index("ix_calendar_address_reader", "reader", "reader_id", "created_at"),
        Index("ix_calendar_address_created", "created_at", "id"),
    )

    reader: str
    reader_id: UUID
    label: str
    created_by: str
    mail_id: UUID | None


class ToldRow(Base, table=True):
    """What the calendars of a reader were last told of a half-day. It names nobody; it outlives the half-day."""

    __tablename__ = "calendar_told"
    __table_args__ = (
        CheckConstraint(_READERS, name="reader"),
        CheckConstraint("sequence >= 0", name="sequence"),
        Index("ix_calendar_told_ends_at", "ends_at"),
    )

    reader: str = Field(primary_key=True)
    reader_id: UUID = Field(primary_key=True)
    slot_id: UUID = Field(primary_key=True)
    said: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    sequence: int
    ends_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
