"""Table of the rooms."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from training.base import Base

_FACTS = "IN ('yes', 'no', 'unknown')"


class RoomRow(Base, table=True):
    """A room where sessions are held. ``name_key``: its name and its city as they are searched and sorted."""

    __tablename__ = "room"
    __table_args__ = (
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint(f"step_free_access {_FACTS}", name="step_free_access"),
        CheckConstraint(f"accessible_toilet {_FACTS}", name="accessible_toilet"),
        CheckConstraint(f"hearing_loop {_FACTS}", name="hearing_loop"),
        CheckConstraint(f"parking {_FACTS}", name="parking"),
        CheckConstraint("owner_office IS NOT NULL OR (owner_email IS NULL AND owner_phone IS NULL)", name="owner"),
        Index("ix_room_name_key", "name_key", "id"),
        Index("ix_room_capacity", "capacity", "id"),
    )

    id: UUID = Field(primary_key=True)
    name: str
    name_key: str
    street: str
    postcode: str
    city: str
    department: str
    delegation: str | None
    capacity: int
    step_free_access: str
    accessible_toilet: str
    hearing_loop: str
    parking: str
    accessibility_note: str
    checked_on: date | None
    equipment: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    cost: Decimal | None = Field(sa_column=Column(Numeric(12, 2), nullable=True))
    owner_office: str | None
    owner_email: str | None
    owner_phone: str | None
    archived_on: date | None
    version: int
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str
