"""Tables of the sessions, of their half-days, of who teaches each, and of what was done of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlmodel import Field

from training.base import Base

PUBLIC = "status IN ('scheduled', 'confirmed') AND cardinality(reserved_for) = 0"
"""What anybody may find: the condition of the calendar's index, word for word in its queries."""

UNDECIDED = "status = 'scheduled'"
"""What is announced, and neither confirmed nor cancelled: the condition of the index of what is to be decided."""


class SessionRow(Base, table=True):
    """A session. What is below ``costs`` follows from the rest and is worked out when it is saved, for the lists.

    ``sort_day`` is ``first_day``, or the end of time while no day is planned.
    """

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'scheduled', 'confirmed', 'cancelled')", name="status"),
        CheckConstraint("mode IN ('on_site', 'remote', 'mixed')", name="mode"),
        CheckConstraint("seats_min > 0 AND seats_max > 0", name="seats"),
        CheckConstraint("remote_url ~ '^https://'", name="remote_url"),
        CheckConstraint(
            "status = 'draft' OR (coalesce(seats_min <= seats_max, false) AND first_day IS NOT NULL)", name="announced"
        ),
        CheckConstraint("(status = 'draft') = (announced_at IS NULL)", name="announced_at"),
        CheckConstraint("status <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed_at"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("(cancelled_at IS NULL) = (reason_code IS NULL)", name="reason_code"),
        CheckConstraint("(decide_on_set IS NULL) = (decide_reason = '')", name="decide_reason"),
        Index("ix_session_sort_day", "sort_day", "id"),
        Index("ix_session_programme", "programme_code", "sort_day"),
        Index("ix_session_decide_on", "decide_on", "id", postgresql_where=text(UNDECIDED)),
        Index("ix_session_calendar", "first_day", "id", postgresql_where=text(PUBLIC)),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    programme_code: str = Field(foreign_key="programme.code")
    programme_number: int
    title: str
    title_key: str
    theme: str
    hours: Decimal | None = Field(sa_column=Column(Numeric(8, 2), nullable=True))
    access_days: int | None
    delegation: str | None
    zone: str
    seats_min: int | None
    seats_max: int | None
    reserved_for: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    adaptation: str
    adapted_hours: Decimal | None = Field(sa_column=Column(Numeric(8, 2), nullable=True))
    remote_url: str | None
    decide_on_set: date | None
    decide_reason: str
    closes_on_set: date | None
    status: str
    announced_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    confirmed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    cancelled_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    reason_code: str | None
    costs: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    sort_day: date
    first_day: date | None
    last_day: date | None
    ends_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    mode: str | None
    decide_on: date | None
    closes_on: date | None
    room_id: UUID | None = Field(foreign_key="room.id")
    venue: str | None
    city: str | None
    department: str | None
    version: int
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str


class SlotRow(Base, table=True):
    """A half-day of a session. ``held``: its session is announced, and no other has its room meanwhile."""

    __tablename__ = "session_slot"
    __table_args__ = (
        UniqueConstraint("session_id", "day", "half", deferrable=True, initially="DEFERRED"),
        CheckConstraint("half IN ('morning', 'afternoon')", name="half"),
        CheckConstraint("starts_at < ends_at", name="times"),
        ExcludeConstraint(
            (text("room_id"), "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            where=text("held"),
            using="gist",
            name="ex_session_slot_room",
        ),
        Index("ix_session_slot_session", "session_id", "starts_at"),
        Index("ix_session_slot_room", "room_id", "starts_at"),
        Index("ix_session_slot_starts_at", "starts_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="session.id")
    day: date
    half: str
    starts_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ends_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    zone: str
    room_id: UUID | None = Field(foreign_key="room.id")
    remote: bool
    held: bool


class SlotTrainerRow(Base, table=True):
    """Who teaches a half-day, with its hours: no trainer is at two places at once."""

    __tablename__ = "session_slot_trainer"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times"),
        ExcludeConstraint(
            (text("trainer_id"), "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            where=text("held"),
            using="gist",
            name="ex_session_slot_trainer_trainer",
        ),
        Index("ix_session_slot_trainer_trainer", "trainer_id", "starts_at"),
    )

    slot_id: UUID = Field(primary_key=True, foreign_key="session_slot.id")
    trainer_id: UUID = Field(primary_key=True, foreign_key="trainer.id")
    rank: int
    starts_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ends_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    held: bool


class EventRow(Base, table=True):
    """What was done of an announced session, with what it changed; only ever added to."""

    __tablename__ = "session_event"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('announced', 'confirmed', 'moved', 'amended', 'version_adopted', 'cancelled')", name="kind"
        ),
        Index("ix_session_event_session", "session_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="session.id")
    kind: str
    reason: str
    changes: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    happened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    done_by: str
