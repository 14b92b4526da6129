"""API shapes of reminders."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.sourced import DatumStatus
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from dues.reminders.domain import CallOutcome, DayKind, HoldReason, HoldState, Means

_Members = Annotated[list[UUID], Field(max_length=200)]
_Delegations = Annotated[list[str], Field(max_length=20)]
_Search = Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom de la structure")]


class ReminderLevelOut(Schema):
    """Un rang de relance."""

    rank: int
    label: str = Field(examples=["seconde relance"])
    after_days: int = Field(description="Jours après l'échéance")
    after_level_days: int = Field(description="Jours au moins depuis la relance d'avant")
    region_first: bool = Field(description="La délégation a d'abord un délai pour appeler")
    registered: bool = Field(description="Lettre recommandée demandée")
    subject: str
    text: list[str]
    follows: str = Field(description="Ce qui suit, dit à la fin de la lettre")


class ReminderRuleOut(Schema):
    """Les rangs et les délais d'aujourd'hui, d'où ils viennent et s'ils sont à confirmer."""

    since: date
    levels: list[ReminderLevelOut]
    region_days: int = Field(description="Délai de la délégation pour appeler")
    region_days_are: DayKind
    region_days_are_label: str
    longest_hold_days: int
    longest_promise_days: int
    status: DatumStatus
    status_label: str
    source: str
    note: str


class LateCallOut(Schema):
    """Un appel arrivé à un rang de relance."""

    invoice_id: UUID
    number: str = Field(examples=["COT-2026-00042"])
    year: int
    due_on: date
    days_late: int
    owed: Money = Field(description="Ce qui en reste dû aujourd'hui")
    level: int
    level_label: str
    since: date = Field(description="Depuis quand ce rang est à envoyer")
    reminded_on: date | None = Field(description="La relance d'avant")
    blockers: list[BlockerOut] = Field(description="Pourquoi cet appel n'est pas relancé aujourd'hui")


class ReminderProposalOut(Schema):
    """La lettre qu'une structure recevrait aujourd'hui, ou ce qui l'empêche. Se désigne par la structure."""

    member_id: UUID
    member_name: str
    delegation: str | None
    level: int = Field(description="Le plus haut de ses appels")
    level_label: str
    since: date = Field(description="Depuis quand elle est à envoyer")
    owed: Money = Field(description="Ce que la lettre demande")
    late_total: Money = Field(description="Tout ce qui est échu depuis le premier délai, relancé aujourd'hui ou non")
    oldest_due_on: date
    days_late: int = Field(description="De la plus ancienne échéance")
    calls: list[LateCallOut]
    waiting: list[LateCallOut] = Field(description="Ses autres appels, qui attendent et ne seraient pas dans la lettre")
    call_by: date | None = Field(description="Jusqu'à quand la délégation peut appeler, à ce rang")
    called_on: date | None = Field(description="Quand elle a appelé depuis la relance d'avant")
    to_call: bool = Field(description="La délégation a à appeler")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ReminderProposalFilters(Schema):
    """Quelles propositions : les mêmes filtres pour la liste, le compte, l'export et l'envoi."""

    level: list[int] = Field(default_factory=list, max_length=10, description="Niveaux")
    member_id: _Members = Field(default_factory=list, description="Structures")
    delegation: _Delegations = Field(default_factory=list, description="Délégations, par leur code")
    amount_from: Annotated[Money, Field(ge=Decimal(0))] | None = Field(None, description="Tout ce qui est échu")
    days_late_from: int | None = Field(None, ge=0, le=10_000, description="En retard d'au moins tant de jours")
    ready: bool | None = Field(None, description="Rien ne l'empêche aujourd'hui : à envoyer, et pas envoyée")
    held: bool | None = Field(None, description="Une suspension ou une promesse l'empêche")
    to_call: bool | None = Field(None, description="La délégation a à appeler, et rien ne suspend")
    blocker: list[str] = Field(default_factory=list, max_length=20, description="L'un de ces codes l'empêche")
    q: _Search = None


class ReminderProposalParams(PageParams, ReminderProposalFilters):
    """Filters, order and page of the list of proposals."""


class ReminderProposalExportParams(ReminderProposalFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class ReminderGapOut(Schema):
    """Un groupe de structures en retard, et pourquoi elles n'ont pas été relancées."""

    code: str = Field(examples=["ready"], description="`ready`, ou ce qui empêche : se donne à blocker= dans la liste")
    label: str
    members: int
    owed: Money


class ReminderGapsOut(Schema):
    """Ce qui était à relancer et ne l'a pas été, rapproché de ce qui est échu."""

    day: date
    late_members: int = Field(description="Structures dont un appel a passé le premier délai")
    late_total: Money
    due_members: int = Field(description="Dont un rang est à envoyer aujourd'hui, ou empêché")
    nothing_due: int = Field(
        description="Relancées comme il se devait, le rang suivant n'est pas venu, ou il n'y en a plus"
    )
    gaps: list[ReminderGapOut] = Field(description="Une structure a autant de lignes que de raisons")
    not_printed: int = Field(description="Lettres faites, pas encore imprimées")
    not_dispatched: int = Field(description="Lettres imprimées dont l'envoi n'est pas noté : dispatched=false")


class ReminderSendIn(Schema):
    """Qui relancer : des structures, ou un filtre des propositions."""

    member_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)] | None = None
    filter: ReminderProposalFilters | None = None


class ReminderSkippedOut(Schema):
    """Une structure choisie, et pas relancée."""

    member_id: UUID
    member_name: str | None
    code: str
    message: str


class ReminderRunOut(Schema):
    """Un envoi de relances."""

    id: UUID
    reminded_on: date
    count: int
    owed: Money
    skipped: list[ReminderSkippedOut] = Field(description="Choisies et pas relancées, avec la raison")
    not_printed: int
    pdf_ready: bool = Field(description="Toutes ses lettres en un document")
    sent_at: AwareDatetime
    sent_by: str
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ReminderRunAsked(Schema):
    """L'envoi, fait ; ses lettres s'impriment, et le reçu du travail en dit chaque ligne."""

    run: ReminderRunOut
    job_id: UUID


class ReminderDispatchIn(Schema):
    """Comment une lettre est partie."""

    means: Means
    sent_on: Day
    reference: Annotated[Text, Field(max_length=70)] | None = Field(None, description="Numéro du recommandé")


class ReminderRunDispatchIn(Schema):
    """Comment sont parties les lettres d'un envoi dont rien n'est encore noté, les recommandées à part."""

    means: Means
    sent_on: Day


class ReminderRunDispatchOut(Schema):
    """Combien de lettres."""

    noted: int


class RemindedCallOut(Schema):
    """Un appel relancé, et ce qui en était dû ce jour-là."""

    invoice_id: UUID
    number: str
    level: int
    level_label: str
    due_on: date
    owed: Money


class ReminderOut(Schema):
    """Une relance faite à une structure."""

    id: UUID
    run_id: UUID
    member_id: UUID
    member_name: str
    delegation: str | None
    level: int
    level_label: str
    reminded_on: date
    owed: Money = Field(description="Ce qui était dû ce jour-là")
    owed_now: Money = Field(description="Ce qui en reste dû")
    calls: list[RemindedCallOut]
    registered: bool = Field(description="Lettre recommandée demandée")
    means: Means | None
    means_label: str | None
    dispatched_on: date | None
    dispatch_reference: str | None
    pdf_ready: bool
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ReminderFilters(Schema):
    """Which reminders: the same filters on list and export."""

    run_id: list[UUID] = Field(default_factory=list, max_length=200, description="Exécutions")
    level: list[int] = Field(default_factory=list, max_length=10, description="Niveaux")
    member_id: _Members = Field(default_factory=list, description="Structures")
    invoice_id: list[UUID] = Field(default_factory=list, max_length=200, description="Appels de cotisation")
    delegation: _Delegations = Field(default_factory=list, description="Délégations, par leur code")
    reminded_from: date | None = Field(None, description="À partir de ce jour")
    reminded_to: date | None = Field(None, description="Jusqu'à ce jour compris")
    dispatched: bool | None = Field(None, description="L'envoi de la lettre est noté")
    settled: bool | None = Field(None, description="Plus rien n'en est dû")
    q: _Search = None


class ReminderListParams(PageParams, ReminderFilters):
    """Filters, order and page of the list of reminders."""


class ReminderExportParams(ReminderFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class ReminderHoldIn(Schema):
    """Ne pas relancer une structure, ou un de ses appels, pour un temps."""

    member_id: UUID
    invoice_id: UUID | None = Field(None, description="Cet appel seulement")
    reason: HoldReason
    note: Text = Field(examples=["La structure conteste la base de 2025."])
    since: Day | None = Field(None, description="Aujourd'hui, par défaut")
    until: Day = Field(description="Ce jour compris")


class ReminderHoldLiftIn(Schema):
    """Pourquoi elle s'arrête avant son jour."""

    reason: Text


class ReminderHoldOut(Schema):
    """Une suspension de relance."""

    id: UUID
    member_id: UUID
    member_name: str
    delegation: str | None
    invoice_id: UUID | None
    invoice_number: str | None
    reason: HoldReason
    reason_label: str
    note: str
    since: date
    until: date
    state: HoldState
    state_label: str
    placed_at: AwareDatetime
    placed_by: str
    lifted_on: date | None
    lifted_by: str | None
    lifted_reason: str | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ReminderHoldFilters(Schema):
    """Which holds: the same filters on list and export."""

    state: list[HoldState] = Field(default_factory=list, max_length=10, description="États")
    reason: list[HoldReason] = Field(default_factory=list, max_length=10, description="Motifs")
    member_id: _Members = Field(default_factory=list, description="Structures")
    invoice_id: list[UUID] = Field(default_factory=list, max_length=200, description="Appels de cotisation")
    delegation: _Delegations = Field(default_factory=list, description="Délégations, par leur code")
    until_before: date | None = Field(None, description="Finissent avant ce jour")
    q: _Search = None


class ReminderHoldListParams(PageParams, ReminderHoldFilters):
    """Filters, order and page of the list of holds."""


class ReminderHoldExportParams(ReminderHoldFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class RegionCallIn(Schema):
    """Un appel de la délégation à une structure."""

    member_id: UUID
    day: Day
    outcome: CallOutcome
    promised_for: Day | None = Field(None, description="Le jour promis : rien n'est relancé jusque-là")
    note: Text | None = None


class RegionCallOut(Schema):
    """Un appel de la délégation, et ce qui en est sorti. Le dernier à une structure compte."""

    id: UUID
    member_id: UUID
    member_name: str
    delegation: str | None
    day: date
    outcome: CallOutcome
    outcome_label: str
    promised_for: date | None
    note: str | None
    noted_at: AwareDatetime
    noted_by: str


class RegionCallListParams(PageParams):
    """Filters, order and page of the list of the calls of regions."""

    member_id: _Members = Field(default_factory=list, description="Structures")
    delegation: _Delegations = Field(default_factory=list, description="Délégations, par leur code")
    outcome: list[CallOutcome] = Field(default_factory=list, max_length=10, description="Issues")
    day_from: date | None = Field(None, description="À partir de ce jour")
    day_to: date | None = Field(None, description="Jusqu'à ce jour compris")


class ReminderMemberOut(Schema):
    """Où en est une structure : ce qui serait relancé, ce qui suspend, ce qui a été fait."""

    member_id: UUID
    member_name: str
    delegation: str | None
    excused: BlockerOut | None = Field(description="Ce qui suspend toute relance aujourd'hui")
    proposal: ReminderProposalOut | None
    holds: list[ReminderHoldOut] = Field(description="De la dernière à finir à la première")
    region_calls: list[RegionCallOut] = Field(description="Les derniers")
    reminders: list[ReminderOut] = Field(description="Les dernières")


class CallRemindedOut(Schema):
    """Un rang auquel un appel a été relancé."""

    level: int
    level_label: str
    reminded_on: date


class ReminderCallOut(Schema):
    """Où en est un appel : à quels rangs il a été relancé, ce qui en suspend la relance."""

    invoice_id: UUID
    number: str
    member_id: UUID
    due_on: date
    owed: Money
    reminded: list[CallRemindedOut]
    held: BlockerOut | None = Field(description="Ce qui suspend les relances de cet appel seul, aujourd'hui")
    excused: BlockerOut | None = Field(description="Ce qui suspend toute relance de la structure, aujourd'hui")


class RegionCallNoted(Schema):
    """L'appel, noté, et où en est alors la structure."""

    id: UUID
    situation: ReminderMemberOut
