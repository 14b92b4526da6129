"""API shapes of the sessions and of the public calendar."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from training.programmes.domain import Mode
from training.programmes.schemas import ChangeOut, Code, Duration, Headcount, Price
from training.rooms.domain import Fact
from training.rooms.schemas import Department
from training.sessions.domain import (
    CancelReason,
    CostKind,
    EventKind,
    SessionStatus,
    SessionType,
    Subject,
)
from training.trainers.domain import Half
from training.trainers.schemas import DelegationCode, Theme

Reference = Annotated[str, Field(pattern=r"^SES-\d{4}-\d{5,9}$", examples=["SES-2026-00042"])]
Reason = Annotated[Text, Field(description="Sans nommer personne", examples=["Salle reprise par la mairie"])]
Hour = Annotated[time, Field(description="Heure du lieu", examples=["09:00"])]
HttpsUrl = Annotated[Text, Field(pattern=r"^https://[^\s]+$", examples=["https://visio.exemple/abc"])]
Query = Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le code ou le titre du programme")]


class SessionSlotBody(Schema):
    """Une demi-journée. Dans une salle, à distance, ou les deux à la fois."""

    id: UUID | None = Field(None, description="D'une demi-journée du plan actuel : la garde, ailleurs ou autrement")
    day: Day
    half: Half
    begins: Hour
    ends: Hour
    room_id: UUID | None = None
    remote: bool = False
    trainers: list[UUID] = Field(default_factory=list, max_length=10)


class SessionPlan(Schema):
    """Les demi-journées d'une session, toutes."""

    slots: list[SessionSlotBody] = Field(max_length=MOST_SHOWN)


class SessionMove(SessionPlan):
    """Les demi-journées d'une session annoncée, toutes, et pourquoi elles changent."""

    reason: Reason


class SessionTerms(Schema):
    """Ce qui est décidé d'une session, ses demi-journées à part."""

    delegation: DelegationCode | None = Field(
        None, description="Qui l'organise ; absente : pour tout le pays", examples=["guyane"]
    )
    zone: Text = Field("Europe/Paris", description="Fuseau IANA de ce qui n'est pas dans une salle")
    seats_min: Headcount | None = None
    seats_max: Headcount | None = None
    reserved_for: list[UUID] = Field(
        default_factory=list, max_length=50, description="Structures pour qui elle est ; aucune : ouverte à tous"
    )
    adaptation: LongText = Field("", description="Ce qui est adapté pour elles : la session est alors sur mesure")
    adapted_hours: Duration | None = Field(None, description="Ses heures, si elles ne sont pas celles du programme")
    remote_url: HttpsUrl | None = Field(None, description="Jamais publique : pour les participants")
    decide_on: Day | None = Field(None, description="Jour de la décision ; absent : celui de la règle")
    decide_reason: LongText = Field("", description="Pourquoi ce jour-là ; obligatoire avec lui")
    closes_on: Day | None = Field(None, description="Dernier jour pour s'inscrire ; absent : selon le délai d'accès")


class SessionNew(SessionTerms):
    """Une session à préparer. Sans minimum ni maximum, ceux de la fiche."""

    programme_code: Code


class SessionCopy(Schema):
    """Le premier jour de la session à préparer d'après une autre."""

    first_day: Day


class SessionReason(Schema):
    """Pourquoi."""

    reason: Reason


class SessionExpense(Schema):
    """Une dépense, hors taxe."""

    kind: CostKind
    label: Text = Field(examples=["Salle, 4 demi-journées"])
    amount: Price
    recoverable_until: Day | None = Field(None, description="Annulée ce jour-là ou avant, rien n'est perdu")
    lost_if_cancelled: Price | None = Field(None, description="Ce qui est perdu après ; absent : personne ne le sait")


class SessionExpenses(Schema):
    """Les dépenses d'une session, toutes."""

    lines: list[SessionExpense] = Field(max_length=100)


class SessionCancellingOut(Schema):
    """Ce que coûterait d'annuler un jour donné."""

    on: date
    known: Price = Field(description="Perdu à coup sûr")
    unknown: Price = Field(description="Perdu peut-être, au plus : les dépenses dont on ne sait pas ce qui se récupère")


class SessionCostsOut(Schema):
    """Ce que coûte une session, et ce que les registres proposent d'y compter."""

    lines: list[SessionExpense]
    total: Price
    cancelling: SessionCancellingOut
    proposed: list[SessionExpense] = Field(description="Formateurs et salles, aux coûts de leurs registres")
    untold: list[str] = Field(description="Ceux dont le registre ne dit pas le coût")
    version: int


class SessionCostsParams(Schema):
    """For which day cancelling is counted."""

    on: Day | None = Field(None, description="Jour de l'annulation ; absent : aujourd'hui")


class SessionDefectOut(Schema):
    """Ce qui empêche d'annoncer une session, ou ce qu'il faut regarder."""

    pointer: str = Field(examples=["/slots/0/trainers"])
    code: str
    message: str


class SessionNamedOut(Schema):
    """Qui, ou quoi."""

    id: UUID
    name: str


class SessionSlotOut(Schema):
    """Une demi-journée."""

    id: UUID
    day: date
    half: Half
    half_label: str
    begins: time = Field(description="Heure du lieu")
    ends: time
    starts_at: datetime
    ends_at: datetime
    zone: str
    room: SessionNamedOut | None
    remote: bool
    trainers: list[SessionNamedOut]


class SessionDecisionRule(Schema):
    """La règle du jour de la décision."""

    workdays_before: int = Field(description="Jours ouvrés avant la première demi-journée")
    status: str = Field(description="published, ou assumed : à confirmer")
    source: str


class SessionLine(Schema):
    """Une session, dans la liste."""

    id: UUID
    reference: str
    programme_code: str
    programme_number: int
    title: str
    theme: str
    type: SessionType
    type_label: str
    status: SessionStatus
    status_label: str
    mode: Mode | None = Field(description="Absent : rien n'est dit du lieu")
    delegation: str | None
    first_day: date | None
    last_day: date | None
    city: str | None
    seats_min: int | None
    seats_max: int | None
    decide_on: date | None
    closes_on: date | None


class SessionOut(SessionLine):
    """Une session : ce qui en est décidé, ses demi-journées, et ce qui l'empêche d'être annoncée."""

    theme_label: str
    mode_label: str | None
    zone: str
    reserved_for: list[SessionNamedOut]
    adaptation: str
    remote_url: str | None
    decide_reason: str
    decision_rule: SessionDecisionRule
    slots: list[SessionSlotOut]
    hours: Duration | None = Field(description="Durée de ses demi-journées ; absente : aucune")
    hours_due: Duration | None = Field(description="Durée du programme, ou adaptée")
    current_number: int | None = Field(description="Version du programme au catalogue ; absente : il n'y est plus")
    defects: list[SessionDefectOut] = Field(description="Ce qui empêche de l'annoncer, ou la rend intenable")
    clashes: list[SessionDefectOut] = Field(description="Ce qu'une autre session annoncée lui prend")
    warnings: list[SessionDefectOut] = Field(description="Ce qu'il faut regarder, et qui n'empêche rien")
    announced_at: datetime | None
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    reason_code: CancelReason | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class SessionAdoptedOut(Schema):
    """La session à la version suivie désormais, et ce que le programme y change."""

    session: SessionOut
    before: int
    after: int
    changes: list[ChangeOut]


class SessionChangeOut(Schema):
    """Une chose qui a changé."""

    subject: Subject
    label: str
    slot_id: UUID | None
    before: str | None
    after: str | None


class SessionEventOut(Schema):
    """Ce qui fut fait d'une session annoncée."""

    id: UUID
    kind: EventKind
    label: str
    reason: str
    changes: list[SessionChangeOut]
    happened_at: datetime
    done_by: str


class SessionFilters(Schema):
    """Which sessions: the same filters on list and export."""

    status: list[SessionStatus] = Field(default_factory=list, max_length=5, description="Où elle en est")
    programme: list[Code] = Field(default_factory=list, max_length=50, description="Programmes, par leur code")
    theme: list[Theme] = Field(default_factory=list, max_length=20, description="Thèmes, par leur code")
    type: list[SessionType] = Field(default_factory=list, max_length=3, description="Inter, intra, sur mesure")
    delegation: list[DelegationCode] = Field(
        default_factory=list, max_length=20, description="Délégations qui organisent"
    )
    trainer_id: UUID | None = Field(None, description="Un formateur")
    room_id: UUID | None = Field(None, description="Une salle")
    day_from: Day | None = Field(None, description="Finit ce jour-là ou après")
    day_to: Day | None = Field(None, description="Commence ce jour-là ou avant")
    decide_before: Day | None = Field(None, description="À décider ce jour-là au plus tard")
    has_defects: bool | None = Field(None, description="true : quelque chose l'empêche d'être tenue")
    q: Query = None


class SessionListParams(PageParams, SessionFilters):
    """Filters, order and page of the list."""


class SessionExportParams(SessionFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class HeldHalfDayParams(PageParams):
    """Whose half-days, and from when to when."""

    trainer_id: UUID | None = Field(None, description="Un formateur")
    room_id: UUID | None = Field(None, description="Une salle")
    day_from: Day | None = Field(None, description="À partir de ce jour")
    day_to: Day | None = Field(None, description="Jusqu'à ce jour compris")


class HeldHalfDay(Schema):
    """Une demi-journée prise, et par quelle session."""

    id: UUID
    session_id: UUID
    reference: str
    title: str
    status: SessionStatus
    day: date
    half: Half
    starts_at: datetime
    ends_at: datetime
    zone: str
    room_id: UUID | None
    remote: bool


class CalendarParams(PageParams):
    """Filters, order and page of the public calendar."""

    programme: list[Code] = Field(default_factory=list, max_length=50, description="Programmes, par leur code")
    theme: list[Theme] = Field(default_factory=list, max_length=20, description="Thèmes, par leur code")
    delegation: list[DelegationCode] = Field(
        default_factory=list, max_length=20, description="Délégations qui organisent"
    )
    mode: list[Mode] = Field(default_factory=list, max_length=3, description="Modalités")
    department: list[Department] = Field(default_factory=list, max_length=20, description="Départements, par leur code")
    day_from: Day | None = Field(None, description="Commence ce jour-là ou après ; absent : aujourd'hui")
    day_to: Day | None = Field(None, description="Commence ce jour-là ou avant")
    q: Query = None


class AccessOut(Schema):
    """Qui peut entrer. « unknown » : personne ne l'a vérifié, demandez-nous."""

    step_free_access: Fact
    accessible_toilet: Fact
    hearing_loop: Fact
    parking: Fact
    note: str
    checked_on: date | None


class CalendarLine(Schema):
    """Une session annoncée et ouverte à tous."""

    reference: str
    programme_code: str
    programme_number: int
    title: str
    theme: str
    theme_label: str
    status: SessionStatus
    status_label: str
    mode: Mode
    mode_label: str
    first_day: date
    last_day: date
    venue: str | None
    city: str | None
    department: str | None
    delegation: str | None
    seats_max: int
    closes_on: date = Field(description="Dernier jour pour s'inscrire")
    access: AccessOut | None = Field(description="De sa première salle ; absent : à distance")


class CalendarSlotOut(Schema):
    """Une demi-journée, à l'heure du lieu."""

    day: date
    half: Half
    half_label: str
    begins: time
    ends: time
    starts_at: datetime
    ends_at: datetime
    zone: str
    venue: str | None
    city: str | None
    remote: bool
    access: AccessOut | None = Field(description="Absent : à distance")


class CalendarSheet(CalendarLine):
    """Une session annoncée, demi-journée par demi-journée. Annulée, elle le dit."""

    slots: list[CalendarSlotOut]
    hours: Duration
    reason_code: CancelReason | None
