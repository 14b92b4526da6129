"""Our copy of the federation's members, as membership tells it, and what dues told of each, fact by fact."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from training.base import Base


class MemberCopy(Base, table=True):
    """A member's public state, at the sequence we have seen.

    One with ``merged_into`` was a duplicate: what was asked or told under it is the other's.
    """

    __tablename__ = "member"
    __table_args__ = (Index("ix_member_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),)

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    reference: str
    name: str
    siren: str | None
    siret: str | None
    status: str
    category: str
    delegation: str | None
    department: str | None
    address: dict[str, str] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    joined_on: date
    left_on: date | None
    merged_into: UUID | None


class MemberStanding(Base, table=True):
    """What dues told once of a member's dues of a year. A later fact of the same ``id`` takes its place, never its row.

    ``sequence`` is that of the fact, ``told_at`` the instant at which dues told it.
    """

    __tablename__ = "member_standing"
    __table_args__ = (Index("ix_member_standing_member", "member_id", "year"),)

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger, primary_key=True)
    member_id: UUID
    year: int
    standing: str
    since: date
    until: date | None
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
