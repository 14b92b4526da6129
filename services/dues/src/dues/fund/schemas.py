"""API shapes of the mutual fund."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Money, Schema, Text
from dues.fund.domain import (
    BudgetLine,
    Decision,
    FundApplicationStatus,
    FundAttachmentKind,
    FundCallState,
    FundCallText,
    FundLineKind,
    FundProject,
    FundSourceKind,
    Instalment,
)

_MOST = Decimal(100_000_000)
_Amount = Annotated[Money, Field(gt=Decimal(0), le=_MOST)]
_AmountOrNothing = Annotated[Money, Field(ge=Decimal(0), le=_MOST)]
_Written = Annotated[LongText, AfterValidator(str.strip)]
_Year = Annotated[int, Field(ge=2000, le=2100)]
_Asked = Annotated[str | None, Field(min_length=2, max_length=100)]
_Lines = Annotated[list["BudgetLineIo"], Field(max_length=60)]


class FundStatementParams(Schema):
    """The day of the statement."""

    as_of: Annotated[Day | None, Field(description="À la fin de ce jour ; aujourd'hui par défaut")] = None


class FundStatementOut(Schema):
    """Le fonds à la fin d'un jour ; d'un jour passé, rien ne change plus."""

    as_of: date
    received: Money = Field(description="Sa part des sommes mises sur des appels de cotisation")
    taken_back: Money = Field(description="Sa part des sommes reprises, négatif")
    income: Money = Field(description="Ce qui est venu et resté : reçu et repris")
    paid: Money = Field(description="Versé, moins ce qui en a été rendu")
    committed: Money = Field(description="Engagé, ni versé ni libéré")
    free: Money = Field(description="Libre : venu, moins versé, moins engagé")
    reserved: Money = Field(description="Ce que des appels à projets ouverts et pas encore décidés peuvent accorder")
    available: Money = Field(description="Libre, moins réservé : ce qui peut s'engager ou s'ouvrir encore")
    movements: int = Field(description="De combien de lignes ; `GET /fund/movements` les liste")


class FundLineOut(Schema):
    """Une ligne du relevé du fonds."""

    id: UUID
    day: date = Field(description="Le jour où elle a été notée")
    kind: FundLineKind
    kind_label: str
    amount: Money = Field(description="Négatif : part reprise")
    free: Money = Field(description="Ce qu'elle change au libre ; leur somme est le libre")
    source_kind: FundSourceKind
    source_label: str
    source_id: UUID = Field(description="L'appel de cotisation, ou la demande d'aide")
    piece: str = Field(examples=["REC-2026-00042", "PRJ-2026-00003"])
    label: str
    delegation: str | None
    happened_on: date | None = Field(description="Le jour de banque d'un versement")
    bank_reference: str | None
    reason: str | None


class FundLineFilters(Schema):
    """Which lines: the same filters on list and export."""

    kind: list[FundLineKind] = Field(default_factory=list, max_length=20, description="Natures")
    source_kind: list[FundSourceKind] = Field(
        default_factory=list, max_length=20, description="De quelle nature est ce dont le mouvement vient"
    )
    source_id: list[UUID] = Field(default_factory=list, max_length=200, description="Ce dont le mouvement vient")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    day_from: Day | None = Field(None, description="À partir de ce jour")
    day_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    q: Annotated[_Asked, Field(description="Dans la pièce ou le libellé")] = None


class FundLineListParams(PageParams, FundLineFilters):
    """Filters, order and page of the statement's lines."""


class FundLineExportParams(FundLineFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class FundCallIn(Schema):
    """Un appel à projets à écrire."""

    title: Text = Field(examples=["Projets régionaux 2026"])
    text: _Written = ""
    criteria: _Written = Field("", description="Ce que le conseil regardera")
    year: _Year
    envelope: _Amount = Field(description="Ce que l'appel peut accorder en tout")
    max_award: _Amount | None = Field(None, description="Ce qu'il peut accorder à un projet")
    opens_on: Day = Field(description="Premier jour où une demande se dépose")
    closes_on: Day = Field(description="Dernier jour, inclus, à Paris")

    def said(self) -> FundCallText:
        """Return it as the rules know it."""
        return FundCallText(**{name: getattr(self, name) for name in FundCallText.__slots__})


class FundCallTotals(Schema):
    """Ce qu'un appel a reçu et accordé."""

    applications: int = Field(description="Déposées, retirées comprises")
    waiting: int
    asked: Money = Field(description="Demandé, sauf par les demandes retirées")
    awarded: Money
    left: Money = Field(description="Ce qui reste de l'enveloppe")


class FundCallOut(Schema):
    """Un appel à projets."""

    id: UUID
    title: str
    text: str
    criteria: str
    year: int
    envelope: Money
    max_award: Money | None
    opens_on: date
    closes_on: date
    state: FundCallState
    state_label: str
    opened_on: date | None = Field(description="Le jour où son enveloppe a été réservée")
    decided_on: date | None
    totals: FundCallTotals | None = Field(description="Absent tant que vous ne lisez pas les demandes de tous")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class FundCallListParams(PageParams):
    """Filters, order and page of the list of calls."""

    state: list[FundCallState] = Field(default_factory=list, max_length=20, description="États")
    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    q: Annotated[_Asked, Field(description="Dans le titre")] = None


class BudgetLineIo(Schema):
    """Une ligne de budget."""

    label: Text
    amount: _Amount


class FundApplicationIn(Schema):
    """Une demande d'aide, telle qu'elle doit être ; un brouillon peut être incomplet."""

    title: Text
    description: _Written = ""
    asked: _AmountOrNothing = Field(Decimal(0), description="Ce qui est demandé au fonds")
    costs: _Lines = Field(default_factory=list, description="Les dépenses")
    funding: _Lines = Field(default_factory=list, description="Les ressources, sans l'aide demandée")
    starts_on: Day
    ends_on: Day

    def project(self) -> FundProject:
        """Return it as the rules know it."""
        return FundProject(
            title=self.title,
            description=self.description,
            asked=self.asked,
            costs=tuple(BudgetLine(line.label, line.amount) for line in self.costs),
            funding=tuple(BudgetLine(line.label, line.amount) for line in self.funding),
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )


class FundInstalmentOut(Schema):
    """Un versement d'une aide."""

    number: int
    label: str
    amount: Money
    needs_report: bool = Field(description="Attend le bilan du projet")
    paid: Money | None
    paid_on: date | None


class FundAwardOut(Schema):
    """L'aide accordée à un projet, et ce qu'elle devient."""

    amount: Money
    paid: Money = Field(description="Tout ce qui en a été versé")
    returned: Money = Field(description="Versé, et rendu depuis")
    released: Money = Field(description="Ne sera pas versé : de nouveau libre")
    left: Money = Field(description="Encore engagé")
    instalments: list[FundInstalmentOut]
    report_received_on: date | None
    closed_on: date | None = Field(description="Depuis ce jour plus rien n'en est engagé")


class FundAttachmentOut(Schema):
    """Une pièce d'une demande."""

    id: UUID
    kind: FundAttachmentKind
    kind_label: str
    filename: str
    size: int
    sha256: str
    sent_at: datetime


class FundApplicationOut(Schema):
    """Une demande d'aide."""

    id: UUID
    call_id: UUID
    call_title: str
    year: int
    delegation: str
    reference: str | None = Field(description="Donnée au dépôt", examples=["PRJ-2026-00003"])
    status: FundApplicationStatus
    status_label: str
    title: str
    asked: Money
    cost: Money
    starts_on: date
    ends_on: date
    submitted_on: date | None
    sitting_on: date | None = Field(description="La séance du conseil qui a décidé")
    conditions: str
    reason: str
    award: FundAwardOut | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class FundApplicationDetail(FundApplicationOut):
    """Une demande, avec son budget et ses pièces."""

    description: str
    costs: list[BudgetLineIo]
    funding: list[BudgetLineIo]
    attachments: list[FundAttachmentOut]


class FundApplicationFilters(Schema):
    """Which applications: the same filters on list and export."""

    call_id: list[UUID] = Field(default_factory=list, max_length=200, description="Appels à projets")
    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    status: list[FundApplicationStatus] = Field(default_factory=list, max_length=20, description="États")
    unpaid: bool | None = Field(None, description="Accordée, et pas encore toute versée ou libérée")
    q: Annotated[_Asked, Field(description="Dans la référence ou le titre")] = None


class FundApplicationListParams(PageParams, FundApplicationFilters):
    """Filters, order and page of the list of applications."""


class FundApplicationExportParams(FundApplicationFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class FundInstalmentIn(Schema):
    """Un versement prévu."""

    label: Text
    amount: _Amount
    needs_report: bool = False


class FundDecisionIn(Schema):
    """Ce que le conseil a décidé d'une demande."""

    application_id: UUID
    amount: _Amount | None = Field(None, description="Absent : refusée")
    conditions: _Written = ""
    reason: _Written = Field("", description="À dire quand la demande n'est pas suivie en entier")
    schedule: list[FundInstalmentIn] = Field(
        default_factory=list, max_length=12, description="À défaut, les parts de `GET /fund/schedule`"
    )

    def decision(self) -> Decision:
        """Return it as the rules know it."""
        return Decision(
            application_id=self.application_id,
            amount=self.amount,
            conditions=self.conditions,
            reason=self.reason,
            schedule=tuple(
                Instalment(number, one.label, one.amount, one.needs_report)
                for number, one in enumerate(self.schedule, start=1)
            ),
        )


class FundDecisionsIn(Schema):
    """La décision du conseil sur un appel, en une ou plusieurs fois."""

    sitting_on: Day = Field(description="La séance du conseil")
    decisions: list[FundDecisionIn] = Field(max_length=200)


class FundPaymentIn(Schema):
    """Un versement fait, tel que sur le relevé de banque."""

    instalment: Annotated[int, Field(ge=1, le=100)]
    amount: _Amount | None = Field(None, description="Tout le versement, par défaut")
    paid_on: Day
    bank_reference: Text


class FundReportIn(Schema):
    """Le bilan d'un projet est reçu."""

    received_on: Day


class FundReleaseIn(Schema):
    """Ce qui reste d'une aide ne sera pas versé."""

    reason: Text


class FundReturnIn(Schema):
    """Une somme versée que la délégation a rendue."""

    amount: _Amount
    returned_on: Day
    bank_reference: Text
    reason: Text


class SchedulePartOut(Schema):
    """Une part d'une aide."""

    label: str
    percent: Decimal
    needs_report: bool


class FundScheduleOut(Schema):
    """Comment une aide se verse quand le conseil ne le dit pas."""

    since: date
    parts: list[SchedulePartOut]
    status: str = Field(examples=["assumed"])
    source: str
