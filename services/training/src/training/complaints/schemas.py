"""API shapes of the complaints."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, EmailStr, Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Quantity, Schema, Text
from training.complaints.domain.complaint import Channel, ComplaintKind, ComplaintStatus, ComplaintStep, TextRole

Reference = Annotated[str, Field(min_length=1, max_length=60, examples=["REC-2026-00001"])]
Key = Annotated[str, Field(min_length=20, max_length=100)]
Code = Annotated[Text, Field(max_length=60)]
Long = Annotated[LongText, Field(min_length=1)]
Year = Annotated[int, Field(ge=2000, le=2100, description="L'année où elles ont été reçues")]


class ComplaintIn(Schema):
    """Ce que l'on dit. Le nom et l'adresse sont facultatifs ; l'équipe formation seule les lit."""

    kind: ComplaintKind
    text: Long = Field(description="Ce qui est arrivé")
    session: Code | None = Field(None, description="Référence de la session, non vérifiée", examples=["SES-2026-00012"])
    programme: Code | None = Field(None, description="Code du programme, non vérifié", examples=["CIP-01"])
    name: Text | None = Field(None, description="Comment vous appeler")
    email: EmailStr | None = Field(None, max_length=200, description="Où vous répondre")


class ComplaintRecordIn(ComplaintIn):
    """Ce que l'équipe formation a reçu autrement que par le formulaire."""

    channel: Channel
    received_on: Day | None = Field(
        None, description="Le jour où c'est arrivé chez nous ; aujourd'hui s'il n'est pas dit"
    )
    member_id: UUID | None = Field(None, description="La structure dont elle est, non vérifiée")


class DeadlinesOut(Schema):
    """Sous combien de jours ouvrés on accuse réception, puis on répond."""

    acknowledge_days: int
    answer_days: int
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class FiledOut(Schema):
    """Reçue. La clé ne se montre qu'une fois : elle seule permet de la suivre sans compte."""

    reference: str = Field(examples=["REC-2026-00001"])
    received_on: date
    acknowledge_due_on: date
    answer_due_on: date
    key: str = Field(description="À garder, et à donner dans l'en-tête `Complaint-Key`")


class AnswerIn(Schema):
    """La réponse, telle que la lit qui a réclamé."""

    text: Long


class ReopenIn(Schema):
    """Ce que la réponse laisse."""

    text: Long


class ComplaintActionIn(Schema):
    """Une action d'amélioration à prévoir."""

    title: Text = Field(examples=["Vérifier le chauffage de la salle avant chaque session"])
    indicators: list[Annotated[int, Field(ge=1, le=99, examples=[31])]] = Field(
        min_length=1, max_length=33, description="Indicateurs Qualiopi concernés, du référentiel du jour"
    )
    owner: Text = Field(
        description="Un service ou une fonction, jamais une personne", examples=["Assistance formation"]
    )
    due_on: Day


class ComplaintLinkIn(Schema):
    """Une action déjà prévue, qui répond aussi à celle-ci."""

    action: Reference = Field(description="Référence de l'action")


class CloseIn(Schema):
    """Comment elle finit."""

    cause: Long = Field(description="La cause trouvée ; sans le nom d'une personne")
    no_action: Text | None = Field(None, description="Pourquoi aucune action ; absent si une action y est rattachée")


class EraseIn(Schema):
    """Ce qui s'efface : le nom, l'adresse, les liens et les courriels ; les textes sur demande."""

    texts: bool = Field(False, description="true : effacer aussi ce qui fut écrit, quand il fait reconnaître quelqu'un")


class ComplaintTextOut(Schema):
    """Ce qui fut écrit."""

    number: int = Field(description="L'étape où ce fut écrit")
    role: TextRole
    role_label: str
    text: str


class ComplaintEntryOut(Schema):
    """Une étape."""

    number: int
    step: ComplaintStep
    step_label: str
    at: AwareDatetime
    by: str = Field(description="Identifiant de l'auteur, jamais un nom ; `complainant` : par son lien")


class ComplainantOut(Schema):
    """Qui a réclamé, tel que dit."""

    name: str | None
    email: str | None
    mails: list[str] = Field(description="Ce que sont devenus les courriels envoyés, dans leur ordre")


class ComplaintLine(Schema):
    """Une réclamation, dans la liste."""

    reference: str
    kind: ComplaintKind
    kind_label: str
    channel: Channel
    channel_label: str
    member_id: UUID | None
    session: str | None
    programme: str | None
    received_on: date
    acknowledge_due_on: date
    answer_due_on: date
    due_on: date = Field(description="L'échéance de ce qui vient ; une fois répondue, celle qui valait")
    acknowledged_on: date | None
    answered_on: date | None = Field(description="La première réponse")
    closed_on: date | None
    status: ComplaintStatus
    status_label: str
    overdue: bool


class ComplaintOut(ComplaintLine):
    """Une réclamation. Ce qui fut écrit : l'équipe formation et la structure ; le réseau et le conseil, ses suites."""

    deadlines: DeadlinesOut
    complainant: ComplainantOut | None = Field(
        description="Pour l'équipe formation seule ; absent : inconnu, ou effacé"
    )
    erased_on: date | None
    texts: list[ComplaintTextOut]
    history: list[ComplaintEntryOut]
    actions: list[str] = Field(description="Références des actions d'amélioration ; vide pour la structure")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class FollowedOut(Schema):
    """Sa propre réclamation, par son lien."""

    reference: str
    kind: ComplaintKind
    kind_label: str
    received_on: date
    acknowledge_due_on: date
    answer_due_on: date
    status: ComplaintStatus
    status_label: str
    due_on: date
    texts: list[ComplaintTextOut]
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ComplaintFilters(Schema):
    """Which complaints: the same filters on list and export."""

    status: list[ComplaintStatus] = Field(default_factory=list, max_length=5, description="Où elles en sont")
    kind: list[ComplaintKind] = Field(default_factory=list, max_length=4, description="Ce qui est dit")
    channel: list[Channel] = Field(default_factory=list, max_length=5, description="Par où elles sont venues")
    overdue: bool | None = Field(None, description="true : celles qui attendent plus qu'elles ne devraient")
    programme: Code | None = Field(None, description="Code du programme")
    session: Code | None = Field(None, description="Référence de la session")
    member_id: UUID | None = Field(None, description="La structure")
    received_from: Day | None = Field(None, description="Reçues ce jour ou après")
    received_to: Day | None = Field(None, description="Reçues ce jour ou avant")
    q: Annotated[
        str | None, Field(min_length=2, max_length=100, description="Dans la référence, la session ou le programme")
    ] = None


class ComplaintListParams(PageParams, ComplaintFilters):
    """Filters, order and page of the complaints."""


class ComplaintExportParams(ComplaintFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class YearParams(Schema):
    """Of which year."""

    year: Year


class KindCountOut(Schema):
    """Combien d'une nature."""

    kind: ComplaintKind
    label: str
    count: int


class ProgrammeCountOut(Schema):
    """Combien d'un programme."""

    programme: str
    count: int


class DelayOut(Schema):
    """Le temps d'une étape."""

    done: int
    median_days: Quantity | None = Field(description="Médiane, en jours calendaires ; absente : aucune")
    in_time: int
    late: int = Field(description="Faites trop tard, ou pas encore alors que l'échéance est passée")


class ComplaintYearOut(Schema):
    """Les réclamations reçues dans une année. Les signalements ne comptent que pour l'équipe formation."""

    year: int
    total: int
    reopened: int = Field(description="Rouvertes une fois au moins")
    by_kind: list[KindCountOut]
    by_programme: list[ProgrammeCountOut] = Field(max_length=MOST_SHOWN, description="Les plus nombreuses d'abord")
    acknowledged: DelayOut
    answered: DelayOut
