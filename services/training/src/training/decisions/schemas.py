"""API shapes of the decisions on sessions."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Quantity, Schema
from training.decisions.domain import DecisionAct, ForecastBasis, Nearness
from training.enrolments.domain import ReseatOutcome
from training.enrolments.schemas import EnrolmentLine
from training.programmes.schemas import Code, Price
from training.sessions.domain import CancelReason
from training.sessions.schemas import SessionOut, SessionReason
from training.trainers.schemas import DelegationCode

_MOST_SISTERS = 5


class SessionCancel(SessionReason):
    """Pourquoi la session est annulée. Le texte reste ici ; le code seul est dit aux autres services."""

    reason_code: CancelReason
    into: Annotated[list[UUID], Field(max_length=_MOST_SISTERS)] = Field(
        default_factory=list,
        description="Sessions du même programme où vont ses inscrits, la préférée d'abord ; aucune : places rendues",
    )


class SessionMerge(SessionReason):
    """La session du même programme à qui celle-ci est réunie."""

    into: UUID


class SessionPostpone(SessionReason):
    """Quand décider à la place : un jour ouvré à venir, avant la première demi-journée."""

    decide_on: Day


class SisterOut(Schema):
    """Une autre session du même programme, qui a de la place."""

    session_id: UUID
    reference: str
    first_day: date
    seats_left: int
    nearness: Nearness
    nearness_label: str


class SuggestionOut(Schema):
    """Ce que la règle ferait, et pourquoi. Une suggestion : quelqu'un décide."""

    act: DecisionAct
    label: str
    reasons: list[str]
    into: UUID | None = Field(description="La session où reporter, d'une réunion")


class DecisionFigures(Schema):
    """Ce qui est connu d'une session le jour où on en décide. Montants hors taxe."""

    taken: int = Field(description="Places prises")
    offered: int = Field(description="Places proposées à qui attend")
    waiting: int = Field(description="Places attendues")
    minimum: int
    maximum: int
    expected: int | None = Field(description="Places prises ou proposées que la prévision donne")
    low: int | None
    high: int | None
    revenue: Price = Field(description="Des places prises, au prix de leurs devis")
    costs: Price | None = Field(description="Absent : aucun coût n'est saisi")
    margin: Money | None = Field(description="Avec les places prises")
    expected_margin: Money | None = Field(description="Avec la prévision, au prix moyen d'aujourd'hui")
    cancelling: Price = Field(description="Perdu à coup sûr en annulant ce jour-là")
    cancelling_unknown: Price = Field(description="Perdu peut-être en plus, au plus")


class DueLine(DecisionFigures):
    """Une session dont il faut décider."""

    session_id: UUID
    reference: str
    programme_code: str
    title: str
    delegation: str | None
    first_day: date
    decide_on: date
    overdue: bool
    forecast_text: str
    forecast_basis: ForecastBasis | None
    forecast_sessions: int = Field(description="Sessions passées sur lesquelles la prévision s'appuie, ou qu'il y a")
    sisters: list[SisterOut] = Field(description="Les cinq plus proches")
    suggestion: SuggestionOut


class FillingPoint(Schema):
    """La part des places finales qui étaient prises tant de jours avant : au milieu, et entre quels quarts."""

    days: int
    share: Quantity
    low: Quantity
    high: Quantity


class AssumedRule(Schema):
    """Une règle, d'où elle vient, et si elle est publiée (published) ou supposée (assumed)."""

    text: str
    status: str
    source: str


class DecisionSheet(DueLine):
    """Tout ce qui est connu d'une session à décider."""

    curve: list[FillingPoint] = Field(description="Comment se remplissaient les sessions comparables ; vide : aucune")
    rules: list[AssumedRule]
    version: int = Field(description="De la session")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class DecisionOut(Schema):
    """Ce qui fut décidé d'une session, et sur quels chiffres."""

    id: UUID
    session_id: UUID
    act: DecisionAct
    act_label: str
    reason: str
    reason_code: CancelReason | None
    postponed_to: date | None
    into: list[UUID]
    figures: DecisionFigures
    decided_at: datetime
    decided_by: str


class SeatMoved(Schema):
    """Ce que devient une place de la session."""

    enrolment_id: UUID
    request_reference: str
    buyer_name: str
    trainee_id: UUID | None
    unit_price: Money = Field(description="Inchangé d'une session à l'autre")
    outcome: ReseatOutcome
    outcome_label: str
    session_id: UUID | None
    new_enrolment_id: UUID | None
    new_request_reference: str | None
    rank: int | None = Field(description="Rang de la demande dans la liste d'attente de l'autre session")
    decline_by: date | None = Field(description="Dernier jour pour refuser le report sans frais")


class SessionDecided(SessionOut):
    """La session après la décision, ce qui fut décidé, et ce que devient chaque place."""

    decision: DecisionOut
    seats: list[SeatMoved]


class DueFilters(Schema):
    """Which sessions to decide: the same filters on list and export."""

    until: Day | None = Field(None, description="À décider ce jour-là au plus tard")
    delegation: list[DelegationCode] = Field(default_factory=list, max_length=20, description="Qui les organise")
    programme: list[Code] = Field(default_factory=list, max_length=50, description="Programmes, par leur code")
    overdue: bool | None = Field(None, description="true : le jour de la décision est passé")


class DueListParams(PageParams, DueFilters):
    """Filters, order and page of the sessions to decide."""


class DueExportParams(DueFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class ReseatLine(Schema):
    """Une place reportée d'une session qui n'est pas tenue."""

    enrolment: EnrolmentLine = Field(description="La place de l'autre session")
    replaces: UUID = Field(description="L'inscription qu'elle remplace")
    from_session_id: UUID
    decision_id: UUID
    decline_by: date = Field(description="Dernier jour pour la refuser sans frais")


class ReseatOut(ReseatLine):
    """Une place reportée, et si elle se refuse encore sans frais."""

    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ReseatListParams(PageParams):
    """Filters, order and page of the seats that were carried."""

    session_id: Annotated[list[UUID], Field(max_length=50)] = Field(
        default_factory=list, description="La session où elles sont reportées"
    )
    from_session_id: Annotated[list[UUID], Field(max_length=50)] = Field(
        default_factory=list, description="La session qui n'est pas tenue"
    )
