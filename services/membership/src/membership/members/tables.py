"""Tables of the register of structures."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from membership.base import Base


class MemberRow(Base, table=True):
    """A structure: candidate, then member."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("status IN ('candidate', 'active')", name="status"),
        CheckConstraint("(status = 'candidate') = (joined_on IS NULL)", name="joined_when_active"),
        CheckConstraint("siren ~ '^[0-9]{9}$'", name="siren"),
        CheckConstraint("siret ~ '^[0-9]{14}$' AND left(siret, 9) = siren", name="siret"),
        Index("uq_member_siren", "siren", unique=True, postgresql_where=text("siren IS NOT NULL")),
        Index("ix_member_status_name", "status", "name", "id"),
        Index("ix_member_normalized", "normalized_name", "department"),
        Index("ix_member_delegation", "delegation", "name"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    name: str
    normalized_name: str
    siren: str | None
    siret: str | None
    status: str
    activities: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    delegation: str | None
    department: str | None
    street: str | None
    postcode: str | None
    city: str | None
    joined_on: date | None
    version: int
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class DuesCall(Base, table=True):
    """A call for dues as the service dues tells it: our copy."""

    __tablename__ = "dues_call"
    __table_args__ = (Index("ix_dues_call_member", "member_id", "year"),)

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    member_id: UUID
    year: int
    number: str
    status: str
    total: str
    issued_on: date
    due_on: date
