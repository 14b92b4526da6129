"""Tables of the calls for dues."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from dues.base import Base

_PAPER = "explanation IS NOT NULL AND document IS NOT NULL OR terms_id IS NOT NULL AND particulars IS NOT NULL"
"""A call is written, or has all that it is written from."""


class TermsRow(Base, table=True):
    """What calls that were issued together have in common, as it was that day."""

    __tablename__ = "invoice_terms"

    id: UUID = Field(primary_key=True)
    terms: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class InvoiceRow(Base, table=True):
    """One call for dues: issued once, never changed but for what became of it.

    Its paper is written when it is printed, from the terms of its issue and its ``particulars``: ``explanation`` tells
    how it was computed, ``document`` is what is printed, word for word, ``einvoice`` what its XML says, term for term.
    A call whose e-invoice would break rules has none, and ``einvoice_defects`` names them; one of before has neither.
    ``paid`` and ``credited`` are sums of what other capabilities keep line by line; ``status`` follows from them.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        # What ends double billing: one call of a kind per member and campaign, whatever runs twice. One that was voided
        # makes room for the next; complements follow each other by their rank.
        Index(
            "uq_invoice_campaign_member_kind",
            "campaign_id",
            "member_id",
            "kind",
            "rank",
            unique=True,
            postgresql_where=text("voided_on IS NULL"),
        ),
        CheckConstraint("kind = 'call' AND rank = 0 OR kind = 'complement' AND rank > 0", name="kind"),
        CheckConstraint("status IN ('issued', 'partly_paid', 'paid', 'credited', 'voided')", name="status"),
        CheckConstraint("fixed + variable = total", name="total"),
        CheckConstraint("(status = 'voided') = (voided_on IS NOT NULL)", name="voided"),
        CheckConstraint(_PAPER, name="paper"),
        CheckConstraint("paid >= 0 AND credited >= 0 AND paid + credited <= total", name="balance"),
        Index("ix_invoice_issued", "issued_on", "number"),
        Index("ix_invoice_member", "member_id", "year"),
        Index("ix_invoice_delegation", "delegation", "number"),
        Index("ix_invoice_owed", "due_on", "number", postgresql_where=text("paid + credited < total")),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    campaign_id: UUID = Field(foreign_key="campaign.id")
    member_id: UUID
    kind: str
    rank: int = 0
    year: int
    status: str
    member_name: str
    delegation: str
    activity: str
    fixed: Decimal = Field(sa_type=Numeric(12, 2))
    variable: Decimal = Field(sa_type=Numeric(12, 2))
    total: Decimal = Field(sa_type=Numeric(12, 2))
    issued_on: date
    due_on: date
    explanation: list[dict[str, Any]] | None = Field(None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
    terms_id: UUID | None = Field(None, foreign_key="invoice_terms.id")
    particulars: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
    document: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
    einvoice: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
    einvoice_defects: list[dict[str, str]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )
    pdf_sha256: str | None
    paid: Decimal = Field(Decimal("0.00"), sa_type=Numeric(12, 2))
    credited: Decimal = Field(Decimal("0.00"), sa_type=Numeric(12, 2))
    voided_on: date | None = None


class ShareRow(Base, table=True):
    """One beneficiary's part of one call."""

    __tablename__ = "invoice_share"

    invoice_id: UUID = Field(primary_key=True, foreign_key="invoice.id")
    beneficiary: str = Field(primary_key=True)
    percent: Decimal = Field(sa_type=Numeric(5, 2))
    amount: Decimal = Field(sa_type=Numeric(12, 2))
