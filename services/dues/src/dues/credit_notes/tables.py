"""Table of credit notes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from dues.base import Base


class CreditRow(Base, table=True):
    """One credit note. A draft has a provisional reference and changes; once issued it has a number and never does.

    ``document`` is what is printed, word for word; ``einvoice`` what its file says. One of a call without an e-invoice
    has none; nor one whose e-invoice would break rules, and ``einvoice_defects`` names them.
    """

    __tablename__ = "credit"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'issued')", name="status"),
        CheckConstraint("reason IN ('corrected', 'called_twice', 'mistake', 'solidarity')", name="reason"),
        CheckConstraint("fixed >= 0 AND variable >= 0 AND fixed + variable = total AND total > 0", name="total"),
        CheckConstraint(
            "(status = 'issued') = (issued_on IS NOT NULL AND issued_by IS NOT NULL AND document IS NOT NULL)",
            name="issued",
        ),
        Index("ix_credit_invoice", "invoice_id"),
        Index("ix_credit_issued", "issued_on", "reference"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    invoice_id: UUID = Field(foreign_key="invoice.id")
    status: str
    fixed: Decimal = Field(sa_type=Numeric(12, 2))
    variable: Decimal = Field(sa_type=Numeric(12, 2))
    total: Decimal = Field(sa_type=Numeric(12, 2))
    reason: str
    note: str
    voids: bool
    drafted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    drafted_by: str
    issued_on: date | None
    issued_by: str | None
    document: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    einvoice: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
    einvoice_defects: list[dict[str, str]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )
    pdf_sha256: str | None
    version: int
