"""API shapes of the quotes."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer, WithJsonSchema, model_validator
from stdnum.fr import siret as siret_numbers

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from training.programmes.schemas import Code, Price
from training.quotes.domain import BuyerKind, PriceBasis, QuoteStatus


def _siret(value: str) -> str:
    if not siret_numbers.is_valid(value):
        raise ValueError("ce numéro SIRET n'est pas valable")
    return str(siret_numbers.compact(value))


Siret = Annotated[str, Field(max_length=20, examples=["90000000100017"]), AfterValidator(_siret)]
Seats = Annotated[int, Field(ge=1, le=200, examples=[3])]
Percent = Annotated[
    Decimal,
    Field(gt=0, le=100, max_digits=5, decimal_places=2, allow_inf_nan=False),
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}(\.\d{1,2})?$", "examples": ["10", "7.5"]}),
]


class OrganisationBody(Schema):
    """Une organisation qui n'est pas au registre de la fédération."""

    name: Text
    siret: Siret
    street: Text
    postcode: Annotated[str, Field(pattern=r"^\d{5}$", examples=["95000"])]
    city: Text


class BuyerIn(Schema):
    """Qui achète, et un seul : une structure du registre, une autre organisation, ou une personne à ses frais."""

    member_id: UUID | None = None
    organisation: OrganisationBody | None = None
    trainee_id: UUID | None = Field(None, description="La personne qui paie elle-même sa place")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if [self.member_id, self.organisation, self.trainee_id].count(None) != 2:
            raise ValueError("dites member_id, organisation ou trainee_id, et un seul")
        return self


class GivenPriceIn(Schema):
    """Un prix donné par Coorace Formation, et pourquoi."""

    unit: Price
    reason: Text


class DiscountIn(Schema):
    """Une remise sur le tout : un montant ou un pourcentage, et pourquoi."""

    reason: Text
    amount: Annotated[Money, Field(gt=0)] | None = None
    percent: Percent | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.amount is None) == (self.percent is None):
            raise ValueError("une remise est un montant ou un pourcentage")
        return self


class FundingIn(Schema):
    """Ce qu'un financeur prendrait en charge, annoncé par le demandeur : rien n'en est vérifié."""

    funder: Text = Field(examples=["Uniformation"])
    amount: Annotated[Money, Field(gt=0)]


class QuoteIn(Schema):
    """Un prix à demander. Aperçu sans rien garder : `dry_run`."""

    session_id: UUID | None = Field(None, description="La session, ou le programme si aucune n'est encore choisie")
    programme_code: Code | None = None
    buyer: BuyerIn
    seats: Seats
    given_price: GivenPriceIn | None = Field(None, description="Coorace Formation seulement")
    discount: DiscountIn | None = Field(None, description="Coorace Formation seulement")
    announced_funding: list[FundingIn] = Field(default_factory=list, max_length=10)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.session_id is None) == (self.programme_code is None):
            raise ValueError("un devis est d'une session ou d'un programme, pas des deux")
        return self


class StepOut(Schema):
    """Une étape du prix."""

    code: str
    text: str


class PricedOut(Schema):
    """Le prix, étape par étape."""

    basis: PriceBasis
    unit: Money
    gross: Money
    discount: Money
    total: Money
    funded: Money = Field(description="Annoncé par le demandeur")
    remainder: Money = Field(description="Ce qui reste à la charge de l'acheteur")
    steps: list[StepOut]


class MembershipProofOut(Schema):
    """Ce qui était connu de l'acheteur le jour du devis."""

    is_member: bool
    status: str | None
    joined_on: date | None
    left_on: date | None
    standing: str | None
    standing_year: int | None
    standing_since: date | None


class QuoteOut(Schema):
    """Un devis. Il ne change jamais ; échu ou périmé, il se redemande."""

    id: UUID
    reference: str = Field(examples=["DEV-2026-00001"])
    status: QuoteStatus
    status_label: str
    session_id: UUID | None
    programme_code: str
    programme_number: int
    title: str
    buyer_kind: BuyerKind
    buyer_kind_label: str
    buyer_name: str
    member_id: UUID | None
    trainee_id: UUID | None
    organisation: OrganisationBody | None
    seats: int
    price: PricedOut
    announced_funding: list[FundingIn]
    proof: MembershipProofOut
    quoted_on: date
    valid_until: date
    rules_status: str = Field(description="published, ou assumed : une règle du prix adhérent reste à confirmer")
    renews: UUID | None = Field(description="Le devis échu qu'il renouvelle")
    accepted_at: AwareDatetime | None
    created_at: AwareDatetime
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class QuoteLine(Schema):
    """Un devis, dans la liste."""

    id: UUID
    reference: str
    status: QuoteStatus
    programme_code: str
    session_id: UUID | None
    buyer_kind: BuyerKind
    buyer_name: str
    member_id: UUID | None
    seats: int
    total: Money
    remainder: Money
    quoted_on: date
    valid_until: date


class QuoteFilters(Schema):
    """Which quotes: the same filters on list and export."""

    member_id: list[UUID] = Field(default_factory=list, max_length=50, description="La structure qui achète")
    session_id: list[UUID] = Field(default_factory=list, max_length=50, description="La session")
    programme: list[Code] = Field(default_factory=list, max_length=20, description="Le programme")
    status: list[QuoteStatus] = Field(default_factory=list, max_length=3, description="Où il en est aujourd'hui")
    quoted_from: Day | None = Field(None, description="Faits à partir de ce jour")
    quoted_to: Day | None = Field(None, description="Faits jusqu'à ce jour compris")


class QuoteListParams(PageParams, QuoteFilters):
    """Filters, order and page of the quotes."""


class QuoteExportParams(QuoteFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class QuoteRuleOut(Schema):
    """Une règle datée, et d'où elle vient."""

    since: date
    text: str
    status: str
    source: str


class QuoteRulesOut(Schema):
    """Les règles d'un prix d'aujourd'hui."""

    items: list[QuoteRuleOut] = Field(max_length=10)
