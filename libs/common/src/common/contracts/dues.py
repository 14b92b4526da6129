"""What dues tells the other services: what a member was asked to pay, and what of it is paid."""

from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from common.events import Fact, State
from common.types import Money


class ShareState(BaseModel):
    """La part d'un bénéficiaire : offre nationale, délégation ou fonds mutualisé."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    beneficiary: str
    amount: Money


class InvoiceState(State):
    """Un appel de cotisation après le fait. Montants en euros."""

    number: str
    member_id: UUID
    year: int
    status: str = Field(
        description="issued, partly_paid, paid, credited, voided ; d'autres viendront, un lecteur les montre tels quels"
    )
    total: Money
    issued_on: date
    due_on: date
    paid: Money = Field(Decimal("0.00"), description="Ce qui en est réglé")
    credited: Money = Field(Decimal("0.00"), description="Ce qui en est annulé par des avoirs")


class InvoiceFact(Fact):
    """Un fait d'un appel de cotisation."""

    topic: ClassVar[str] = "dues.invoice"

    state: InvoiceState


class DuesInvoiced(InvoiceFact):
    """La cotisation d'une année a été appelée ; ``shares`` dit comment elle se répartira une fois payée."""

    wire_name: ClassVar[str] = "dues.invoiced"

    campaign_id: UUID
    shares: tuple[ShareState, ...]


class DuesPaid(InvoiceFact):
    """Une somme reçue a été portée sur un appel. ``state.status`` dit s'il est réglé en entier."""

    wire_name: ClassVar[str] = "dues.paid"

    amount: Money
    paid_on: date


class DuesUnpaid(InvoiceFact):
    """Une somme portée sur un appel en a été reprise : prélèvement rejeté, chèque impayé, affectation corrigée."""

    wire_name: ClassVar[str] = "dues.unpaid"

    amount: Money
    taken_back_on: date


class DuesCredited(InvoiceFact):
    """Un avoir annule tout ou partie d'un appel. ``state.status`` est « voided » quand l'appel est annulé en entier."""

    wire_name: ClassVar[str] = "dues.credited"

    credit_number: str
    amount: Money
    credited_on: date


class DuesApportioned(InvoiceFact):
    """Une somme portée sur un appel a été répartie entre ses bénéficiaires, ou, négative, reprise à chacun.

    Les parts font la somme au centime ; de tous les faits d'un appel réglé en entier, elles font les parts annoncées.
    """

    wire_name: ClassVar[str] = "dues.apportioned"

    movement_id: UUID
    parts: tuple[ShareState, ...]
    apportioned_on: date


class PlanState(State):
    """Un échéancier convenu avec un adhérent."""

    reference: str
    member_id: UUID
    status: str = Field(description="running, broken, ended ; d'autres viendront, un lecteur les montre tels quels")
    invoice_ids: tuple[UUID, ...] = Field(description="Les appels qu'il couvre")
    total: Money = Field(description="Ce qu'il répartit")
    last_due_on: date


class PlanFact(Fact):
    """Un fait d'un échéancier."""

    topic: ClassVar[str] = "dues.plan"

    state: PlanState


class DuesPlanAgreed(PlanFact):
    """Ce que doit un adhérent se règle en plusieurs fois."""

    wire_name: ClassVar[str] = "dues.plan-agreed"


class DuesPlanAmended(PlanFact):
    """Ce qui reste d'un échéancier est réparti autrement."""

    wire_name: ClassVar[str] = "dues.plan-amended"


class DuesPlanEnded(PlanFact):
    """Un échéancier n'a pas été tenu, ou s'arrête pour une autre raison : ses appels sont dus comme les autres."""

    wire_name: ClassVar[str] = "dues.plan-ended"


class ReliefState(State):
    """Une demande de solidarité accordée à un adhérent."""

    reference: str
    member_id: UUID
    status: str = Field(
        description="granted, granted_in_part, granted_as_plan, revoked ; d'autres viendront, un lecteur les montre "
        "tels quels"
    )
    years: tuple[int, ...] = Field(description="Les années de cotisation en cause")
    invoice_ids: tuple[UUID, ...] = Field(description="Les appels en cause")
    amount: Money = Field(description="Ce que le fonds mutualisé en a payé ; zéro d'un échéancier, ou une fois annulée")


class ReliefFact(Fact):
    """Un fait d'une demande de solidarité."""

    topic: ClassVar[str] = "dues.relief"

    state: ReliefState


class DuesReliefGranted(ReliefFact):
    """Une réduction, payée par le fonds mutualisé, ou un échéancier a été accordé à un adhérent."""

    wire_name: ClassVar[str] = "dues.relief-granted"


class DuesReliefRevoked(ReliefFact):
    """Une réduction accordée a été annulée, en tout ou en partie : ce que le fonds en a repris est dû de nouveau."""

    wire_name: ClassVar[str] = "dues.relief-revoked"


class StandingState(State):
    """Où en est un adhérent de la cotisation d'une année."""

    member_id: UUID
    year: int
    standing: str = Field(
        description="up_to_date, grace, overdue, plan, exempt ; d'autres viendront, un lecteur les montre tels quels"
    )
    since: date
    until: date | None = Field(None, description="Le dernier jour où c'est vrai si rien ne se passe ; un fait suivra")


class DuesStandingChanged(Fact):
    """Un adhérent n'en est plus au même point de la cotisation d'une année, ou l'est jusqu'à un autre jour.

    ``before`` : où il en était ; absent la première fois.
    """

    wire_name: ClassVar[str] = "dues.standing-changed"
    topic: ClassVar[str] = "dues.standing"

    state: StandingState
    before: str | None = None


FACTS: tuple[type[Fact], ...] = (
    DuesInvoiced,
    DuesPaid,
    DuesUnpaid,
    DuesCredited,
    DuesApportioned,
    DuesPlanAgreed,
    DuesPlanAmended,
    DuesPlanEnded,
    DuesReliefGranted,
    DuesReliefRevoked,
    DuesStandingChanged,
)
