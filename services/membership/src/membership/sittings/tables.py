"""Tables of the board's sittings."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class SittingRow(Base, table=True):
    """One sitting."""

    __tablename__ = "sitting"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'closed', 'cancelled')", name="status"),
        CheckConstraint("(status = 'cancelled') = (cancelled_reason IS NOT NULL)", name="cancelled"),
        CheckConstraint("present + represented <= in_office", name="attendance"),
        Index("ix_sitting_held_on", "held_on", "id"),
        Index(
            "uq_sitting_minutes_reference",
            "minutes_reference",
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    held_on: date
    in_office: int
    present: int
    represented: int
    in_office_reason: str | None
    minutes_reference: str
    status: str
    takes_over: bool
    attendees: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    agenda: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    minutes: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    cancelled_reason: str | None
    cancelled_on: date | None
    fallen_votes: int | None
    version: int


class DecisionRow(Base, table=True):
    """One vote of a sitting on one matter: an application, or a measure."""

    __tablename__ = "sitting_decision"
    __table_args__ = (
        CheckConstraint("outcome IN ('admitted', 'pronounced', 'refused', 'adjourned')", name="outcome"),
        CheckConstraint("kind IN ('application', 'suspension', 'reinstatement', 'exclusion')", name="kind"),
    )

    sitting_id: UUID = Field(primary_key=True, foreign_key="sitting.id")
    matter_id: UUID = Field(primary_key=True)
    kind: str
    outcome: str
    votes_for: int
    votes_against: int
    abstentions: int
    effective_on: date
    reservations: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
