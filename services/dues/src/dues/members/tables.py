"""Our copy of the federation's members, as membership tells it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from dues.base import Base


class MemberCopy(Base, table=True):
    """A member's public state, at the sequence we have seen.

    One with ``merged_into`` was a duplicate: what was issued to it or stated of it is the other's.
    """

    __tablename__ = "member"
    __table_args__ = (
        Index("ix_member_name", "name", "id"),
        Index("ix_member_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    name: str
    siren: str | None
    status: str
    category: str
    activities: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    delegation: str | None
    address: dict[str, str] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    correspondence: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'[]'")))
    joined_on: date
    merged_into: UUID | None
    renewed_years: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
