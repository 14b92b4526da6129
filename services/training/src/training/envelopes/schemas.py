"""API shapes of the envelopes, of the affiliations and of the funding composer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Day, Instant, Money, Schema, Text
from training.envelopes.domain import (
    AffiliationStep,
    EnvelopeKind,
    EnvelopeMovementKind,
    EnvelopeState,
    EnvelopeText,
    FundedSubjectKind,
    FunderKind,
    MemberType,
    Rules,
)
from training.programmes.schemas import Duration

_MOST = Decimal(100_000_000)
Amount = Annotated[Money, Field(gt=0, le=_MOST)]
_CoraCode = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^\S+$")]
_Source = Annotated[str, Field(max_length=500)]
_Asked = Annotated[str | None, Field(min_length=2, max_length=100)]
_Year = Annotated[int, Field(ge=2000, le=2100, examples=[2026])]
_Ids = Annotated[list[UUID], Field(max_length=MOST_SHOWN)]


class _Acted(Schema):
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class _Exported(Schema):
    format: ExportFormat = "csv"


class _Ceilings(Schema):
    hours_ceiling: Duration | None = Field(None, description="Heures payées à un stagiaire, au plus")
    hourly_ceiling: Amount | None = Field(None, description="Euros par heure de stagiaire, au plus")


class EnvelopeRulesIo(_Ceilings):
    """Pour qui une enveloppe paie, et combien ; ce que personne n'a fixé est absent."""

    member_types: list[MemberType] = Field(default_factory=list, max_length=4, description="Vide : tous")
    source: _Source = Field("", description="D'où viennent les plafonds ; obligatoire dès qu'il y en a")


class EnvelopeIn(Schema):
    """Une enveloppe à écrire."""

    kind: EnvelopeKind
    title: Text = Field(examples=["Compte groupe 2026"])
    year: _Year
    funder: Text | None = Field(None, description="D'un compte groupe, absent : l'opérateur de son année")
    opens_on: Day = Field(description="Premier jour où elle se réserve")
    closes_on: Day = Field(description="Dernier jour, inclus, à Paris")
    rules: EnvelopeRulesIo = EnvelopeRulesIo()

    def said(self, operator: str | None) -> EnvelopeText:
        """Return it as the rules know it."""
        said = {name: getattr(self, name) for name in EnvelopeText.__slots__}
        rules = {name: getattr(self.rules, name) for name in Rules.__slots__}
        paid_for = Rules(**{**rules, "member_types": tuple(self.rules.member_types)})
        return EnvelopeText(**{**said, "funder": self.funder or operator or "", "rules": paid_for})


class EnvelopePositionOut(Schema):
    """Où en est l'argent d'une enveloppe."""

    contributed: Money = Field(description="Venu, corrections comprises")
    reserved: Money = Field(description="Réservé, ni libéré ni consommé")
    consumed: Money = Field(description="Consommé, moins ce qui a été rendu")
    available: Money = Field(description="Ce qui peut encore se réserver")


class EnvelopeOut(_Acted):
    """Une enveloppe, et où en est son argent."""

    id: UUID
    kind: EnvelopeKind
    kind_label: str
    title: str
    year: int
    funder: str
    opens_on: date
    closes_on: date
    state: EnvelopeState
    state_label: str
    rules: EnvelopeRulesIo
    position: EnvelopePositionOut


class EnvelopeFilters(Schema):
    """Which envelopes: the same filters on list and export."""

    kind: list[EnvelopeKind] = Field(default_factory=list, max_length=3, description="Natures")
    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    state: list[EnvelopeState] = Field(default_factory=list, max_length=3, description="Où elle en est ce jour")
    expires_before: Day | None = Field(
        None, description="Qui se closent avant ce jour avec de l'argent disponible, ou déjà closes"
    )
    q: Annotated[_Asked, Field(description="Dans le titre ou le financeur")] = None


class EnvelopeListParams(PageParams, EnvelopeFilters):
    """Filters, order and page of the list of envelopes."""


class EnvelopeExportParams(EnvelopeFilters, _Exported):
    """Filters and format of an export."""


class EnvelopeBalanceParams(Schema):
    """The instant of the balance."""

    at: Annotated[Instant | None, Field(description="À cet instant ; maintenant par défaut")] = None


class EnvelopeBalanceOut(Schema):
    """Une enveloppe à un instant : la somme de ses mouvements jusque-là, par nature."""

    at: datetime
    movements: int = Field(description="De combien de mouvements")
    sums: dict[EnvelopeMovementKind, Money]
    position: EnvelopePositionOut


class EnvelopeContributionIn(Schema):
    """De l'argent venu dans une enveloppe."""

    amount: Amount
    happened_on: Day = Field(description="Le jour de banque")
    label: Text = Field(examples=["Dotation 2026"])
    cause: Text = Field(description="Ce qui en est la preuve", examples=["Notification du 5 janvier 2026"])
    member_id: UUID | None = Field(None, description="La structure qui verse, si c'en est une")


class EnvelopeCorrectionIn(Schema):
    """Ce qui est venu, corrigé d'une différence."""

    amount: Annotated[Money, Field(ge=-_MOST, le=_MOST)] = Field(description="Négatif pour retirer")
    label: Text
    cause: Text = Field(examples=["Chèque rejeté par la banque"])


class EnvelopeReservationIn(Schema):
    """De l'argent à réserver à la main, pour ce que l'on nomme."""

    amount: Amount
    label: Text = Field(description="Ce pour quoi ; jamais le nom d'une personne", examples=["Dossier 2026-14"])
    cause: Text
    member_id: UUID | None = Field(None, description="La structure pour qui")


class ReservationUseIn(Schema):
    """Une part d'une réservation, à libérer ou à consommer."""

    amount: Amount | None = Field(None, description="Tout ce qui reste, par défaut")
    cause: Text


class ReservationReturnIn(Schema):
    """Une part de ce qui fut consommé, rendue."""

    amount: Amount
    cause: Text


class EnvelopeReservationOut(_Acted):
    """De l'argent réservé, et ce qu'il est devenu."""

    id: UUID
    envelope_id: UUID
    envelope_title: str
    subject_kind: FundedSubjectKind
    subject_kind_label: str
    subject_id: UUID
    label: str
    member_id: UUID | None
    reserved: Money = Field(description="Tout ce qui fut réservé")
    released: Money
    consumed: Money
    returned: Money
    left: Money = Field(description="Encore réservé")
    reserved_on: date


class ReservationFilters(Schema):
    """Which reservations: the same filters on list and export."""

    envelope_id: _Ids = Field(default_factory=list, description="Enveloppes")
    subject_kind: list[FundedSubjectKind] = Field(default_factory=list, max_length=4, description="Pour quoi")
    member_id: _Ids = Field(default_factory=list, description="Pour quelles structures")
    idle_days: Annotated[int | None, Field(ge=1, le=3650)] = Field(
        None, description="Réservées depuis plus de tant de jours, et dont rien n'est consommé"
    )
    q: Annotated[_Asked, Field(description="Dans ce pour quoi c'est réservé")] = None


class ReservationListParams(PageParams, ReservationFilters):
    """Filters, order and page of the list of reservations."""


class ReservationExportParams(ReservationFilters, _Exported):
    """Filters and format of an export."""


class EnvelopeMovementOut(Schema):
    """Un mouvement d'une enveloppe. Il ne change plus."""

    id: UUID
    envelope_id: UUID
    number: int = Field(description="Son rang dans l'enveloppe")
    kind: EnvelopeMovementKind
    kind_label: str
    amount: Money
    reservation_id: UUID | None
    label: str
    member_id: UUID | None
    cause: str
    happened_on: date | None = Field(description="Le jour de banque de ce qui est venu")
    recorded_at: datetime
    recorded_by: str


class MovementFilters(Schema):
    """Which movements: the same filters on list and export."""

    envelope_id: _Ids = Field(default_factory=list, description="Enveloppes")
    reservation_id: _Ids = Field(default_factory=list, description="Réservations")
    member_id: _Ids = Field(default_factory=list, description="Structures")
    kind: list[EnvelopeMovementKind] = Field(default_factory=list, max_length=6, description="Natures")
    recorded_from: Instant | None = Field(None, description="Notés à partir de cet instant")
    recorded_to: Instant | None = Field(None, description="Notés jusqu'à cet instant compris")


class MovementListParams(PageParams, MovementFilters):
    """Filters, order and page of the ledger."""


class MovementExportParams(MovementFilters, _Exported):
    """Filters and format of an export."""


class AffiliationIn(Schema):
    """Une convention d'affiliation signée."""

    envelope_id: UUID = Field(description="Le compte groupe de l'année")
    member_id: UUID
    member_type: MemberType
    operator: Text = Field(description="L'opérateur de compétences de la structure", examples=["Uniformation"])
    convention_on: Day


class AffiliationAccountIn(Schema):
    """Les données du compte."""

    received_on: Day
    payroll: Amount = Field(description="Masse salariale brute de l'année d'avant celle du compte")


class AffiliationPaymentIn(Schema):
    """Le versement d'une structure."""

    paid_on: Day
    amount: Amount
    cora_code: _CoraCode = Field(description="Le code Cora porté par le versement")
    reason: Text | None = Field(None, description="À dire quand le versement n'est pas ce qui est dû")


class AffiliationConfirmationIn(Schema):
    """La lettre de confirmation est partie."""

    confirmed_on: Day


class AffiliationOut(AffiliationIn, _Acted):
    """L'affiliation d'une structure au compte groupe d'une année."""

    id: UUID
    envelope_title: str
    year: int
    member_name: str
    member_type_label: str
    step: AffiliationStep
    step_label: str
    account_on: date | None
    payroll: Money | None
    due: Money | None
    explanation: str | None = Field(description="D'où vient ce qui est dû")
    paid_on: date | None
    paid: Money | None
    cora_code: str | None
    difference_reason: str | None
    confirmed_on: date | None


class AffiliationFilters(Schema):
    """Which affiliations: the same filters on list and export."""

    envelope_id: _Ids = Field(default_factory=list, description="Comptes groupe")
    year: list[int] = Field(default_factory=list, max_length=20, description="Années")
    member_id: _Ids = Field(default_factory=list, description="Structures")
    step: list[AffiliationStep] = Field(default_factory=list, max_length=5, description="Étapes")
    q: Annotated[_Asked, Field(description="Dans le nom de la structure")] = None


class AffiliationListParams(PageParams, AffiliationFilters):
    """Filters, order and page of the list of affiliations."""


class AffiliationExportParams(AffiliationFilters, _Exported):
    """Filters and format of an export."""


class LegalPlanIn(_Ceilings):
    """Ce que l'opérateur de compétences accorde, tel qu'il l'a dit."""

    label: Text = Field(examples=["Uniformation, plan de développement des compétences"])
    ceiling: Amount | None = Field(None, description="Euros en tout, au plus")


class FundingPurchaseIn(Schema):
    """Un achat de formation à financer."""

    member_id: UUID | None = Field(None, description="La structure qui achète ; absente : qui n'est pas adhérent")
    member_type: MemberType | None = Field(None, description="Son type ; absent : celui de son affiliation")
    price: Annotated[Money, Field(ge=0, le=_MOST)] = Field(description="De toutes les places")
    seats: Annotated[int, Field(ge=1, le=1_000)]
    hours: Duration = Field(description="De chaque stagiaire")
    starts_on: Day
    legal_plans: list[LegalPlanIn] = Field(default_factory=list, max_length=10)


class _Funder(Schema):
    kind: FunderKind
    kind_label: str
    label: str


class FundingShareOut(_Funder):
    """Ce que paie un financeur, et comment il s'est compté."""

    amount: Money
    explanation: list[str]


class FundingPassedOut(_Funder):
    """Un financeur qui ne paie rien, et pourquoi."""

    code: str
    reason: str


class FundingStackOut(Schema):
    """Qui paie quoi : les parts et le reste font le prix, au centime. Rien n'est réservé."""

    price: Money
    shares: list[FundingShareOut]
    passed: list[FundingPassedOut]
    remainder: Money = Field(description="Ce que la structure paie elle-même")


class _Sourced(Schema):
    since: date
    status: str
    source: str


class OperatorRuleOut(_Sourced):
    """L'opérateur auprès duquel le compte groupe est tenu, à partir d'un jour."""

    name: str


class RateRuleOut(_Sourced):
    """Ce que chaque type de structure verse, à partir d'un jour."""

    percents: dict[MemberType, str] = Field(description="En % de la masse salariale brute de l'année d'avant")


class FundingRulesOut(Schema):
    """Les règles du compte groupe, datées, avec leur source et leur état (published ou assumed)."""

    operators: list[OperatorRuleOut]
    rates: list[RateRuleOut]
