"""API shapes of the seats of sessions."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, EmailStr, Field, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema
from training.enrolments.domain import (
    Basis,
    EnrolmentStatus,
    OfferStatus,
    Policy,
    SeatEventKind,
    WithdrawalReason,
)
from training.programmes.schemas import Code
from training.quotes.schemas import QuoteIn

_Ids = Annotated[list[UUID], Field(max_length=50)]


class RequestIn(Schema):
    """Des places à demander, au prix d'un devis : celui qui existe, ou celui qui se fait du même geste."""

    quote_id: UUID | None = Field(None, description="Le devis ; demander ses places l'accepte")
    quote: QuoteIn | None = Field(None, description="Ou le devis à faire du même geste : `dry_run` en montre le prix")
    session_id: UUID | None = Field(None, description="La session, si le devis n'en nomme pas")
    trainees: Annotated[list[UUID], Field(max_length=200)] = Field(
        default_factory=list, description="Les personnes, dans l'ordre où elles ont une place"
    )
    names_by: Day | None = Field(None, description="Jusqu'à quand les autres seront nommées ; avant la session")
    together: bool = Field(False, description="true : toutes les places ou aucune ; false : ce qu'il y a")
    contact_email: EmailStr | None = Field(None, max_length=200, description="Le service à qui écrire, s'il le veut")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.quote_id is None) == (self.quote is None):
            raise ValueError("dites quote_id ou quote, et un seul")
        return self

    @property
    def asked_quote(self) -> QuoteIn:
        """The quote to make in the same act."""
        if self.quote is None:
            raise ValueError("no quote was asked for")
        return self.quote


class WithdrawalIn(Schema):
    """Pourquoi la place est rendue."""

    reason: WithdrawalReason


class SubstitutionIn(Schema):
    """À qui va la place."""

    trainee_id: UUID


class PolicyIn(Schema):
    """L'ordre de la liste d'attente."""

    policy: Policy


class DueOut(Schema):
    """Ce qu'une place rendue laisse dû."""

    amount: Money
    basis: Basis
    basis_label: str
    explanation: str
    source: str
    status: str = Field(description="published, ou assumed")
    contract_unknown: bool = Field(description="Vrai : un contrat pourrait prévoir une indemnité, aucun n'est connu")


class SeatOut(Schema):
    """Une place d'une demande."""

    id: UUID
    rank: int
    status: EnrolmentStatus
    status_label: str
    trainee_id: UUID | None
    version: int


class WaitingOut(Schema):
    """Où en est l'attente, et ce qui est connu des chances : des nombres, jamais le nom des autres."""

    rank: int = Field(description="Rang de la demande, la première est à 1")
    seats: int = Field(description="Places attendues")
    seats_before: int = Field(description="Places attendues par les demandes qui précèdent")
    policy: Policy
    policy_text: str


class RequestOut(Schema):
    """Une demande d'inscription."""

    id: UUID
    reference: str = Field(examples=["INS-2026-00001"])
    session_id: UUID
    quote_id: UUID
    programme_code: str
    buyer_name: str
    member_id: UUID | None
    seats: list[SeatOut]
    together: bool
    unit_price: Money
    names_by: date | None
    contact_email: str | None
    asked_at: AwareDatetime
    reseats: UUID | None = Field(description="La demande d'une session non tenue, dont elle garde le rang et le prix")
    waiting: WaitingOut | None = Field(description="Absent : plus rien n'est attendu")
    open_offers: list[UUID]
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class RequestLine(Schema):
    """Une demande, dans la liste."""

    id: UUID
    reference: str
    session_id: UUID
    programme_code: str
    buyer_name: str
    member_id: UUID | None
    seats: int
    together: bool
    unit_price: Money
    asked_at: AwareDatetime


class RequestListParams(PageParams):
    """Filters, order and page of the requests."""

    session_id: _Ids = Field(default_factory=list, description="La session")
    member_id: _Ids = Field(default_factory=list, description="La structure qui demande")


class EnrolmentOut(Schema):
    """Une place demandée à une session."""

    id: UUID
    request_id: UUID
    request_reference: str
    session_id: UUID
    session_reference: str
    programme_code: str
    buyer_name: str
    member_id: UUID | None
    status: EnrolmentStatus
    status_label: str
    trainee_id: UUID | None
    trainee_name: str | None = Field(description="Pour qui tient la liste de cette personne ; null pour les autres")
    unit_price: Money
    confirmed_at: AwareDatetime | None
    cancelled_at: AwareDatetime | None
    reason: WithdrawalReason | None
    due: DueOut | None = Field(
        description="Rendue : ce qui est dû. Prise : ce qui le serait si elle était rendue maintenant"
    )
    also_in: list[str] = Field(
        description="Sessions où la personne est aussi, à la même heure : un avertissement, rien n'est refusé"
    )
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class EnrolmentLine(Schema):
    """Une place demandée, dans la liste."""

    id: UUID
    request_id: UUID
    request_reference: str
    session_id: UUID
    session_reference: str
    programme_code: str
    buyer_name: str
    member_id: UUID | None
    status: EnrolmentStatus
    trainee_id: UUID | None
    trainee_name: str | None
    unit_price: Money
    confirmed_at: AwareDatetime | None
    cancelled_at: AwareDatetime | None
    reason: WithdrawalReason | None


class EnrolmentFilters(Schema):
    """Which seats: the same filters on list and export."""

    session_id: _Ids = Field(default_factory=list, description="La session")
    programme: list[Code] = Field(default_factory=list, max_length=20, description="Le programme")
    status: list[EnrolmentStatus] = Field(default_factory=list, max_length=4, description="Où elle en est")
    member_id: _Ids = Field(default_factory=list, description="La structure")
    trainee_id: _Ids = Field(default_factory=list, description="La personne")
    first_day_from: Day | None = Field(None, description="Sessions qui commencent à partir de ce jour")
    first_day_to: Day | None = Field(None, description="Sessions qui commencent jusqu'à ce jour compris")


class EnrolmentListParams(PageParams, EnrolmentFilters):
    """Filters, order and page of the seats."""


class EnrolmentExportParams(EnrolmentFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class OfferOut(Schema):
    """Des places proposées à qui attend, gardées jusqu'à un instant."""

    id: UUID
    session_id: UUID
    request_id: UUID
    request_reference: str
    buyer_name: str
    seats: int
    status: OfferStatus
    status_label: str
    opened_at: AwareDatetime
    expires_at: AwareDatetime
    closed_at: AwareDatetime | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class OfferLine(Schema):
    """Une proposition, dans la liste."""

    id: UUID
    session_id: UUID
    request_id: UUID
    request_reference: str
    buyer_name: str
    seats: int
    status: OfferStatus
    opened_at: AwareDatetime
    expires_at: AwareDatetime


class OfferListParams(PageParams):
    """Filters, order and page of the offers."""

    session_id: _Ids = Field(default_factory=list, description="La session")
    status: list[OfferStatus] = Field(default_factory=list, max_length=5, description="Où elle en est")


class SeatsOut(Schema):
    """Les places d'une session, comptées."""

    session_id: UUID
    capacity: int
    taken: int = Field(description="Prises ou proposées")
    waiting: int = Field(description="Attendues")
    policy: Policy
    policy_text: str
    closed: bool = Field(description="Vrai : la session a commencé ou n'aura pas lieu, plus rien n'est proposé")
    offer_rule: str = Field(description="Combien de temps une place proposée est gardée")
    offer_rule_status: str = Field(description="published, ou assumed : à confirmer")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class SeatsLeftOut(Schema):
    """Ce que tout le monde peut savoir des places d'une session."""

    seats: int
    seats_left: int
    waiting: int = Field(description="Places attendues par d'autres")
    policy_text: str


class WaitingLine(Schema):
    """Une demande qui attend. Une structure ne lit que les siennes."""

    request_id: UUID
    reference: str
    buyer_name: str
    member_id: UUID | None
    rank: int
    seats: int
    seats_before: int
    together: bool
    asked_at: AwareDatetime
    unit_price: Money


class SeatEventOut(Schema):
    """Une ligne du journal des places d'une session."""

    number: int
    act: int = Field(description="Première ligne de l'acte dont elle est")
    kind: SeatEventKind
    kind_label: str
    at: AwareDatetime
    by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    request_id: UUID | None
    seats: int
    given: int
    together: bool
    policy: Policy | None


class OrderProofOut(Schema):
    """Le journal rejoué par la règle : les lignes qu'elle n'explique pas, aucune s'il est juste."""

    lines: int
    sound: bool
    discrepancies: list[str] = Field(max_length=200)
