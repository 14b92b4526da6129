"""Tables of the seats: the pool of a session, requests, seats asked for, offers, and the log that proves the order."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from training.base import Base


class PoolRow(Base, table=True):
    """The seats of a session, counted. Every act on them holds this row first."""

    __tablename__ = "seat_pool"
    __table_args__ = (
        CheckConstraint("0 <= taken AND taken <= capacity", name="taken"),
        CheckConstraint("waiting >= 0", name="waiting"),
        CheckConstraint("policy IN ('strict', 'fill', 'one_each_first')", name="policy"),
    )

    session_id: UUID = Field(primary_key=True, foreign_key="session.id")
    capacity: int
    taken: int
    waiting: int
    policy: str
    places: int
    events: int
    closed: bool
    version: int


class RequestRow(Base, table=True):
    """Seats asked for by a buyer, at the price of a quote."""

    __tablename__ = "enrolment_request"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seats"),
        Index("uq_enrolment_request_place", "session_id", "place", unique=True),
        Index("uq_enrolment_request_reseats", "reseats", "session_id", unique=True),
        Index("ix_enrolment_request_member", "member_id", "id"),
        Index("ix_enrolment_request_asked", "asked_at", "id"),
        Index("ix_enrolment_request_quote", "quote_id"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    session_id: UUID = Field(foreign_key="seat_pool.session_id")
    quote_id: UUID = Field(foreign_key="quote.id")
    programme_code: str
    buyer: str
    buyer_name: str
    individual: bool
    member_id: UUID | None = Field(foreign_key="member.id")
    seats: int
    together: bool
    place: int
    unit_price: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    names_by: date | None
    contact_email: str | None
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    asked_by: str
    reseats: UUID | None = Field(foreign_key="enrolment_request.id")
    version: int


class OfferRow(Base, table=True):
    """Seats held for a request until an instant; every end is final."""

    __tablename__ = "seat_offer"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("seats > 0", name="seats"),
        Index("ix_seat_offer_expires", "expires_at", "id", postgresql_where=text("status = 'open'")),
        Index("ix_seat_offer_request", "request_id", "id"),
        Index("ix_seat_offer_session", "session_id", "opened_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="seat_pool.session_id")
    request_id: UUID = Field(foreign_key="enrolment_request.id")
    seats: int
    status: str
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    closed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    closed_by: str | None
    version: int


class EnrolmentRow(Base, table=True):
    """One seat asked for: waited for, offered, taken, or given back. One person has one of a session."""

    __tablename__ = "enrolment"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'offered', 'confirmed', 'cancelled')", name="status"),
        CheckConstraint("status <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("(cancelled_at IS NULL) = (reason IS NULL)", name="reason"),
        Index(
            "uq_enrolment_trainee",
            "session_id",
            "trainee_id",
            unique=True,
            postgresql_where=text("status <> 'cancelled' AND trainee_id IS NOT NULL"),
        ),
        Index("ix_enrolment_session", "session_id", "status", "id"),
        Index("ix_enrolment_request", "request_id", "rank"),
        Index("ix_enrolment_member", "member_id", "id"),
        Index("ix_enrolment_trainee", "trainee_id", "id"),
        Index("ix_enrolment_programme", "programme_code", "id"),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="enrolment_request.id")
    session_id: UUID = Field(foreign_key="seat_pool.session_id")
    rank: int
    programme_code: str
    member_id: UUID | None = Field(foreign_key="member.id")
    status: str
    trainee_id: UUID | None = Field(foreign_key="trainee.id")
    offer_id: UUID | None = Field(foreign_key="seat_offer.id")
    confirmed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    cancelled_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    cancelled_by: str | None
    reason: str | None
    due: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    version: int


class OccupantRow(Base, table=True):
    """Who a seat was given to, each time: a trigger refuses that it be changed or deleted. Identifiers only."""

    __tablename__ = "enrolment_occupant"

    enrolment_id: UUID = Field(primary_key=True, foreign_key="enrolment.id")
    number: int = Field(primary_key=True)
    trainee_id: UUID = Field(foreign_key="trainee.id")
    given_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given_by: str


class SeatEventRow(Base, table=True):
    """A line of the log of a session's seats: a trigger refuses that it be changed or deleted."""

    __tablename__ = "seat_event"

    session_id: UUID = Field(primary_key=True, foreign_key="seat_pool.session_id")
    number: int = Field(primary_key=True)
    act: int
    kind: str
    seats: int
    given: int
    together: bool
    request_id: UUID | None
    buyer: str | None
    policy: str | None
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    by: str
