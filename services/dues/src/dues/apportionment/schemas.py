"""API shapes of what each beneficiary is due of the money that came in."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema
from dues.grids.domain import Beneficiary

AsOf = Annotated[Day | None, Field(description="À la fin de ce jour ; aujourd'hui par défaut")]


class BalanceParams(Schema):
    """The day of the balances."""

    as_of: AsOf = Field(None, description="Le jour où l'on se place ; à défaut, aujourd'hui")


class CashBalanceOut(Schema):
    """Ce qui revient à un bénéficiaire de l'argent venu."""

    beneficiary: str = Field(examples=["delegation-occitanie"])
    kind: Beneficiary
    kind_label: str
    delegation: str | None
    received: Money = Field(description="Ses parts des sommes mises sur des appels")
    taken_back: Money = Field(description="Ses parts des sommes reprises, négatif")
    balance: Money
    movements: int = Field(description="De combien de mouvements ; `GET /apportionment/movements` les liste")


class CashBalancesOut(Schema):
    """Les parts de chacun ; ensemble, tout ce qui est réglé sur les appels ce jour-là."""

    as_of: date
    balances: list[CashBalanceOut]
    total: Money = Field(description="De ce que vous pouvez lire")


class CashPartOut(Schema):
    """La part d'un bénéficiaire dans une somme mise sur un appel, ou reprise."""

    id: UUID
    day: date = Field(description="Le jour où elle a été répartie : le solde d'un jour passé ne change plus")
    beneficiary: str
    kind: Beneficiary
    kind_label: str
    delegation: str | None
    amount: Money = Field(description="Négatif : reprise")
    piece: str = Field(description="Le règlement", examples=["REC-2026-00042"])
    movement_id: UUID
    invoice_id: UUID
    invoice_number: str
    year: int
    member_name: str


class CashPartFilters(Schema):
    """Which parts: the same filters on list, count and export."""

    beneficiary: list[str] = Field(default_factory=list, max_length=20, description="Bénéficiaires, par leur code")
    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    invoice_id: list[UUID] = Field(default_factory=list, max_length=200, description="Appels de cotisation")
    day_from: Day | None = Field(None, description="À partir de ce jour")
    day_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    q: Annotated[
        str | None, Field(min_length=2, max_length=100, description="Dans l'appel, le règlement ou le nom")
    ] = None


class CashPartListParams(PageParams, CashPartFilters):
    """Filters, order and page of the list of parts."""


class CashPartExportParams(CashPartFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
