"""API shapes of the solidarity calls."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Money, Quantity, Schema, Text
from training.solidarity_calls.domain import (
    BudgetLine,
    CallText,
    Criterion,
    Decision,
    JurorPart,
    Project,
    SolidarityApplicationStatus,
    SolidarityCallState,
    SolidarityPublic,
    Spending,
)

_MOST = Decimal(100_000_000)
_Amount = Annotated[Money, Field(gt=0, le=_MOST)]
_AmountOrNothing = Annotated[Money, Field(ge=0, le=_MOST)]
_Written = Annotated[LongText, AfterValidator(str.strip)]
_Count = Annotated[int, Field(ge=0, le=100_000)]
_Hours = Annotated[Quantity, Field(le=_MOST, max_digits=10, decimal_places=2)]
_Points = Annotated[Quantity, Field(gt=0, le=100, max_digits=5, decimal_places=2)]
_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=30, examples=["reach"])]
_Asked = Annotated[str | None, Field(min_length=2, max_length=100)]
_Ids = Annotated[list[UUID], Field(max_length=MOST_SHOWN)]


class SolidarityCriterionIo(Schema):
    """Un critère de l'appel, et son poids parmi les autres."""

    code: _Code
    label: Text = Field(examples=["Nombre de salariés formés"])
    weight: Annotated[int, Field(ge=1, le=1_000)]


class SolidarityCallIn(Schema):
    """Un appel à écrire."""

    title: Text = Field(examples=["Fonds mutualisés solidaires 2026"])
    text: _Written = ""
    year: Annotated[int, Field(ge=2000, le=2100)]
    envelope_id: UUID = Field(description="L'enveloppe que l'appel partage")
    opens_on: Day = Field(description="Premier jour où une demande se dépose")
    closes_on: Day = Field(description="Dernier jour, inclus, à Paris")
    budget: _Amount = Field(description="Ce que l'appel peut accorder en tout")
    max_award: _Amount | None = Field(None, description="Ce qu'il peut accorder à une demande")
    criteria: list[SolidarityCriterionIo] = Field(min_length=1, max_length=20)
    scale: Annotated[int, Field(ge=1, le=100)] = Field(description="La meilleure note d'un critère ; la pire est 0")
    scores_needed: Annotated[int, Field(ge=1, le=50)] = Field(
        1, description="Notes à chaque demande avant le classement"
    )
    spread_alarm: _Points | None = Field(
        None, description="Écart entre deux jurés, en points sur 100, à partir duquel une demande est à discuter"
    )

    def said(self) -> CallText:
        """Return it as the rules know it."""
        said = {name: getattr(self, name) for name in CallText.__slots__}
        criteria = tuple(Criterion(one.code, one.label, one.weight) for one in self.criteria)
        return CallText(**{**said, "criteria": criteria})


class SolidarityCallTotals(Schema):
    """Ce qu'un appel a reçu, accordé et permis."""

    projects: int = Field(description="Demandes déposées et pas retirées")
    enterprises: int = Field(description="Structures qui les portent ou y sont partenaires, chacune une fois")
    asked: Money
    people_asked: int = Field(description="Stagiaires prévus par ces demandes")
    kept: int = Field(description="Demandes retenues, en entier ou pour moins")
    awarded: Money
    people: int = Field(description="Stagiaires des demandes retenues")
    left: Money = Field(description="Ce qui reste du budget")
    spent: Money = Field(description="Dépensé des aides")
    people_trained: int
    hours_given: Quantity


class SolidarityCallOut(Schema):
    """Un appel des fonds mutualisés solidaires."""

    id: UUID
    title: str
    text: str
    year: int
    envelope_id: UUID
    opens_on: date
    closes_on: date
    budget: Money
    max_award: Money | None
    criteria: list[SolidarityCriterionIo]
    scale: int
    scores_needed: int
    spread_alarm: Quantity | None
    state: SolidarityCallState
    state_label: str
    opened_on: date | None
    ranked_on: date | None
    decided_on: date | None
    totals: SolidarityCallTotals | None = Field(description="Absent pour qui ne lit que ses propres demandes")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class CallListParams(PageParams):
    """Filters, order and page of the list of calls."""

    state: list[SolidarityCallState] = Field(default_factory=list, max_length=6, description="États")
    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    q: Annotated[_Asked, Field(description="Dans le titre")] = None


class SolidarityBudgetLineIo(Schema):
    """Une dépense du projet."""

    label: Text
    amount: _Amount


class SolidarityApplicationIn(Schema):
    """Une demande, telle qu'elle doit être ; un brouillon peut être incomplet."""

    title: Text = Field(examples=["Former les encadrants à l'accompagnement"])
    description: _Written = ""
    partners: list[UUID] = Field(default_factory=list, max_length=50, description="Les autres structures du projet")
    public: SolidarityPublic | None = None
    trainees: _Count = Field(0, description="Stagiaires prévus")
    hours: _Hours = Field(Decimal(0), description="Heures de formation, en tout")
    asked: _AmountOrNothing = Field(Decimal(0), description="Ce qui est demandé")
    costs: list[SolidarityBudgetLineIo] = Field(default_factory=list, max_length=60)

    def project(self) -> Project:
        """Return it as the rules know it."""
        said = {name: getattr(self, name) for name in Project.__slots__}
        costs = tuple(BudgetLine(line.label, line.amount) for line in self.costs)
        return Project(**{**said, "partners": tuple(self.partners), "costs": costs})


class SolidarityDefectOut(Schema):
    """Ce qui empêche de déposer, et où."""

    pointer: str
    code: str
    message: str


class SolidarityAwardOut(Schema):
    """L'aide accordée, et ce qu'elle devient."""

    amount: Money
    trainees: int
    decided_on: date
    spent: Money
    trainees_trained: int
    hours_given: Quantity
    left: Money = Field(description="Ni dépensé, ni rendu à l'enveloppe")
    closed_on: date | None


class SolidarityApplicationOut(Schema):
    """Une demande. Son rang et sa note ne se lisent qu'une fois le classement arrêté, et pas par la structure."""

    id: UUID
    call_id: UUID
    call_title: str
    year: int
    member_id: UUID
    member_name: str
    reference: str | None = Field(description="Donnée au dépôt", examples=["FMS-2026-00003"])
    status: SolidarityApplicationStatus
    status_label: str
    title: str
    partners: list[UUID]
    public: SolidarityPublic | None
    trainees: int
    hours: Quantity
    asked: Money
    cost: Money
    submitted_on: date | None
    rank: int | None
    score: Quantity | None = Field(description="Sur 100")
    reason: str = Field(description="Pourquoi la demande n'est pas suivie, ou pas en entier")
    award: SolidarityAwardOut | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class SolidarityApplicationDetail(SolidarityApplicationOut):
    """Une demande, avec son texte, son budget et ce qui y manque."""

    description: str
    costs: list[SolidarityBudgetLineIo]
    defects: list[SolidarityDefectOut]


class ApplicationFilters(Schema):
    """Which applications: the same filters on list and export."""

    call_id: _Ids = Field(default_factory=list, description="Appels")
    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    member_id: _Ids = Field(default_factory=list, description="Structures qui portent")
    status: list[SolidarityApplicationStatus] = Field(default_factory=list, max_length=6, description="États")
    public: list[SolidarityPublic] = Field(default_factory=list, max_length=3, description="Publics formés")
    unclosed: bool | None = Field(None, description="true : accordée, et pas encore close")
    q: Annotated[_Asked, Field(description="Dans la référence, le titre ou le nom de la structure")] = None


class ApplicationListParams(PageParams, ApplicationFilters):
    """Filters, order and page of the list of applications."""


class ApplicationExportParams(ApplicationFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class SolidarityScoreIn(Schema):
    """La note d'un juré. Elle ne change plus."""

    marks: dict[str, int] = Field(max_length=20, description="Par critère, de 0 au maximum de l'appel")
    comment: _Written = ""


class SolidarityRecusalIn(Schema):
    """Un juré se déporte."""

    reason: Text


class SolidarityScoreOut(Schema):
    """Ce qu'un juré a fait d'une demande."""

    juror: str = Field(description="L'identifiant du juré")
    part: JurorPart
    part_label: str
    marks: dict[str, int]
    total: Quantity | None = Field(description="Sur 100 ; absent d'un déport")
    comment: str


class SolidarityScoresOut(Schema):
    """Les notes d'une demande. Celles des autres ne se lisent qu'une fois la sienne donnée."""

    given: int = Field(description="Combien de jurés ont noté")
    recused: int = Field(description="Combien se sont déportés")
    own: SolidarityScoreOut | None
    blind: bool = Field(description="Vrai : donnez votre note pour lire les autres")
    scores: list[SolidarityScoreOut] = Field(max_length=MOST_SHOWN)
    mean: Quantity | None
    spread: Quantity | None = Field(description="Écart entre la meilleure et la moins bonne")
    to_discuss: bool | None


class SolidarityBoardLine(Schema):
    """Une demande au tableau des notes : qui a noté, et les notes pour qui a donné la sienne."""

    application_id: UUID
    reference: str
    member_name: str
    title: str
    given: int
    recused: int
    own: JurorPart | None = Field(description="Ce que vous en avez fait")
    mean: Quantity | None
    spread: Quantity | None
    to_discuss: bool | None


class BoardParams(PageParams):
    """Order and page of the board."""

    waiting: bool | None = Field(None, description="true : celles que vous n'avez ni notées ni laissées")


class SolidarityDecisionIn(Schema):
    """Ce qui est décidé d'une demande."""

    application_id: UUID
    amount: _Amount | None = Field(None, description="Absent : refusée")
    trainees: Annotated[int, Field(ge=1, le=100_000)] | None = Field(None, description="Absent : autant que prévu")
    reason: _Written = Field("", description="À dire quand la demande n'est pas suivie en entier")

    def decision(self) -> Decision:
        """Return it as the rules know it."""
        return Decision(
            application_id=self.application_id, amount=self.amount, trainees=self.trainees, reason=self.reason
        )


class SolidarityDecisionsIn(Schema):
    """La décision sur toutes les demandes classées."""

    decisions: list[SolidarityDecisionIn] = Field(max_length=500)


class SolidarityLetterOut(Schema):
    """La lettre qui dit à une structure ce qui a été décidé."""

    application_id: UUID
    reference: str
    member_id: UUID
    member_name: str
    outcome: SolidarityApplicationStatus
    text: str


class SolidarityDecidedOut(Schema):
    """L'appel décidé, et les lettres qui le disent ; sous `dry_run`, celles qui le diraient."""

    call: SolidarityCallOut
    letters: list[SolidarityLetterOut] = Field(max_length=500)


class SolidaritySpendingIn(Schema):
    """Ce à quoi une part d'une aide a servi."""

    label: Text = Field(description="La formation ; jamais le nom d'une personne", examples=["Accompagner, 2 jours"])
    spent_on: Day
    trainees: _Count = Field(description="Combien de personnes formées")
    hours: _Hours = Field(description="Heures de formation données")
    amount: _Amount

    def spending(self) -> Spending:
        """Return it as the rules know it."""
        return Spending(**{name: getattr(self, name) for name in Spending.__slots__})


class SolidaritySpendingOut(Schema):
    """Une dépense d'une aide. Elle ne change plus."""

    id: UUID
    label: str
    spent_on: date
    trainees: int
    hours: Quantity
    amount: Money
    recorded_at: datetime


class SpendingListParams(PageParams):
    """Order and page of the spending of an award."""
