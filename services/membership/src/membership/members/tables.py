"""Tables of the register of structures."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    String,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from membership.base import Base

FOLDED_CITY = "translate(lower(city), 'àâäçéèêëîïôöùûüÿ', 'aaaceeeeiioouuuy')"
"""A town without case nor accents, for searching only."""


class MemberRow(Base, table=True):
    """A structure as its entries said it was on the day ``as_of``, which a job keeps at today.

    ``held`` is the whole of it, the other columns what is searched and sorted by. ``answered_for``: somebody of it
    answers for its invoices that day. ``applying``: an application of it is to be decided.
    """

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("status IN ('candidate', 'active', 'suspended', 'left')", name="status"),
        CheckConstraint("(status = 'candidate') = (joined_on IS NULL)", name="joined_when_active"),
        CheckConstraint("(status = 'left') = (left_on IS NOT NULL)", name="left"),
        CheckConstraint("category IN ('active', 'associate')", name="category"),
        CheckConstraint("siren ~ '^[0-9]{9}$'", name="siren"),
        CheckConstraint("siret ~ '^[0-9]{14}$' AND left(siret, 9) = siren", name="siret"),
        CheckConstraint("merged_into <> id", name="merged_into"),
        # A duplicate keeps the SIREN it was entered with; its structure bears it under the record that stays.
        Index(
            "uq_member_siren",
            "siren",
            unique=True,
            postgresql_where=text("siren IS NOT NULL AND merged_into IS NULL AND NOT retracted"),
        ),
        Index("ix_member_merged_siren", "siren", postgresql_where=text("merged_into IS NOT NULL")),
        Index("ix_member_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index("ix_member_siret", "siret", postgresql_where=text("siret IS NOT NULL")),
        # Of the structures that stay: what a list shows, and all that its count has to read.
        Index("ix_member_name", "name", "id", postgresql_where=text("merged_into IS NULL AND NOT retracted")),
        Index("ix_member_created_at", "created_at", "id"),
        Index("ix_member_status_name", "status", "name", "id"),
        Index(
            "ix_member_public_city",
            literal_column(FOLDED_CITY).label("town"),
            postgresql_using="gin",
            postgresql_ops={"town": "gin_trgm_ops"},
            postgresql_where=text("status = 'active'"),
        ),
        Index("ix_member_delegation", "delegation", "name", "id"),
        Index("ix_member_category", "category", "name", "id"),
        Index("ix_member_groups", text("(held['group'])"), postgresql_using="gin"),
        Index("ix_member_department", "department", "name", "id"),
        Index("ix_member_left_on", "left_on", postgresql_where=text("left_on IS NOT NULL")),
        Index("ix_member_joined_on", "joined_on", postgresql_where=text("joined_on IS NOT NULL")),
        Index("ix_member_answered_for", "answered_for", "name", "id"),
        Index("ix_member_activities", "activities", postgresql_using="gin"),
        Index(
            "ix_member_normalized_name",
            "normalized_name",
            postgresql_using="gin",
            postgresql_ops={"normalized_name": "gin_trgm_ops"},
        ),
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
    left_on: date | None
    category: str
    merged_into: UUID | None = Field(foreign_key="member.id")
    retracted: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=false()))
    held: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    answered_for: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    applying: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("true")))
    as_of: date
    version: int
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class EntryRow(Base, table=True):
    """One dated entry of the register, never changed but by an erasure."""

    __tablename__ = "member_entry"
    __table_args__ = (
        UniqueConstraint("member_id", "topic", "key", "effective_on", "recorded_at"),
        CheckConstraint("value IS NULL OR withdraws IS NULL", name="withdraws"),
        Index("ix_member_entry_announced", "effective_on", "member_id", postgresql_where=text("announced")),
        Index("ix_member_entry_mandate", "key", "member_id", postgresql_where=text("topic = 'mandate'")),
        Index("ix_member_entry_contact", "key", "member_id", postgresql_where=text("topic = 'contact'")),
        Index("uq_member_entry_withdraws", "withdraws", unique=True, postgresql_where=text("withdraws IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    topic: str
    key: str
    effective_on: date
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    value: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    withdraws: UUID | None
    announced: bool
    reason: str | None
    source: str | None


class PeriodRow(Base, table=True):
    """A structure as it was from a day until another, as was known from an instant until another.

    What the entries say, drawn once for whoever asks for the register of a day. The days are both included, the second
    instant is not; ``infinity`` where nothing ends it.
    """

    __tablename__ = "member_period"
    __table_args__ = (
        CheckConstraint("first_day <= last_day AND known_from < known_until", name="bounds"),
        Index("ix_member_period_name", "name", "member_id"),
        Index("ix_member_period_status_name", "status", "name", "member_id"),
        Index("ix_member_period_activities", text("(held['activity'])"), postgresql_using="gin"),
        Index(
            "ix_member_period_normalized_name",
            "normalized_name",
            postgresql_using="gin",
            postgresql_ops={"normalized_name": "gin_trgm_ops"},
        ),
    )

    member_id: UUID = Field(primary_key=True, foreign_key="member.id")
    first_day: date = Field(primary_key=True)
    known_from: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    last_day: date
    known_until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    name: str
    normalized_name: str
    status: str
    category: str
    delegation: str | None
    department: str | None
    joined_on: date | None
    left_on: date | None
    held: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


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
    paid: str = Field("0.00", sa_column=Column(String, nullable=False, server_default="0.00"))
    credited: str = Field("0.00", sa_column=Column(String, nullable=False, server_default="0.00"))


class DuesStanding(Base, table=True):
    """Where a structure stands with the dues of a year as the service dues tells it: our copy."""

    __tablename__ = "dues_standing"
    __table_args__ = (
        Index("ix_dues_standing_member", "member_id", "year"),
        Index("ix_dues_standing_year", "year", "standing", "member_id"),
    )

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    member_id: UUID
    year: int
    standing: str
    since: date
    until: date | None
