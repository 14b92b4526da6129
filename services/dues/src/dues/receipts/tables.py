"""Tables of the receipts: the money that came in, where it went line by line, and what else was done with it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, text
from sqlmodel import Field

from dues.base import Base


class ReceiptRow(Base, table=True):
    """One sum of money. What was entered never changes; ``allocated`` and ``refunded`` are sums of its lines.

    ``status`` follows from them. ``member_name`` and ``delegation`` are those of the day it was said whose it is.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        CheckConstraint("method IN ('transfer', 'cheque', 'debit', 'cash', 'other', 'fund')", name="method"),
        CheckConstraint("status IN ('open', 'allocated', 'refunded', 'returned', 'cancelled')", name="status"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("allocated >= 0 AND refunded >= 0 AND allocated + refunded <= amount", name="rest"),
        CheckConstraint("(member_id IS NULL) = (member_name IS NULL)", name="member"),
        CheckConstraint("member_id IS NOT NULL OR allocated = 0", name="attributed"),
        CheckConstraint("(returned_on IS NULL) = (return_reason IS NULL)", name="returned"),
        CheckConstraint("(returned_on IS NULL AND cancelled_on IS NULL) OR allocated = 0", name="ended"),
        # One line of the bank is entered once; entered by error and cancelled, it may be entered again.
        Index(
            "ux_receipt_bank_reference",
            "entity",
            "bank_reference",
            unique=True,
            postgresql_where=text("bank_reference IS NOT NULL AND cancelled_on IS NULL"),
        ),
        Index("ix_receipt_received", "received_on", "id"),
        Index("ix_receipt_member", "member_id", "number"),
        Index("ix_receipt_delegation", "delegation", "number"),
        Index("ix_receipt_open", "number", postgresql_where=text("status = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    entity: str
    method: str
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    received_on: date
    member_id: UUID | None
    member_name: str | None
    delegation: str | None
    payer_reference: str | None
    bank_reference: str | None
    cheque_number: str | None
    cheque_bank: str | None
    deposited_on: date | None
    note: str | None
    allocated: Decimal = Field(sa_type=Numeric(12, 2))
    refunded: Decimal = Field(sa_type=Numeric(12, 2))
    returned_on: date | None
    return_reason: str | None
    cancelled_on: date | None
    status: str
    version: int
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class MovementRow(Base, table=True):
    """Money put on a call, or taken back from it where negative; never changed.

    ``day`` is the day of the money, ``recorded_on`` that of the act. ``paid_after`` is what was then paid of the call.
    """

    __tablename__ = "receipt_movement"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("amount > 0 OR reason IS NOT NULL", name="reason"),
        Index("ix_receipt_movement_receipt", "receipt_id"),
        Index("ix_receipt_movement_invoice", "invoice_id"),
        Index("ix_receipt_movement_recorded", "recorded_on"),
    )

    id: UUID = Field(primary_key=True)
    receipt_id: UUID = Field(foreign_key="receipt.id")
    invoice_id: UUID = Field(foreign_key="invoice.id")
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    paid_after: Decimal = Field(sa_type=Numeric(12, 2))
    day: date
    reason: str | None
    recorded_on: date
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class ActRow(Base, table=True):
    """Something else done with money: said whose it is, deposited, given back, come back, cancelled; never changed."""

    __tablename__ = "receipt_act"
    __table_args__ = (
        CheckConstraint("kind IN ('attributed', 'deposited', 'refunded', 'returned', 'cancelled')", name="kind"),
        CheckConstraint("(kind = 'refunded') = (amount IS NOT NULL)", name="amount"),
        CheckConstraint("(kind = 'attributed') = (member_id IS NOT NULL)", name="member"),
        Index("ix_receipt_act_receipt", "receipt_id"),
    )

    id: UUID = Field(primary_key=True)
    receipt_id: UUID = Field(foreign_key="receipt.id")
    kind: str
    day: date
    amount: Decimal | None = Field(sa_type=Numeric(12, 2))
    member_id: UUID | None
    reference: str | None
    reason: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
