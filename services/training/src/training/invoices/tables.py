"""Tables of the invoices, of their credit notes and of what was paid of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from training.base import Base


class InvoiceRow(Base, table=True):
    """An invoice: ``document`` is what is printed, word for word, ``einvoice`` what its XML says, term for term.

    ``member_id``: the structure that it is for; ``payer_name`` is empty of a person. ``paid`` and ``credited`` are the
    sums of what is kept line by line.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("payer_kind IN ('buyer', 'opco', 'other')", name="payer_kind"),
        CheckConstraint("total > 0 AND paid >= 0 AND credited >= 0 AND paid + credited <= total", name="balance"),
        CheckConstraint("due_on >= issued_on", name="due"),
        Index("ix_invoice_issued", "issued_on", "id"),
        Index("ix_invoice_member", "member_id", "issued_on"),
        Index("ix_invoice_session", "session_id", "number"),
        Index("ix_invoice_billing", "billing_id", "number"),
        Index("ix_invoice_share", "share_id"),
        Index("ix_invoice_owed", "due_on", "number", postgresql_where=text("paid + credited < total")),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    billing_id: UUID = Field(foreign_key="billing.id")
    share_id: UUID = Field(foreign_key="billing_share.id")
    session_id: UUID = Field(foreign_key="session.id")
    member_id: UUID | None = Field(foreign_key="member.id")
    individual: bool
    payer_kind: str
    payer_name: str
    payer_siren: str | None
    total: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    paid: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    credited: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    issued_on: date
    due_on: date
    issued_by: str
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    einvoice: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    einvoice_defects: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    pdf_sha256: str | None


class CreditNoteRow(Base, table=True):
    """What takes an invoice back, in whole or in part."""

    __tablename__ = "credit_note"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "reason IN ('seat_given_back', 'session_cancelled', 'funding_changed', 'mistake', 'gesture')",
            name="reason",
        ),
        Index("ix_credit_note_invoice", "invoice_id", "number"),
        Index("ix_credit_note_issued", "issued_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    invoice_id: UUID = Field(foreign_key="invoice.id")
    amount: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    reason: str
    note: str
    issued_on: date
    issued_by: str
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    einvoice: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    pdf_sha256: str | None


class SettlementRow(Base, table=True):
    """Money received for an invoice, or taken back: a trigger refuses that it be changed or deleted."""

    __tablename__ = "invoice_settlement"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_invoice_settlement_invoice", "invoice_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    invoice_id: UUID = Field(foreign_key="invoice.id")
    amount: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    paid_on: date
    reference: str
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
