"""Table of the parts of the money that came in."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlmodel import Field

from dues.base import Base


class CashPartRow(Base, table=True):
    """One beneficiary's part of one movement of money, negative where it was taken back; never changed.

    ``day`` is that of the act and not of the money: no balance of a past day changes. ``delegation`` is the beneficiary
    where it is one. The names are those of the call.
    """

    __tablename__ = "cash_part"
    __table_args__ = (
        UniqueConstraint("movement_id", "beneficiary"),
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_cash_part_day", "day", "id"),
        Index("ix_cash_part_beneficiary", "beneficiary", "day", "id"),
        Index("ix_cash_part_invoice", "invoice_id"),
    )

    id: UUID = Field(primary_key=True)
    movement_id: UUID = Field(foreign_key="receipt_movement.id")
    beneficiary: str
    delegation: str | None
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    day: date
    piece: str
    invoice_id: UUID = Field(foreign_key="invoice.id")
    invoice_number: str
    year: int
    member_name: str
