"""API shapes of the invoices, of the credit notes and of what was paid."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from training.billings.domain import PayerKind
from training.billings.schemas import AddressBody, Amount
from training.invoices.domain import Audience, CreditReason, InvoiceStatus


class InvoiceIn(Schema):
    """La part à facturer. Aperçu sans rien émettre : `dry_run`."""

    billing_id: UUID
    share_id: UUID
    amount: Amount | None = Field(None, description="Tout ce qui en reste, à défaut")
    address: AddressBody | None = Field(
        None, description="Du payeur, là où elle n'est pas connue : une personne, une structure sans adresse"
    )


class CreditNoteIn(Schema):
    """Ce qui est annulé d'une facture, et pourquoi."""

    amount: Amount | None = Field(None, description="Tout ce qui reste dû, à défaut")
    reason: CreditReason
    note: Text = Field(examples=["Place rendue le 3 mars"])


class SettlementIn(Schema):
    """Un règlement reçu ; négatif, repris."""

    amount: Money = Field(description="Jamais nul", examples=["600.00"])
    paid_on: Day
    reference: Text = Field(description="Ce que dit le relevé", examples=["Virement du 3 mars"])


class InvoiceDefectOut(Schema):
    """Une règle que la facture électronique ne respecterait pas."""

    rule: str = Field(examples=["BR-FR-12"])
    message: str


class SettlementOut(Schema):
    """Un règlement d'une facture."""

    id: UUID
    amount: Money
    paid_on: date
    reference: str
    recorded_at: AwareDatetime


class InvoiceLine(Schema):
    """Une facture, dans la liste."""

    id: UUID
    number: str = Field(examples=["FOR-2026-00001"])
    billing_id: UUID
    share_id: UUID
    session_id: UUID
    member_id: UUID | None = Field(description="La structure qui la paie")
    individual: bool
    payer_kind: PayerKind
    payer_name: str
    payer_siren: str | None
    status: InvoiceStatus
    status_label: str
    total: Money
    paid: Money
    credited: Money
    owed: Money = Field(description="Ce qui reste à régler")
    issued_on: date
    due_on: date
    overdue: bool = Field(description="Échue, et pas réglée en entier")
    pdf_ready: bool
    einvoice: bool = Field(description="Le document porte sa facture électronique (Factur-X, EN 16931)")


class InvoiceOut(InvoiceLine):
    """Une facture, ce qu'elle dit et ce qu'elle est devenue."""

    payment_reference: str = Field(description="À rappeler dans un virement (ISO 11649)", examples=["RF93FOR202600042"])
    lines: list[str] = Field(max_length=10)
    mentions: list[str] = Field(max_length=10)
    registration: str = Field(description="La déclaration d'activité, comme elle est imprimée")
    einvoice_defects: list[InvoiceDefectOut] = Field(description="Pourquoi il n'y a pas de facture électronique")
    paper_only: bool = Field(description="Une personne à ses frais : papier seulement")
    credit_notes: list[str] = Field(description="Les numéros de ses avoirs")
    settlements: list[SettlementOut]
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class NoteOut(Schema):
    """Un avoir."""

    id: UUID
    number: str = Field(examples=["AVF-2026-00001"])
    invoice_id: UUID
    invoice_number: str
    member_id: UUID | None
    payer_name: str
    amount: Money
    reason: CreditReason
    reason_label: str
    note: str
    issued_on: date
    pdf_ready: bool
    einvoice: bool


class InvoiceFilters(Schema):
    """Which invoices: the same filters on list and export."""

    member_id: list[UUID] = Field(default_factory=list, max_length=50, description="La structure qui paie")
    payer: list[PayerKind] = Field(default_factory=list, max_length=3, description="Qui paie")
    payer_siren: list[str] = Field(default_factory=list, max_length=50, description="Le SIREN de qui paie")
    session_id: list[UUID] = Field(default_factory=list, max_length=50, description="La session")
    billing_id: list[UUID] = Field(default_factory=list, max_length=50, description="La facturation")
    status: list[InvoiceStatus] = Field(default_factory=list, max_length=4, description="Où elle en est")
    issued_from: Day | None = Field(None, description="Émises à partir de ce jour")
    issued_to: Day | None = Field(None, description="Émises jusqu'à ce jour compris")
    overdue: bool | None = Field(None, description="Échues, et pas réglées en entier")


class InvoiceListParams(PageParams, InvoiceFilters):
    """Filters, order and page of the invoices."""


class InvoiceExportParams(InvoiceFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class NoteFilters(Schema):
    """Which credit notes: the same filters on list and export."""

    invoice_id: list[UUID] = Field(default_factory=list, max_length=50, description="La facture reprise")
    member_id: list[UUID] = Field(default_factory=list, max_length=50, description="La structure")
    reason: list[CreditReason] = Field(default_factory=list, max_length=5, description="Pourquoi")
    issued_from: Day | None = Field(None, description="Émis à partir de ce jour")
    issued_to: Day | None = Field(None, description="Émis jusqu'à ce jour compris")


class NoteListParams(PageParams, NoteFilters):
    """Filters, order and page of the credit notes."""


class NoteExportParams(NoteFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class InvoiceRuleOut(Schema):
    """Une règle datée d'une facture, et d'où elle vient."""

    audience: Audience
    code: str
    text: str
    since: date
    status: Annotated[str, Field(description="published ou assumed")]
    source: str


class InvoiceRulesOut(Schema):
    """Les règles d'une facture d'aujourd'hui."""

    items: list[InvoiceRuleOut] = Field(max_length=40)
