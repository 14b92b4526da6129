"""Table of measures."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class MeasureRow(Base, table=True):
    """One measure; a structure has one to be decided at most."""

    __tablename__ = "measure"
    __table_args__ = (
        CheckConstraint("kind IN ('suspension', 'reinstatement', 'exclusion')", name="kind"),
        CheckConstraint("status IN ('open', 'pronounced', 'refused', 'abandoned')", name="status"),
        CheckConstraint("(status IN ('pronounced', 'refused')) = (decided_on IS NOT NULL)", name="decided"),
        CheckConstraint("(status = 'pronounced') = (effective_on IS NOT NULL)", name="effective"),
        CheckConstraint("(notified_on IS NULL) = (notifications = '[]')", name="notified"),
        Index("uq_measure_open", "member_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("ix_measure_status", "status", "opened_on", "id"),
        Index("ix_measure_member", "member_id", "opened_on"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    kind: str
    grounds: str
    opened_on: date
    opened_by: str
    entered_on: date = Field(sa_column=Column(Date, nullable=False, server_default=text("CURRENT_DATE")))
    hearing_days: int
    status: str
    notified_on: date | None
    notifications: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    answers: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    sitting_id: UUID | None
    decided_on: date | None
    effective_on: date | None
    version: int
