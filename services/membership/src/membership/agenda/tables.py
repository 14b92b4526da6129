"""Tables of the agenda: its dates, and the secret addresses at which calendars read them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from common.tables import SecretAddressColumns
from membership.base import Base


class AgendaEntryRow(Base, table=True):
    """One date, as its source says it; its identifier is the source's own.

    ``first_day`` and ``last_day`` are those of the place, written with the rest: the database may not know its zone.
    """

    __tablename__ = "agenda_entry"
    __table_args__ = (
        CheckConstraint("audience IN ('public', 'members', 'participants', 'board', 'structure')", name="audience"),
        CheckConstraint("status IN ('tentative', 'confirmed', 'cancelled')", name="status"),
        CheckConstraint("mode IN ('on_site', 'remote', 'mixed')", name="mode"),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("NOT all_day OR ends_at IS NOT NULL", name="whole_days"),
        CheckConstraint("url ~ '^https://'", name="url"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("sequence >= 0", name="sequence"),
        Index("ix_agenda_entry_starts", "starts_at", "id"),
        Index("ix_agenda_entry_last_day", "last_day"),
        Index("ix_agenda_entry_public", "starts_at", "id", postgresql_where=text("audience = 'public'")),
        Index("ix_agenda_entry_participants", "participants", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    source: str
    kind: str
    title: str
    description: str | None
    normalized: str
    starts_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ends_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    zone: str
    all_day: bool
    first_day: date
    last_day: date
    audience: str
    delegation: str | None
    mode: str | None
    place: str | None
    url: str | None
    status: str
    cancelled_reason: str | None
    participants: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    listed: bool
    sequence: int
    heard: int | None = Field(sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    cancelled_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))


class AgendaFeedRow(SecretAddressColumns, Base, table=True):
    """A secret address, with the rights of who asked for it."""

    __tablename__ = "agenda_feed"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        Index("ix_agenda_feed_subject", "subject", "id"),
    )

    subject: str
    label: str
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    member_id: UUID | None
    delegation: str | None
