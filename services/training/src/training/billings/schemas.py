"""API shapes of the billings."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field
from stdnum.fr import siren as siren_numbers

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from training.billings.domain import PayerKind, ShareStatus


def _siren(value: str) -> str:
    if not siren_numbers.is_valid(value):
        raise ValueError("ce numéro SIREN n'est pas valable")
    return str(siren_numbers.compact(value))


Siren = Annotated[str, Field(max_length=12, examples=["900000001"]), AfterValidator(_siren)]
Amount = Annotated[Money, Field(gt=0, le=Decimal(10_000_000))]


class AddressBody(Schema):
    """Une adresse, en France."""

    street: Text
    postcode: Annotated[str, Field(pattern=r"^\d{5}$", examples=["95000"])]
    city: Text


class FunderIn(Schema):
    """Qui paie à la place de l'acheteur, et combien lui est demandé."""

    kind: Literal[PayerKind.OPCO, PayerKind.OTHER]
    name: Text = Field(examples=["Uniformation"])
    siren: Siren
    address: AddressBody
    amount: Amount


class BillingIn(Schema):
    """La demande à facturer, et qui d'autre que l'acheteur en paierait une part."""

    request_id: UUID
    funders: list[FunderIn] = Field(default_factory=list, max_length=10)


class AgreementIn(Schema):
    """Ce qu'un financeur a accordé : son dossier, le jour de son accord, et combien."""

    amount: Amount
    file_reference: Text = Field(examples=["2026-UNI-0042"])
    agreed_on: Day


class ShareOut(Schema):
    """La part d'un payeur."""

    id: UUID
    kind: PayerKind
    kind_label: str
    status: ShareStatus
    status_label: str
    name: str
    siren: str | None = Field(description="Du financeur ; absent de l'acheteur")
    amount: Money
    invoiced: Money = Field(description="Facturé, avoirs déduits")
    left: Money = Field(description="Reste à facturer")
    file_reference: str | None
    agreed_on: date | None
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class BillingLine(Schema):
    """Une facturation, dans la liste."""

    id: UUID
    reference: str = Field(description="La référence de la demande", examples=["INS-2026-00001"])
    request_id: UUID
    session_id: UUID
    title: str
    member_id: UUID | None
    buyer_name: str
    seats: int
    total: Money = Field(description="Ce que les parts se partagent, au centime")
    sold: Money = Field(description="Ce que vaut la demande aujourd'hui, places rendues déduites")
    invoiced: Money = Field(description="Facturé, avoirs déduits")
    to_invoice: Money
    to_credit: Money = Field(description="Avoir proposé : facturé au-delà de ce qui est vendu aujourd'hui")
    to_revise: bool = Field(description="Des places ont été rendues depuis que le total a été pris")


class BillingOut(BillingLine):
    """Une facturation : ce qui est vendu, et qui le paie."""

    quote_id: UUID
    individual: bool
    shares: list[ShareOut]
    opened_at: AwareDatetime
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class BillingFilters(Schema):
    """Which billings: the same filters on list and export."""

    member_id: list[UUID] = Field(default_factory=list, max_length=50, description="La structure qui achète")
    session_id: list[UUID] = Field(default_factory=list, max_length=50, description="La session")
    request_id: list[UUID] = Field(default_factory=list, max_length=50, description="La demande")
    to_invoice: bool | None = Field(None, description="Il reste à facturer")
    to_revise: bool | None = Field(None, description="Des places ont été rendues depuis : total et avoirs à revoir")


class BillingListParams(PageParams, BillingFilters):
    """Filters, order and page of the billings."""


class BillingExportParams(BillingFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"
