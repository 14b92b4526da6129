"""Tables of the mutual fund: what goes out of it, its calls, the applications, their instalments and documents."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from common.tables import KeptFileColumns
from dues.base import Base


def _instant(*, optional: bool = False) -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=optional))


class FundMovementRow(Base, table=True):
    """One sum committed, paid, released or given back, for one source; never changed.

    ``day`` is that of the act, so that no past day changes; ``happened_on`` is the bank's day of a payment.
    """

    __tablename__ = "fund_movement"
    __table_args__ = (
        CheckConstraint("kind IN ('committed', 'paid', 'released', 'returned')", name="kind"),
        CheckConstraint("source_kind IN ('award', 'relief')", name="source_kind"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("kind <> 'released' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("(kind IN ('paid', 'returned')) = (happened_on IS NOT NULL)", name="happened_on"),
        Index("ix_fund_movement_day", "day", "id"),
        Index("ix_fund_movement_source", "source_id", "source_kind"),
        # A source is committed once: what it needs more is another source.
        Index(
            "uq_fund_movement_committed",
            "source_kind",
            "source_id",
            unique=True,
            postgresql_where=text("kind = 'committed'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    source_kind: str
    source_id: UUID
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    day: date
    piece: str
    label: str
    delegation: str | None
    happened_on: date | None
    bank_reference: str | None
    reason: str | None
    recorded_at: datetime = _instant()
    recorded_by: str


class FundCallRow(Base, table=True):
    """One call for regional projects; once opened, only its end is written."""

    __tablename__ = "fund_call"
    __table_args__ = (
        CheckConstraint("envelope > 0", name="envelope"),
        CheckConstraint("max_award > 0 AND max_award <= envelope", name="max_award"),
        CheckConstraint("opens_on <= closes_on", name="dates"),
        CheckConstraint("decided_on IS NULL OR opened_on IS NOT NULL", name="decided"),
        Index("ix_fund_call_closes_on", "closes_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    title: str
    text: str
    criteria: str
    year: int
    envelope: Decimal = Field(sa_type=Numeric(12, 2))
    max_award: Decimal | None = Field(sa_type=Numeric(12, 2))
    opens_on: date
    closes_on: date
    opened_on: date | None
    opened_by: str | None
    decided_on: date | None
    created_at: datetime = _instant()
    created_by: str
    version: int


class FundApplicationRow(Base, table=True):
    """One application of a delegation, and what was decided of it; ``letter`` is what is printed, word for word."""

    __tablename__ = "fund_application"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'submitted', 'withdrawn', 'awarded', 'refused')", name="status"),
        CheckConstraint("asked >= 0", name="asked"),
        CheckConstraint("(submitted_on IS NULL) = (reference IS NULL)", name="submitted"),
        CheckConstraint("status IN ('draft', 'withdrawn') OR submitted_on IS NOT NULL", name="waiting"),
        CheckConstraint("(status IN ('awarded', 'refused')) = (sitting_on IS NOT NULL)", name="decided"),
        CheckConstraint("(status = 'awarded') = (awarded IS NOT NULL AND letter IS NOT NULL)", name="awarded"),
        CheckConstraint("awarded > 0 AND awarded <= asked", name="award"),
        Index("ix_fund_application_call", "call_id", "id"),
        Index("ix_fund_application_delegation", "delegation", "created_at"),
        Index("ix_fund_application_created_at", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="fund_call.id")
    delegation: str
    reference: str | None = Field(unique=True)
    status: str
    title: str
    description: str
    asked: Decimal = Field(sa_type=Numeric(12, 2))
    costs: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    funding: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    starts_on: date
    ends_on: date
    submitted_on: date | None
    submitted_by: str | None
    sitting_on: date | None
    awarded: Decimal | None = Field(sa_type=Numeric(12, 2))
    conditions: str
    reason: str
    decided_by: str | None
    letter: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    letter_on: date | None
    report_received_on: date | None
    closed_on: date | None
    created_at: datetime = _instant()
    created_by: str
    version: int


class FundInstalmentRow(Base, table=True):
    """One instalment of an award: as decided, then as paid."""

    __tablename__ = "fund_instalment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("paid > 0 AND paid <= amount", name="paid"),
        CheckConstraint("(paid IS NULL) = (paid_on IS NULL)", name="paid_on"),
    )

    application_id: UUID = Field(primary_key=True, foreign_key="fund_application.id")
    number: int = Field(primary_key=True)
    label: str
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    needs_report: bool
    paid: Decimal | None = Field(sa_type=Numeric(12, 2))
    paid_on: date | None


class FundAttachmentRow(KeptFileColumns, Base, table=True):
    """One document of an application, as it was sent."""

    __tablename__ = "fund_attachment"
    __table_args__ = (
        CheckConstraint("kind IN ('support', 'report')", name="kind"),
        Index("ix_fund_attachment_application", "application_id", "id"),
    )

    application_id: UUID = Field(foreign_key="fund_application.id")
    kind: str
