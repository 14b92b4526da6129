"""Tables of solidarity requests: each request, its calls, what was done with it step by step, its documents."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from common.tables import KeptFileColumns
from dues.base import Base


def _json() -> Any:
    return Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))


class ReliefRow(Base, table=True):
    """One request. What was asked never changes; ``letter`` is what is printed of the decision, word for word."""

    __tablename__ = "relief"
    __table_args__ = (
        CheckConstraint("asks IN ('reduction', 'plan')", name="asks"),
        CheckConstraint(
            "status IN ('submitted', 'advised', 'granted', 'granted_in_part', 'granted_as_plan', 'refused',"
            " 'withdrawn', 'revoked')",
            name="status",
        ),
        CheckConstraint("opinion IN ('favourable', 'reserved', 'unfavourable')", name="opinion"),
        CheckConstraint("amount > 0 AND (asks = 'reduction' OR amount IS NULL)", name="amount"),
        CheckConstraint(
            "(status IN ('granted', 'granted_in_part', 'revoked')) = (granted IS NOT NULL)"
            " AND (granted IS NULL) = (receipt_id IS NULL) AND granted > 0",
            name="granted",
        ),
        CheckConstraint("(status = 'granted_as_plan') = (plan_id IS NOT NULL)", name="plan"),
        CheckConstraint(
            "(status IN ('submitted', 'advised', 'withdrawn')) = (sitting_on IS NULL)"
            " AND (sitting_on IS NOT NULL OR letter IS NULL) AND (letter IS NULL) = (letter_on IS NULL)",
            name="decided",
        ),
        # A member has one request under study at a time, whatever is asked at once.
        Index(
            "uq_relief_under_study",
            "member_id",
            unique=True,
            postgresql_where=text("status IN ('submitted', 'advised')"),
        ),
        Index("ix_relief_submitted", "submitted_on", "id"),
        Index("ix_relief_member", "member_id"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    member_id: UUID
    asks: str
    amount: Decimal | None = Field(sa_type=Numeric(12, 2))
    wish: dict[str, Any] | None = _json()
    reason: str
    submitted_on: date
    advice_by: date | None
    status: str
    opinion: str | None
    granted: Decimal | None = Field(sa_type=Numeric(12, 2))
    receipt_id: UUID | None = Field(foreign_key="receipt.id")
    plan_id: UUID | None = Field(foreign_key="plan.id")
    sitting_on: date | None
    letter: dict[str, Any] | None = _json()
    letter_on: date | None
    version: int


class ReliefCallRow(Base, table=True):
    """One call that a request is about: what was owed of it that day, and what the fund then paid of it."""

    __tablename__ = "relief_call"
    __table_args__ = (
        CheckConstraint("owed > 0", name="owed"),
        CheckConstraint("granted >= 0", name="granted"),
        Index("ix_relief_call_invoice", "invoice_id"),
    )

    relief_id: UUID = Field(primary_key=True, foreign_key="relief.id")
    invoice_id: UUID = Field(primary_key=True, foreign_key="invoice.id")
    owed: Decimal = Field(sa_type=Numeric(12, 2))
    granted: Decimal = Field(sa_type=Numeric(12, 2))


class ReliefStepRow(Base, table=True):
    """One thing done with a request, by whom and why; never changed. ``decided_by`` is the body that decided."""

    __tablename__ = "relief_step"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('submitted', 'advised', 'decided', 'withdrawn', 'revoked', 'revoked_in_part', 'detached')",
            name="kind",
        ),
        CheckConstraint("(kind = 'advised') = (opinion IS NOT NULL)", name="opinion"),
        CheckConstraint("(kind = 'decided') = (decided_by IS NOT NULL)", name="decided_by"),
        Index("ix_relief_step_relief", "relief_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    relief_id: UUID = Field(foreign_key="relief.id")
    kind: str
    day: date
    opinion: str | None
    decided_by: str | None
    text: str
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class ReliefAttachmentRow(KeptFileColumns, Base, table=True):
    """One document of a request, as it was sent."""

    __tablename__ = "relief_attachment"
    __table_args__ = (Index("ix_relief_attachment_relief", "relief_id", "id"),)

    relief_id: UUID = Field(foreign_key="relief.id")
