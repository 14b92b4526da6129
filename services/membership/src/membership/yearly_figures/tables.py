"""Tables of the key figures: what the other services last told of what is counted, and the published editions."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class EnrolmentCopy(Base, table=True):
    """A place taken at a training session, as training last told it."""

    __tablename__ = "training_enrolment"
    __table_args__ = (Index("ix_training_enrolment_completed", "completed_on"),)

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    session_id: UUID
    action_code: str
    member_id: UUID | None
    delegation: str | None
    status: str
    confirmed_on: date
    completed_on: date | None
    hours: Decimal | None = Field(sa_type=Numeric)


class LegalQuestionCopy(Base, table=True):
    """That the legal desk was asked, as it last told: never by whom."""

    __tablename__ = "legal_question"
    __table_args__ = (Index("ix_legal_question_asked", "asked_on"),)

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    theme_code: str
    delegation: str | None
    status: str
    asked_on: date
    answered_on: date | None


class PoleCopy(Base, table=True):
    """A pole (PTCE), as ptce last told it."""

    __tablename__ = "ptce_pole"

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    member_id: UUID | None
    delegation: str | None
    status: str
    registered_on: date
    ended_on: date | None


class DeliveryCopy(Base, table=True):
    """A service delivered to a pole, as ptce last told it."""

    __tablename__ = "ptce_delivery"
    __table_args__ = (Index("ix_ptce_delivery_delivered", "delivered_on"),)

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    pole_id: UUID
    service_code: str
    delegation: str | None
    status: str
    delivered_on: date
    days: Decimal = Field(sa_type=Numeric)


class GuaranteeCopy(Base, table=True):
    """A guarantee for one period, as fg2i last told it."""

    __tablename__ = "fg2i_guarantee"

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    member_id: UUID
    amount: Decimal = Field(sa_type=Numeric)
    starts_on: date
    ends_on: date
    ended_on: date | None
    called_on: date | None


class YearlyEditionRow(Base, table=True):
    """One edition of a year's figures: its definitions and its values, never written again."""

    __tablename__ = "yearly_edition"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("number = 1 OR reason IS NOT NULL", name="reason"),
    )

    id: UUID = Field(primary_key=True)
    year: int
    number: int
    definitions: str
    reason: str | None
    published_on: date
    published_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    published_by: str
    figures: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
