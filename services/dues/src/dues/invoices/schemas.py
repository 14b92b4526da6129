"""API shapes of the calls for dues."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Money, Schema
from dues.grids.schemas import StepOut
from dues.invoices.domain import InvoiceStatus


class ShareOut(Schema):
    """La part d'un bénéficiaire."""

    beneficiary: str = Field(examples=["delegation-occitanie"])
    percent: Money
    amount: Money


class EInvoiceDefectOut(Schema):
    """Une règle que la facture électronique de l'appel ne respecterait pas."""

    rule: str = Field(examples=["BR-FR-12"])
    message: str


class TotalsOut(Schema):
    """Nombre d'appels et montants, en euros."""

    count: int
    fixed: Money
    variable: Money
    total: Money


class InvoiceOut(Schema):
    """Un appel de cotisation."""

    id: UUID
    number: str = Field(examples=["COT-2026-00042"])
    payment_reference: str = Field(
        description="À rappeler dans un virement : la banque la porte telle quelle (ISO 11649)",
        examples=["RF93COT202600042"],
    )
    member_id: UUID
    member_name: str
    delegation: str
    activity: str
    year: int
    status: InvoiceStatus
    status_label: str
    fixed: Money
    variable: Money
    total: Money
    paid: Money = Field(description="Ce qui en est réglé")
    credited: Money = Field(description="Ce qui en est annulé par des avoirs")
    owed: Money = Field(description="Ce qui reste à régler")
    issued_on: date
    due_on: date
    pdf_ready: bool
    einvoice: bool = Field(description="Le document porte sa facture électronique (Factur-X, EN 16931)")
    also_called: list[str] = Field(
        description="Les autres appels de la structure pour la même année, émis quand elle était connue deux fois :"
        " un seul est dû, l'autre est à créditer"
    )
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class InvoiceDetail(InvoiceOut):
    """Un appel de cotisation, expliqué et réparti."""

    explanation: list[StepOut] = Field(description="Le calcul, pas à pas, en mots et en chiffres")
    shares: list[ShareOut] = Field(description="La répartition ; les parts font le total, au centime")
    einvoice_defects: list[EInvoiceDefectOut] = Field(description="Pourquoi il n'y a pas de facture électronique")
    kept_until: date = Field(description="Jusqu'à quand l'appel se garde au moins")


class InvoiceFilters(Schema):
    """Which calls: the same filters on list, count and export."""

    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    activity: list[str] = Field(default_factory=list, max_length=20, description="Types d'activité")
    status: list[InvoiceStatus] = Field(default_factory=list, max_length=20, description="États")
    issued_from: date | None = Field(None, description="À partir de ce jour")
    issued_to: date | None = Field(None, description="Jusqu'à ce jour compris")
    overdue: bool | None = Field(None, description="Échu, et pas réglé en entier")
    called_twice: bool | None = Field(None, description="D'une structure appelée deux fois pour cette année")
    einvoice: bool | None = Field(None, description="Avec ou sans facture électronique")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le numéro ou le nom")] = None


class InvoiceListParams(PageParams, InvoiceFilters):
    """Filters, order and page of the list of calls."""


class InvoiceExportParams(InvoiceFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
