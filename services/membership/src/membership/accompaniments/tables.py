"""Tables of the catalogue of accompaniments and its slots."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlmodel import Field

from membership.base import Base


class OfferRow(Base, table=True):
    """One accompaniment of a delegation, or of the network where it has none; its words are its editions."""

    __tablename__ = "accompaniment"
    __table_args__ = (
        CheckConstraint("level IN ('first', 'further')", name="level"),
        Index("ix_accompaniment_delegation", "delegation", "kind"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    delegation: str | None
    level: str
    is_open: bool
    edition: int
    version: int


class OfferEditionRow(Base, table=True):
    """What an offer promised from an instant on; never changed."""

    __tablename__ = "accompaniment_edition"
    __table_args__ = (
        CheckConstraint("duration_minutes > 0", name="duration"),
        CheckConstraint("mode IN ('remote', 'on_site', 'either')", name="mode"),
    )

    offer_id: UUID = Field(primary_key=True, foreign_key="accompaniment.id")
    edition: int = Field(primary_key=True)
    title: str
    normalized: str
    description: str
    preparation: str
    duration_minutes: int
    mode: str
    activities: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class SlotRow(Base, table=True):
    """A time at which an offer is held. No adviser holds two at once."""

    __tablename__ = "accompaniment_slot"
    __table_args__ = (
        ForeignKeyConstraint(["offer_id"], ["accompaniment.id"]),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
        CheckConstraint("place IS NOT NULL OR link IS NOT NULL", name="where"),
        CheckConstraint("link ~ '^https://'", name="link"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled"),
        CheckConstraint("cancelled_at IS NULL OR taken = 0", name="cancelled_empty"),
        ExcludeConstraint(
            (text("adviser"), "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            where=text("cancelled_at IS NULL"),
            using="gist",
            name="ex_accompaniment_slot_adviser",
        ),
        Index("ix_accompaniment_slot_offer", "offer_id", "starts_at"),
        Index("ix_accompaniment_slot_starts", "starts_at", "id"),
        Index("ix_accompaniment_slot_series", "series_id", postgresql_where=text("series_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    offer_id: UUID
    starts_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ends_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    zone: str
    capacity: int
    taken: int
    adviser: str
    place: str | None
    link: str | None
    book_until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    cancel_until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    series_id: UUID | None
    moved_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    cancelled_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    cancel_reason: str | None
    recorded_by: str
    version: int
