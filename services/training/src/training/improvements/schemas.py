"""API shapes of watch items, risks and improvement actions."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from training.improvements.domain.actions import ActionStatus, ActionStep, CauseKind
from training.improvements.domain.risks import RiskStatus, RiskStep
from training.improvements.domain.watch import WatchKind, WatchStatus

Reference = Annotated[str, Field(min_length=1, max_length=60, examples=["ACT-2026-00012"])]
Long = Annotated[LongText, Field(min_length=1)]
Degree = Annotated[int, Field(ge=1, le=4, examples=[3])]
IndicatorNumber = Annotated[int, Field(ge=1, le=99, examples=[32])]
Search = Annotated[str | None, Field(min_length=2, max_length=100, description="Dans la référence ou l'intitulé")]
Owner = Annotated[Text, Field(description="Un service ou une fonction, jamais une personne")]
Owners = Annotated[list[Text], Field(max_length=20, description="Services ou fonctions responsables")]


class ReasonIn(Schema):
    """Pourquoi. Sans le nom d'une personne : c'est gardé pour toujours."""

    reason: Text


class NoteIn(Schema):
    """De quoi se souvenir. Sans le nom d'une personne : c'est gardé pour toujours."""

    note: Text | None = None


class WatchItemIn(Schema):
    """Ce qu'une source a dit un jour."""

    kind: WatchKind
    title: Text = Field(examples=["Décret du 1er août 2026 sur le référentiel qualité"])
    source: Text = Field(examples=["Journal officiel du 4 août 2026"])
    dated_on: Day = Field(description="Le jour de la source")
    says: Long = Field(description="Ce qu'elle dit")
    follows: Long = Field(description="Ce qui en découle pour nous")


class WatchItemOut(Schema):
    """Une veille, et ce qu'on en a tiré."""

    reference: str = Field(examples=["VEI-2026-00003"])
    kind: WatchKind
    kind_label: str
    indicator: int
    title: str
    source: str
    dated_on: date
    says: str
    follows: str
    status: WatchStatus
    status_label: str
    reason: str | None = Field(description="Pourquoi rien n'est à faire")
    exploited_on: date | None
    recorded_on: date
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    settled_by: str | None = Field(description="Identifiant du dernier qui en a tiré quelque chose")
    actions: list[str] = Field(description="Références des actions qui en découlent")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class WatchItemFilters(Schema):
    """Which watch items: the same filters on list and export."""

    kind: list[WatchKind] = Field(default_factory=list, max_length=3, description="Ce qui est suivi")
    status: list[WatchStatus] = Field(default_factory=list, max_length=3, description="Exploitées ou non")
    dated_from: Day | None = Field(None, description="Datées de ce jour ou après")
    dated_to: Day | None = Field(None, description="Datées de ce jour ou avant")
    q: Search = None


class WatchItemListParams(PageParams, WatchItemFilters):
    """Filters, order and page of the watch items."""


class WatchItemExportParams(WatchItemFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class ScaleStepOut(Schema):
    """Un degré de l'échelle."""

    value: int
    label: str


class ScaleOut(Schema):
    """L'échelle des risques."""

    likelihood: list[ScaleStepOut]
    severity: list[ScaleStepOut]
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class RiskIn(Schema):
    """Un risque à suivre."""

    title: Text = Field(examples=["Formatrice seule à tenir un programme"])
    description: Long
    cause: Long = Field(description="D'où il vient")
    likelihood: Degree = Field(description="Vraisemblance, de 1 à 4")
    severity: Degree = Field(description="Gravité, de 1 à 4")
    owner: Owner = Field(examples=["Responsable qualité"])
    next_review_on: Day = Field(description="Quand on le revoit")


class RiskReviewIn(Schema):
    """Un risque revu."""

    likelihood: Degree = Field(description="Vraisemblance, de 1 à 4")
    severity: Degree = Field(description="Gravité, de 1 à 4")
    next_review_on: Day = Field(description="Quand on le revoit")
    note: Text = Field(description="Ce qui a été regardé ; sans le nom d'une personne")


class RiskEntryOut(Schema):
    """Une ligne de l'histoire d'un risque."""

    number: int
    step: RiskStep
    step_label: str
    likelihood: int
    severity: int
    next_review_on: date
    note: str | None
    at: AwareDatetime
    by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class RiskLine(Schema):
    """Un risque, dans la liste."""

    reference: str = Field(examples=["RIS-2026-00002"])
    title: str
    owner: str
    likelihood: int
    severity: int
    level: int = Field(description="Vraisemblance fois gravité, de 1 à 16")
    reviewed_on: date
    next_review_on: date
    review_due: bool = Field(description="Vrai : il devait être revu")
    status: RiskStatus
    status_label: str


class RiskOut(RiskLine):
    """Un risque, avec son histoire."""

    description: str
    cause: str
    actions: list[str] = Field(description="Références des actions qui en découlent")
    history: list[RiskEntryOut]
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class RiskFilters(Schema):
    """Which risks: the same filters on list and export."""

    status: list[RiskStatus] = Field(default_factory=list, max_length=2, description="Suivis ou clos")
    review_due: bool | None = Field(None, description="true : ceux qui devaient être revus")
    level_from: Annotated[int, Field(ge=1, le=16)] | None = Field(None, description="Au moins ce niveau, de 1 à 16")
    owner: Owners = Field(default_factory=list)
    q: Search = None


class RiskListParams(PageParams, RiskFilters):
    """Filters, order and page of the risks."""


class RiskExportParams(RiskFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class CauseIn(Schema):
    """Ce dont vient une action. D'une réclamation, elle se prévoit depuis la réclamation."""

    kind: CauseKind
    reference: Reference = Field(description="D'un audit, le numéro que l'auditeur donne à son constat")


class ActionIn(Schema):
    """Une action à prévoir."""

    title: Text = Field(examples=["Former une seconde intervenante au programme"])
    causes: list[CauseIn] = Field(min_length=1, max_length=10)
    indicators: list[IndicatorNumber] = Field(
        min_length=1, max_length=33, description="Indicateurs Qualiopi concernés, du référentiel du jour"
    )
    owner: Owner = Field(examples=["Responsable pédagogique"])
    due_on: Day


class VerifyIn(Schema):
    """L'effet d'une action faite."""

    effective: bool
    note: Text = Field(description="Comment on le sait ; sans le nom d'une personne")


class RescheduleIn(Schema):
    """Une nouvelle échéance."""

    due_on: Day
    reason: Text = Field(description="Gardé pour toujours ; sans le nom d'une personne")


class CauseOut(Schema):
    """Ce dont vient une action."""

    kind: CauseKind
    kind_label: str
    reference: str


class ActionEntryOut(Schema):
    """Une étape d'une action."""

    number: int
    step: ActionStep
    step_label: str
    note: str | None
    due_on: date = Field(description="L'échéance d'alors")
    at: AwareDatetime
    by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class ActionLine(Schema):
    """Une action, dans la liste."""

    reference: str
    title: str
    causes: list[CauseOut]
    indicators: list[int]
    owner: str
    due_on: date
    planned_on: date
    status: ActionStatus
    status_label: str
    overdue: bool
    restricted: bool = Field(description="Vrai : vient d'un signalement ; l'équipe formation seule la voit")


class ImprovementActionOut(ActionLine):
    """Une action, avec son histoire."""

    history: list[ActionEntryOut]
    replaced_by: list[str] = Field(description="Sans effet : les actions prévues à sa suite")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ActionFilters(Schema):
    """Which actions: the same filters on list and export."""

    status: list[ActionStatus] = Field(default_factory=list, max_length=6, description="Où elles en sont")
    overdue: bool | None = Field(None, description="true : celles qui devaient être faites")
    indicator: list[IndicatorNumber] = Field(default_factory=list, max_length=33, description="Indicateurs concernés")
    cause_kind: list[CauseKind] = Field(default_factory=list, max_length=6, description="Ce dont elles viennent")
    cause: Reference | None = Field(None, description="La référence de ce dont elles viennent")
    owner: Owners = Field(default_factory=list)
    due_from: Day | None = Field(None, description="À faire ce jour ou après")
    due_to: Day | None = Field(None, description="À faire ce jour ou avant")
    q: Search = None


class ActionListParams(PageParams, ActionFilters):
    """Filters, order and page of the actions."""


class ActionExportParams(ActionFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class IndicatorActionsOut(Schema):
    """Les actions qui concernent un indicateur."""

    indicator: int
    open: int
    overdue: int
    to_verify: int
    effective: int
    ineffective: int


class ImprovementSummaryOut(Schema):
    """Ce qui attend quelqu'un."""

    open_actions: int
    overdue_actions: int
    to_verify: int = Field(description="Faites, dont l'effet n'est pas vérifié")
    unanswered_failures: int = Field(description="Sans effet, et rien à la suite qui ne soit abandonné")
    watch_to_exploit: int
    open_risks: int
    risks_to_review: int
    by_indicator: list[IndicatorActionsOut] = Field(
        max_length=MOST_SHOWN, description="Une action compte dans chacun de ses indicateurs"
    )
