"""API shapes of credit notes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Money, Schema, Text
from dues.credit_notes.domain import CreditReason, CreditStatus

_Amount = Annotated[Money, Field(ge=Decimal(0))]


class CreditWhy(Schema):
    """Pourquoi un appel est repris, en tout ou partie."""

    reason: CreditReason
    note: Text = Field(description="Ce que la structure lira", examples=["Base 2025 corrigée par sa déclaration."])


class CreditIn(CreditWhy):
    """Un avoir à préparer ; sans montant, tout ce qui reste de l'appel."""

    invoice_id: UUID
    fixed: _Amount | None = Field(None, description="Ce qui est annulé de la part fixe")
    variable: _Amount | None = Field(None, description="Ce qui est annulé de la part variable")


class CreditChange(CreditWhy):
    """Un brouillon tel qu'il doit être."""

    fixed: _Amount
    variable: _Amount


class CreditOut(Schema):
    """Un avoir."""

    id: UUID
    reference: str = Field(description="Provisoire tant qu'il est brouillon", examples=["AVO-2026-00007"])
    status: CreditStatus
    status_label: str
    invoice_id: UUID
    invoice_number: str
    member_id: UUID
    member_name: str
    delegation: str
    year: int
    fixed: Money
    variable: Money
    total: Money
    reason: CreditReason
    reason_label: str
    note: str
    voids: bool = Field(description="L'appel est annulé en entier, et peut être appelé de nouveau")
    drafted_at: datetime
    issued_on: date | None
    pdf_ready: bool
    einvoice: bool = Field(description="Faux : sans facture électronique, comme l'appel qu'il reprend")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class CreditFilters(Schema):
    """Which credit notes: the same filters on list and export."""

    status: list[CreditStatus] = Field(default_factory=list, max_length=20, description="États")
    reason: list[CreditReason] = Field(default_factory=list, max_length=20, description="Motifs")
    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    invoice_id: list[UUID] = Field(default_factory=list, max_length=200, description="Appels de cotisation")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    issued_from: date | None = Field(None, description="À partir de ce jour")
    issued_to: date | None = Field(None, description="Jusqu'à ce jour compris")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le numéro ou le nom")] = None


class CreditListParams(PageParams, CreditFilters):
    """Filters, order and page of the list of credit notes."""


class CreditExportParams(CreditFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
