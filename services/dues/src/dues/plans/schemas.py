"""API shapes of instalment plans."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from dues.plans.domain import Asked, EqualParts, InstalmentState, Part, PlanState


class EqualPartsIn(Schema):
    """Des échéances égales, au centime près."""

    count: int = Field(ge=1, le=60, description="Nombre d'échéances", examples=[4])
    first_on: Day = Field(description="Jour de la première")
    every_months: int = Field(1, ge=1, le=12, description="Une tous les combien de mois")

    def asked(self) -> Asked:
        """Return what is asked for as the rules read it."""
        return EqualParts(self.count, self.first_on, self.every_months)


class InstalmentIn(Schema):
    """Une échéance."""

    day: Day
    amount: Annotated[Money, Field(gt=Decimal(0))]


class ListedPartsIn(Schema):
    """Des échéances dites une à une, qui font ce qui reste dû."""

    instalments: list[InstalmentIn] = Field(min_length=1, max_length=60)

    def asked(self) -> Asked:
        """Return what is asked for as the rules read it."""
        return tuple(Part(one.day, one.amount) for one in self.instalments)


class PlanAmendmentIn(Schema):
    """Un nouvel échéancier de ce qui reste, et pourquoi."""

    schedule: EqualPartsIn | ListedPartsIn
    reason: Text = Field(description="Ce que la structure lira", examples=["Trésorerie tendue jusqu'à l'été."])


class PlanIn(PlanAmendmentIn):
    """Un échéancier à convenir."""

    member_id: UUID
    invoice_ids: list[UUID] | None = Field(
        None,
        min_length=1,
        max_length=20,
        description="Les appels qu'il couvre ; sans rien dire, tous ceux qui restent dus et qu'aucun autre ne couvre",
    )


class PlanReasonIn(Schema):
    """Pourquoi."""

    reason: Text


class PlanLimitsOut(Schema):
    """Ce que peut être un échéancier convenu aujourd'hui, et d'où vient la règle."""

    since: date
    most_instalments: int
    most_months: int
    least_amount: Money = Field(description="Montant d'une échéance, s'il y en a plusieurs")
    broken_after_days: int = Field(description="Jours de retard au-delà desquels il est proposé comme rompu")
    status: str = Field(description="`assumed` : à confirmer")
    source: str


class InstalmentOut(Schema):
    """Une échéance, et ce qu'en font les règlements des appels couverts : la plus ancienne d'abord."""

    id: UUID
    rank: int
    day: date
    amount: Money
    paid: Money
    credited: Money = Field(description="Retiré par un avoir, à partir de la dernière échéance")
    left: Money = Field(description="Reste à payer ; d'un échéancier qui ne vaut plus, ce qu'il en restait alors")
    state: InstalmentState
    state_label: str


class PlannedCallOut(Schema):
    """Un appel couvert : ce qui en était dû ce jour-là, ce qui en est dû."""

    invoice_id: UUID
    number: str
    year: int
    total: Money
    balance: Money = Field(description="Dû le jour où l'échéancier a été convenu")
    owed: Money = Field(description="Dû aujourd'hui, ou le jour où il a cessé de valoir")


class ScheduleOut(Schema):
    """Un échéancier tel que convenu un jour."""

    number: int
    agreed_on: date
    reason: str
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    closed_on: date | None = Field(description="Le jour où un autre l'a remplacé, ou qui a mis fin au plan")
    total: Money
    instalments: list[InstalmentOut]
    calls: list[PlannedCallOut]


class OutsideCallOut(Schema):
    """Un appel ouvert que le plan ne couvre pas : un complément émis depuis, une autre année."""

    invoice_id: UUID
    number: str
    owed: Money
    due_on: date


class PlanOut(Schema):
    """Un plan d'échéances sur ce qui reste dû, et où il en est aujourd'hui."""

    id: UUID
    reference: str = Field(examples=["ECH-2026-00007"])
    member_id: UUID
    name: str
    delegation: str | None
    state: PlanState
    state_label: str
    agreed_on: date
    numbers: list[str] = Field(description="Les appels qu'il couvre")
    total: Money = Field(description="Ce que partage l'échéancier en vigueur")
    paid: Money = Field(description="Réglé depuis qu'il est convenu")
    credited: Money = Field(description="Annulé par des avoirs depuis")
    left: Money = Field(description="Ce qui reste de ses échéances")
    beyond: Money = Field(description="Dû en plus de ses échéances : de l'argent d'avant lui est revenu impayé")
    next_on: date | None = Field(description="Première échéance non réglée, en retard ou à venir")
    next_left: Money | None
    late_since: date | None = Field(description="Depuis quelle échéance il est en retard")
    broken_proposed: bool = Field(description="Le retard dépasse la règle : aux finances de décider")
    ended_on: date | None
    end_reason: str | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class PlanDetail(PlanOut):
    """Un plan, son échéancier en vigueur, ceux d'avant, et d'où vient son solde."""

    schedule: ScheduleOut
    past: list[ScheduleOut]
    explanation: list[str] = Field(description="D'où vient le solde, phrase par phrase")
    outside: list[OutsideCallOut] = Field(description="Ce que la structure doit hors de ce plan")
    limits: PlanLimitsOut


class PlanFilters(Schema):
    """Which plans: the same filters on list, count and export."""

    state: list[PlanState] = Field(default_factory=list, max_length=10, description="États")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    invoice_id: list[UUID] = Field(default_factory=list, max_length=200, description="Appels de cotisation")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    late: bool | None = Field(None, description="Une échéance est en retard")
    broken_proposed: bool | None = Field(None, description="En retard au-delà de la règle")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans la référence ou le nom")] = None


class PlanListParams(PageParams, PlanFilters):
    """Filters, order and page of the list of plans."""


class PlanExportParams(PlanFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
