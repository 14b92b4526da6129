"""API shapes of solidarity requests."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Money, Schema, Text
from dues.plans.schemas import EqualPartsIn, ListedPartsIn
from dues.reliefs.domain import Decision, Opinion, ReliefKind, ReliefOutcome, ReliefStatus, ReliefStepKind

Amount = Annotated[Money, Field(gt=Decimal(0), le=Decimal("1e9"))]
Wish = EqualPartsIn | ListedPartsIn
Why = Annotated[LongText, Field(min_length=1)]


class ReliefIn(Schema):
    """Une demande de solidarité. Elle ne change plus ensuite : elle se retire, et une autre se dépose."""

    member_id: UUID
    asks: ReliefKind
    invoice_ids: list[UUID] | None = Field(
        None, min_length=1, max_length=20, description="Les appels en cause ; sans rien dire, tous ceux qui restent dus"
    )
    year: int | None = Field(None, ge=2000, le=2100, description="Les seuls appels de cette année")
    amount: Amount | None = Field(None, description="D'une réduction ; absent : tout ce qui reste dû")
    schedule: Wish | None = Field(None, description="Les échéances souhaitées, d'un échéancier")
    reason: Why = Field(description="Lu de la délégation, des finances, du réseau et du conseil")


class ReliefAdviceIn(Schema):
    """Ce qu'en pense la délégation. La structure le lit une fois la décision prise."""

    opinion: Opinion
    text: Why


class ReliefDecisionIn(Schema):
    """La décision nationale, telle que prise en séance."""

    outcome: ReliefOutcome
    amount: Amount | None = Field(None, description="D'une réduction ; absent : tout ce qui était demandé")
    schedule: Wish | None = Field(None, description="D'un échéancier : ses échéances")
    decided_by: Text = Field(description="Qui a décidé", examples=["Conseil d'administration"])
    sitting_on: Day
    reason: Why = Field(description="Ce que la structure lira")

    def decision(self) -> Decision:
        """Return it as the rules read it."""
        return Decision(
            outcome=self.outcome, amount=self.amount, scheduled=self.schedule is not None, sitting_on=self.sitting_on
        )


class ReliefReasonIn(Schema):
    """Pourquoi."""

    reason: Why


class ReliefRevokeIn(ReliefReasonIn):
    """Pourquoi, et combien."""

    amount: Amount | None = Field(None, description="Ce que le fonds reprend ; absent : tout ce qu'il paie")


class ReliefRuleOut(Schema):
    """Le temps laissé à la délégation, et d'où vient la règle."""

    since: date
    days: int
    status: str = Field(description="`assumed` : à confirmer")
    source: str


class ReliefCallOut(Schema):
    """Un appel en cause."""

    invoice_id: UUID
    number: str
    year: int
    due_on: date
    asked_owed: Money = Field(description="Dû le jour de la demande")
    granted: Money = Field(description="Payé par le fonds mutualisé ; d'une remise annulée, ce qu'il avait payé")
    owed: Money = Field(description="Dû aujourd'hui")


class ReliefStepOut(Schema):
    """Ce qui a été fait de la demande."""

    kind: ReliefStepKind
    kind_label: str
    day: date
    opinion: Opinion | None
    opinion_label: str | None
    decided_by: str | None
    text: str | None = Field(description="Absent : l'avis de la délégation, que la structure lit une fois décidé")
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class ReliefAttachmentOut(Schema):
    """Une pièce, telle qu'envoyée."""

    id: UUID
    filename: str
    size: int
    sha256: str
    sent_at: AwareDatetime


class ReliefOut(Schema):
    """Une demande de solidarité, et où elle en est."""

    id: UUID
    reference: str = Field(examples=["SOL-2026-00003"])
    member_id: UUID
    member_name: str
    delegation: str | None
    asks: ReliefKind
    asks_label: str
    amount: Money | None = Field(description="La réduction demandée ; absent : tout ce qui reste dû, ou un échéancier")
    years: list[int]
    numbers: list[str] = Field(description="Les appels en cause")
    owed: Money = Field(description="Dû de ces appels aujourd'hui")
    status: ReliefStatus
    status_label: str
    submitted_on: date
    advice_by: date | None = Field(description="Le dernier jour de la délégation ; absent : aucune n'est à entendre")
    opinion: Opinion | None = Field(description="L'avis de la délégation ; la structure le lit une fois décidé")
    opinion_label: str | None
    sitting_on: date | None
    granted: Money | None = Field(description="Payé par le fonds mutualisé ; d'une remise annulée, ce qu'il avait payé")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ReliefDetail(ReliefOut):
    """Une demande, ses pièces, tout ce qui en a été fait, et ce que la décision fait de la situation."""

    reason: str
    schedule: Wish | None = Field(description="Les échéances souhaitées")
    calls: list[ReliefCallOut]
    steps: list[ReliefStepOut]
    attachments: list[ReliefAttachmentOut]
    receipt_id: UUID | None = Field(description="Le règlement du fonds")
    plan_id: UUID | None
    effects: list[str] = Field(description="Ce que la décision fait de la situation et du vote, tel qu'écrit alors")


class ReliefSummaryLineOut(Schema):
    """Ce qui a été demandé et décidé d'une délégation, par année de décision ; à l'étude : l'année de la demande."""

    year: int
    delegation: str | None
    requests: int
    under_study: int
    reductions: int = Field(description="Accordées, en tout ou partie, et toujours en vigueur")
    plans: int
    refused: int
    granted: Money = Field(description="Payé par le fonds mutualisé, remises annulées déduites")


class ReliefSummaryOut(Schema):
    """Ce qui a été accordé, par année et par délégation, dans le périmètre de l'appelant."""

    lines: list[ReliefSummaryLineOut]
    granted: Money


class ReliefFilters(Schema):
    """Which requests: the same filters on list, count and export."""

    status: list[ReliefStatus] = Field(default_factory=list, max_length=10, description="États")
    asks: list[ReliefKind] = Field(default_factory=list, max_length=10, description="Ce qui est demandé")
    under_study: bool | None = Field(None, description="Ni décidée ni retirée")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    year: list[int] = Field(default_factory=list, max_length=20, description="L'année d'un de ses appels")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans la référence ou le nom")] = None


class ReliefListParams(PageParams, ReliefFilters):
    """Filters, order and page of the list of requests."""


class ReliefExportParams(ReliefFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class ReliefSummaryParams(Schema):
    """Of which years."""

    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
