"""Tables of paying on: the beneficiaries' accounts, the batches and their lines, what each did to the balances."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from dues.base import Base


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class PayeeRow(Base, table=True):
    """Who is paid, by the code of the beneficiary. Held by whoever reckons what is left to pay: one at a time."""

    __tablename__ = "payee"

    code: str = Field(primary_key=True)
    delegation: str | None
    version: int


class PayeeAccountRow(Base, table=True):
    """One account as it was entered; but for what a person said of it, never changed."""

    __tablename__ = "payee_account"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'confirmed', 'refused')", name="state"),
        CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled_by"),
        # Four eyes, whatever the code does.
        CheckConstraint("state <> 'confirmed' OR settled_by <> entered_by", name="four_eyes"),
        Index("uq_payee_account_waiting", "payee_code", unique=True, postgresql_where=text("state = 'waiting'")),
    )

    payee_code: str = Field(primary_key=True, foreign_key="payee.code")
    number: int = Field(primary_key=True)
    holder: str
    street: str
    postcode: str
    city: str
    country: str
    iban: str
    bic: str | None
    reason: str
    entered_at: datetime = Field(sa_column=_instant())
    entered_by: str
    state: str
    settled_at: datetime | None = Field(sa_column=_instant(nullable=True))
    settled_by: str | None
    settled_reason: str | None


class BatchRow(Base, table=True):
    """One batch of transfers; none is ever deleted."""

    __tablename__ = "transfer_batch"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint("status IN ('draft', 'approved', 'executed', 'cancelled')", name="status"),
        CheckConstraint("approved_by <> prepared_by", name="four_eyes"),
        CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL) AND (approved_at IS NULL) = (file_sha256 IS NULL)",
            name="approved",
        ),
        CheckConstraint("status NOT IN ('approved', 'executed') OR approved_at IS NOT NULL", name="approval"),
        CheckConstraint(
            "(status = 'executed') = (executed_on IS NOT NULL)"
            " AND (executed_on IS NULL) = (executed_by IS NULL) AND (executed_on IS NULL) = (bank_reference IS NULL)",
            name="executed",
        ),
        CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)"
            " AND (cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancel_reason IS NULL)",
            name="cancelled",
        ),
        Index("ix_transfer_batch_prepared", "prepared_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    reference: str
    up_to: date
    pay_on: date
    status: str
    count: int
    total: Decimal = Field(sa_type=Numeric(12, 2))
    prepared_at: datetime = Field(sa_column=_instant())
    prepared_by: str
    approved_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    approved_by: str | None = None
    file_sha256: str | None = None
    executed_on: date | None = None
    executed_by: str | None = None
    bank_reference: str | None = None
    cancelled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    cancelled_by: str | None = None
    cancel_reason: str | None = None
    version: int


class LineRow(Base, table=True):
    """What one beneficiary is paid by a batch, and what it stood on when the batch was made.

    Its ``reference`` is what the banks carry from end to end. But for its rejection, never changed.
    """

    __tablename__ = "transfer_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "purpose", "payee_code"),
        UniqueConstraint("reference"),
        ForeignKeyConstraint(["payee_code", "account_number"], ["payee_account.payee_code", "payee_account.number"]),
        CheckConstraint("purpose IN ('delegation_share')", name="purpose"),
        CheckConstraint("amount > 0 AND amount <= due - transferred - committed", name="amount"),
        CheckConstraint(
            "(rejected_on IS NULL) = (reject_reason IS NULL) AND (rejected_on IS NULL) = (rejected_by IS NULL)",
            name="rejected",
        ),
        Index("ix_transfer_line_payee", "payee_code", "id"),
    )

    id: UUID = Field(primary_key=True)
    batch_id: UUID = Field(foreign_key="transfer_batch.id")
    reference: str
    purpose: str
    payee_code: str
    delegation: str | None
    account_number: int
    due: Decimal = Field(sa_type=Numeric(12, 2))
    transferred: Decimal = Field(sa_type=Numeric(12, 2))
    committed: Decimal = Field(sa_type=Numeric(12, 2))
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    rejected_on: date | None = None
    rejected_by: str | None = None
    reject_reason: str | None = None


class MovementRow(Base, table=True):
    """What a transfer, or its rejection, did to what is left to pay a beneficiary; never changed.

    ``day`` is that of the act and not the bank's: no balance of a past day changes.
    """

    __tablename__ = "transfer_movement"
    __table_args__ = (
        UniqueConstraint("line_id", "kind"),
        CheckConstraint(
            "kind = 'transfer' AND amount < 0 OR kind = 'rejected' AND amount > 0",
            name="amount",
        ),
        Index("ix_transfer_movement_beneficiary", "beneficiary", "day", "id"),
    )

    id: UUID = Field(primary_key=True)
    line_id: UUID = Field(foreign_key="transfer_line.id")
    kind: str
    beneficiary: str
    delegation: str | None
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    day: date
    piece: str
