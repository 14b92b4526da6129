"""API shapes of the accounts of members."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.pagination import Page, PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema
from dues.receivables.domain import LineKind


class AgedAmountOut(Schema):
    """Ce qui est dû dans une tranche de retard."""

    code: str = Field(examples=["31_60"])
    label: str
    amount: Money


class AgedSumsOut(Schema):
    """Ce qui est dû, par tranche de retard ; les tranches font le dû."""

    calls: int = Field(description="Nombre d'appels dont il reste dû")
    owed: Money
    overdue: Money = Field(description="Ce qui en est échu")
    buckets: list[AgedAmountOut]


class AgedTotalsOut(AgedSumsOut):
    """Les totaux de toute la balance, et pas de la seule page."""

    members: int


class AgedLineOut(AgedSumsOut):
    """Ce que doit une structure."""

    member_id: UUID
    member_name: str
    delegation: str | None = Field(description="Celle d'aujourd'hui")
    oldest_due_on: date = Field(description="L'échéance la plus ancienne dont il reste dû")


class AgedBalanceOut(Page[AgedLineOut]):
    """La balance âgée à la fin d'un jour."""

    as_of: date
    totals: AgedTotalsOut


class AgeBucketOut(Schema):
    """Une tranche de retard, en jours depuis l'échéance."""

    code: str
    label: str
    least: int | None
    most: int | None


class AgeingOut(Schema):
    """Les tranches en vigueur."""

    since: date
    buckets: list[AgeBucketOut]
    status: str = Field(description="`assumed` : à confirmer")
    source: str


class AgedFilters(Schema):
    """Which debts: the same filters on list, totals, export and paper."""

    as_of: Day | None = Field(None, description="À la fin de ce jour ; aujourd'hui si rien n'est dit")
    year: list[int] = Field(default_factory=list, max_length=20, description="Des appels de ces années")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    owed_from: Annotated[Money, Field(ge=Decimal(0))] | None = Field(None, description="Qui doit au moins ce montant")
    overdue: bool | None = Field(None, description="Vrai : dont une partie est échue")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom")] = None


class AgedListParams(PageParams, AgedFilters):
    """Filters, order and page of the aged balance."""


class AgedExportParams(AgedFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class AccountParams(Schema):
    """From which day, and at the end of which."""

    since: Day | None = Field(None, description="Ce qui est d'avant tient en un solde")
    as_of: Day | None = Field(None, description="À la fin de ce jour ; aujourd'hui si rien n'est dit")


class MovementLineOut(Schema):
    """Ce qui a changé ce que doit la structure."""

    day: date = Field(description="Le jour de l'acte")
    money_on: date | None = Field(description="Le jour de l'argent, pour un règlement")
    kind: LineKind
    kind_label: str
    piece: str = Field(examples=["COT-2026-00042"])
    label: str
    debit: Money
    credit: Money
    balance: Money = Field(description="Ce qui est dû après")
    invoice_id: UUID | None
    due_on: date | None


class AccountOut(Schema):
    """Le relevé de compte d'une structure."""

    member_id: UUID
    member_name: str
    delegation: str | None
    since: date | None
    as_of: date
    opening: Money = Field(description="Ce qui était dû avant le premier jour")
    lines: list[MovementLineOut]
    balance: Money = Field(description="Ce qui est dû : sur les appels, et d'années passées reprises")
    owed_on_calls: Money
    owed_on_past_years: Money
    aged: AgedSumsOut = Field(description="Ce qui est dû sur les appels, par tranche de retard")
    advance: Money | None = Field(
        description="Ce qu'elle a versé et qui n'est sur aucun appel, aujourd'hui ; null pour un jour passé"
    )
