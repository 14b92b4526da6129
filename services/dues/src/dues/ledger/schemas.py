"""API shapes of the ledger."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.accounting.entries import Journal
from common.accounting.periods import PeriodAct
from common.blockers import BlockerOut
from common.pagination import PageParams
from common.sourced import DatumStatus
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from dues.ledger.domain import Purpose

AccountPrefix = Annotated[
    str, Field(pattern=r"^\d{1,10}$", description="Un compte, ou le début de plusieurs", examples=["411", "4"])
]


class LedgerAccountOut(Schema):
    """Un compte en service."""

    purpose: Purpose
    number: str = Field(examples=["411"])
    label: str
    auxiliary: bool = Field(description="Tenu par auxiliaire : par structure, ou par délégation")
    status: DatumStatus
    source: str
    note: str


class LedgerJournalOut(Schema):
    """Un journal en service."""

    code: Journal
    label: str
    status: DatumStatus
    source: str
    note: str


class ChartOut(Schema):
    """Les journaux et les comptes en service."""

    journals: list[LedgerJournalOut]
    accounts: list[LedgerAccountOut]


class LedgerLineOut(Schema):
    """Une ligne d'écriture ; les noms sont ceux du jour où elle a été passée."""

    account: str
    account_label: str
    auxiliary: str | None
    auxiliary_name: str | None
    about: str | None = Field(description="L'appel ou le règlement dont elle parle", examples=["COT-2026-00042"])
    debit: Money
    credit: Money
    letter: str | None = Field(description="Les lignes d'un compte qui se soldent portent le même code")
    lettered_on: date | None


class EntryOut(Schema):
    """Une écriture."""

    id: UUID
    number: str = Field(examples=["ECR-2026-00042"])
    journal: Journal
    journal_label: str
    day: date
    piece: str = Field(description="La pièce qui la prouve", examples=["COT-2026-00042"])
    piece_on: date
    label: str
    total: Money
    source_kind: str = Field(description="L'acte dont elle vient", examples=["invoice"])
    source_id: str
    reversed_by: str | None = Field(description="L'écriture qui l'extourne")
    posted_at: datetime
    posted_by: str
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="Pourquoi une autre action n'est pas possible")


class EntryDetail(EntryOut):
    """Une écriture et ses lignes."""

    lines: list[LedgerLineOut]


class EntryFilters(Schema):
    """Which entries: the same filters on list, count and export."""

    journal: list[Journal] = Field(default_factory=list, max_length=10, description="Journaux")
    account: AccountPrefix | None = Field(None, description="Le compte, ou son début")
    auxiliary: Annotated[str | None, Field(max_length=200, description="Le code d'un auxiliaire")] = None
    source_kind: Annotated[
        str | None, Field(max_length=100, description="De quelle nature est ce dont l'écriture vient")
    ] = None
    source_id: Annotated[str | None, Field(max_length=200, description="Ce dont l'écriture vient")] = None
    day_from: Day | None = Field(None, description="À partir de ce jour")
    day_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    q: Annotated[
        str | None, Field(min_length=2, max_length=100, description="Dans le numéro, la pièce ou le libellé")
    ] = None


class EntryListParams(PageParams, EntryFilters):
    """Filters, order and page of the list of entries."""


class EntryExportParams(EntryFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class ReversalIn(Schema):
    """Pourquoi une écriture est extournée, ou un mois rouvert."""

    reason: Text


class BalanceOut(Schema):
    """Ce que portent un compte, ou un auxiliaire d'un compte : le solde est positif au débit."""

    account: str
    account_label: str
    auxiliary: str | None
    auxiliary_name: str | None
    debit: Money
    credit: Money
    balance: Money


class BalancesOut(Schema):
    """La balance à une date ; débits et crédits sont égaux quand aucun compte n'est choisi."""

    as_of: date
    since: date | None = Field(description="Premier jour compté : celui de la dernière reprise des soldes, s'il y en a")
    debit: Money
    credit: Money
    items: list[BalanceOut]


class BalanceParams(Schema):
    """Of which accounts, at which date."""

    as_of: Day | None = Field(None, description="Le jour où l'on se place ; à défaut, aujourd'hui")
    account: AccountPrefix | None = Field(None, description="Le compte, ou son début")


class BalanceExportParams(BalanceParams):
    """Of which accounts, at which date, and the format of an export."""

    format: ExportFormat = "csv"


class AuxiliaryFilters(Schema):
    """Of which auxiliaries, at which date: the same filters on list and export."""

    as_of: Day | None = Field(None, description="Le jour où l'on se place ; à défaut, aujourd'hui")
    account: AccountPrefix | None = Field(None, description="Le compte, ou son début")
    settled: bool | None = Field(None, description="Soldé : ce qui est au débit y est au crédit")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le code ou le nom")] = None


class AuxiliaryParams(PageParams, AuxiliaryFilters):
    """Filters, order and page of the balances of the auxiliaries."""


class AuxiliaryExportParams(AuxiliaryFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class AccountLineOut(LedgerLineOut):
    """Une ligne du grand livre, et le solde du compte après elle."""

    entry_id: UUID
    number: str
    journal: Journal
    day: date
    piece: str
    label: str
    balance: Money


class AccountLineFilters(Schema):
    """Which lines of an account: the same filters on list and export."""

    auxiliary: Annotated[str | None, Field(max_length=200, description="Le code d'un auxiliaire")] = None
    day_from: Day | None = Field(None, description="À partir de ce jour")
    day_to: Day | None = Field(None, description="Jusqu'à ce jour compris")


class AccountLineParams(PageParams, AccountLineFilters):
    """Filters, order and page of the lines of an account."""


class AccountLineExportParams(AccountLineFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class PeriodActOut(Schema):
    """Une clôture ou une réouverture."""

    month: str = Field(examples=["2026-03"])
    act: PeriodAct
    acted_at: datetime
    acted_by: str
    reason: str | None


class PeriodsOut(Schema):
    """Les mois clos, et ce qu'on peut en faire."""

    closed_through: date | None = Field(description="Rien ne s'écrit jusqu'à ce jour inclus")
    next_month: str | None = Field(description="Le prochain mois à clore ; absent si aucun ne l'a encore été")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="Pourquoi une autre action n'est pas possible")
    history: list[PeriodActOut] = Field(description="Les 60 derniers actes, du plus récent au plus ancien")
