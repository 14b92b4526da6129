"""Tables of the quotes and of their acceptance: both are only ever added to."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from training.base import Base


class QuoteRow(Base, table=True):
    """A price held for a buyer, with its steps and its proof: a trigger refuses that it be changed or deleted."""

    __tablename__ = "quote"
    __table_args__ = (
        CheckConstraint("buyer_kind IN ('member', 'organisation', 'individual')", name="buyer_kind"),
        CheckConstraint(
            "CASE buyer_kind WHEN 'member' THEN member_id IS NOT NULL AND organisation IS NULL AND trainee_id IS NULL"
            " WHEN 'organisation' THEN organisation IS NOT NULL AND member_id IS NULL AND trainee_id IS NULL"
            " ELSE trainee_id IS NOT NULL AND organisation IS NULL AND member_id IS NULL END",
            name="buyer",
        ),
        CheckConstraint("seats > 0 AND total >= 0 AND remainder >= 0", name="amounts"),
        Index("ix_quote_member", "member_id", "id"),
        Index("ix_quote_programme", "programme_code", "id"),
        Index("ix_quote_session", "session_id", "id"),
        Index("ix_quote_day", "quoted_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    session_id: UUID | None = Field(foreign_key="session.id")
    programme_code: str = Field(foreign_key="programme.code")
    programme_number: int
    title: str
    buyer_kind: str
    buyer_key: str
    buyer_name: str
    member_id: UUID | None = Field(foreign_key="member.id")
    trainee_id: UUID | None = Field(foreign_key="trainee.id")
    organisation: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    seats: int
    priced: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    total: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    remainder: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    given: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    discount: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    funding: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    proof: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    quoted_on: date
    valid_until: date
    renews: UUID | None = Field(foreign_key="quote.id")
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str


class AcceptanceRow(Base, table=True):
    """Who took a price, and when: once."""

    __tablename__ = "quote_acceptance"

    quote_id: UUID = Field(primary_key=True, foreign_key="quote.id")
    accepted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    accepted_by: str
