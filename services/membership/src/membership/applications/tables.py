"""Table of applications."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from membership.base import Base


class ApplicationRow(Base, table=True):
    """One application; a structure has one open application at most."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'admitted', 'refused')", name="status"),
        CheckConstraint("(status = 'open') = (decided_on IS NULL)", name="decided"),
        Index("uq_application_open", "member_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("ix_application_status", "status", "received_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    received_on: date
    status: str
    sitting_id: UUID | None
    decided_on: date | None
