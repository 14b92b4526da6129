"""Tables of renewals: what the register does not say of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, UniqueConstraint, text
from sqlmodel import Field

from membership.base import Base


class RenewalRow(Base, table=True):
    """The renewal of a year, its days fixed when it was opened."""

    __tablename__ = "renewal"
    __table_args__ = (
        UniqueConstraint("year"),
        CheckConstraint("notice_from <= notice_until", name="window"),
    )

    id: UUID = Field(primary_key=True)
    year: int
    notice_from: date
    notice_until: date
    rule_status: str
    rule_source: str
    job_id: UUID | None
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    opened_by: str


class ExceptionRow(Base, table=True):
    """A structure that is renewed although it could not be told in time, and why; taken back, it stays to be read."""

    __tablename__ = "renewal_exception"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        Index(
            "uq_renewal_exception",
            "renewal_id",
            "member_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    renewal_id: UUID = Field(foreign_key="renewal.id")
    member_id: UUID = Field(foreign_key="member.id")
    reason: str
    granted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    granted_by: str
    withdrawn_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    withdrawn_by: str | None
    withdrawn_reason: str | None
