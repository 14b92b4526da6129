"""Tables of the billings and of their shares by payer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from training.base import Base


class BillingRow(Base, table=True):
    """What one request is sold for: one a request. Every act on its shares and invoices holds this row first."""

    __tablename__ = "billing"
    __table_args__ = (
        CheckConstraint("total >= 0 AND seats >= 0", name="amounts"),
        CheckConstraint("NOT individual OR member_id IS NULL", name="buyer"),
        Index("uq_billing_request", "request_id", unique=True),
        Index("ix_billing_member", "member_id", "id"),
        Index("ix_billing_session", "session_id", "id"),
        Index("ix_billing_opened", "opened_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="enrolment_request.id")
    quote_id: UUID = Field(foreign_key="quote.id")
    session_id: UUID = Field(foreign_key="session.id")
    member_id: UUID | None = Field(foreign_key="member.id")
    individual: bool
    reference: str
    title: str
    buyer_name: str
    seats: int
    total: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    opened_by: str
    version: int


class BillingShareRow(Base, table=True):
    """What one payer pays of a billing: rank 1 is the buyer, who pays what the others do not."""

    __tablename__ = "billing_share"
    __table_args__ = (
        CheckConstraint("kind IN ('buyer', 'opco', 'other')", name="kind"),
        CheckConstraint("(kind = 'buyer') = (rank = 1)", name="buyer"),
        CheckConstraint("(kind = 'buyer') = (funder IS NULL)", name="funder"),
        CheckConstraint("status IN ('asked', 'agreed', 'refused')", name="status"),
        CheckConstraint("0 <= invoiced AND invoiced <= amount", name="invoiced"),
        CheckConstraint("status <> 'refused' OR amount = 0", name="refused"),
        CheckConstraint(
            "status <> 'agreed' OR kind = 'buyer' OR (file_reference IS NOT NULL AND agreed_on IS NOT NULL)",
            name="agreed",
        ),
        Index("uq_billing_share_rank", "billing_id", "rank", unique=True),
        Index("ix_billing_share_left", "billing_id", postgresql_where=text("invoiced < amount")),
    )

    id: UUID = Field(primary_key=True)
    billing_id: UUID = Field(foreign_key="billing.id")
    rank: int
    kind: str
    status: str
    amount: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    invoiced: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    funder: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    file_reference: str | None
    agreed_on: date | None
