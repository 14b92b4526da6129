"""Tables of general assemblies."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class AssemblyRow(Base, table=True):
    """One assembly, its agenda, and from its opening on the rule it follows."""

    __tablename__ = "assembly"
    __table_args__ = (
        CheckConstraint("kind IN ('ordinary', 'extraordinary')", name="kind"),
        CheckConstraint("status IN ('prepared', 'convened', 'open', 'closed', 'cancelled')", name="status"),
        CheckConstraint("status = 'cancelled' OR (status = 'prepared') = (convened_on IS NULL)", name="convened"),
        CheckConstraint("(status = 'cancelled') = (cancelled IS NOT NULL)", name="cancelled"),
        CheckConstraint("(status IN ('open', 'closed')) = (rule IS NOT NULL)", name="opened"),
        CheckConstraint("(rule IS NULL) = (roll_id IS NULL)", name="roll"),
        CheckConstraint("(status = 'closed') = (minutes IS NOT NULL)", name="closed"),
        CheckConstraint("(rule IS NULL) = (opened_at IS NULL)", name="opened_at"),
        Index("ix_assembly_held_on", "held_on", "id"),
        Index("uq_assembly_second_of", "second_of", unique=True, postgresql_where=text("status <> 'cancelled'")),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    title: str
    held_on: date
    place: str
    status: str
    second_of: UUID | None = Field(foreign_key="assembly.id")
    agenda: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    convened_on: date | None
    convened_by: str | None
    roll_day: date | None
    roll_id: UUID | None = Field(foreign_key="electoral_roll.id")
    rule: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    waiver: str | None
    opened_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    quorum_failed: bool
    cancelled: str | None
    minutes: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    version: int


class AttendingRow(Base, table=True):
    """One stay of a structure in the room. A name taken at the desk is kept for the minutes only."""

    __tablename__ = "assembly_attending"
    __table_args__ = (
        CheckConstraint("(contact_id IS NULL) <> (name IS NULL)", name="person"),
        CheckConstraint("arrived_at <= left_at", name="stay"),
        Index(
            "uq_assembly_attending_there",
            "assembly_id",
            "member_id",
            unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
        Index("ix_assembly_attending_assembly", "assembly_id", "arrived_at"),
        Index("ix_assembly_attending_contact", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    assembly_id: UUID = Field(foreign_key="assembly.id")
    member_id: UUID = Field(foreign_key="member.id")
    contact_id: UUID | None = Field(foreign_key="contact.id")
    name: str | None
    arrived_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    left_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))


class ProxyRow(Base, table=True):
    """What one structure entrusts to another; revoked, it stays to be read."""

    __tablename__ = "assembly_proxy"
    __table_args__ = (
        CheckConstraint("giver_id <> holder_id", name="another"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_reason IS NULL OR revoked_at IS NOT NULL)",
            name="revoked",
        ),
        Index(
            "uq_assembly_proxy_giver",
            "assembly_id",
            "giver_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    assembly_id: UUID = Field(foreign_key="assembly.id")
    giver_id: UUID = Field(foreign_key="member.id")
    holder_id: UUID = Field(foreign_key="member.id")
    given_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given_by: str
    revoked_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    revoked_by: str | None
    revoked_reason: str | None


class CandidacyRow(Base, table=True):
    """A structure that stands for the seats of one election of an assembly, with its person; withdrawn, it stays."""

    __tablename__ = "assembly_candidacy"
    __table_args__ = (
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_reason IS NULL OR withdrawn_at IS NOT NULL)",
            name="withdrawn",
        ),
        Index(
            "uq_assembly_candidacy",
            "assembly_id",
            "member_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_assembly_candidacy_assembly", "assembly_id"),
        Index("ix_assembly_candidacy_contact", "contact_id"),
    )

    id: UUID = Field(primary_key=True)
    assembly_id: UUID = Field(foreign_key="assembly.id")
    item_id: UUID
    member_id: UUID = Field(foreign_key="member.id")
    contact_id: UUID = Field(foreign_key="contact.id")
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    received_by: str
    withdrawn_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    withdrawn_by: str | None
    withdrawn_reason: str | None


class ResultRow(Base, table=True):
    """What became of one point of the agenda, with the room it was voted in; replaced, it stays to be read."""

    __tablename__ = "assembly_result"
    __table_args__ = (
        CheckConstraint(
            "(replaced_at IS NULL) = (replaced_by IS NULL) AND (replaced_at IS NULL) = (replaced_reason IS NULL)",
            name="replaced",
        ),
        Index(
            "uq_assembly_result_item",
            "assembly_id",
            "item_id",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    assembly_id: UUID = Field(foreign_key="assembly.id")
    item_id: UUID
    result: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    replaced_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    replaced_by: str | None
    replaced_reason: str | None
