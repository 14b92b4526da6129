"""What dues tells the other services: what a member was asked to pay."""

from datetime import date
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
    status: str = Field(description="issued ; d'autres états viendront, un lecteur les montre tels quels")
    total: Money
    issued_on: date
    due_on: date


class InvoiceFact(Fact):
    """Un fait d'un appel de cotisation."""

    topic: ClassVar[str] = "dues.invoice"

    state: InvoiceState


class DuesInvoiced(InvoiceFact):
    """La cotisation d'une année a été appelée ; ``shares`` dit comment elle se répartira une fois payée."""

    wire_name: ClassVar[str] = "dues.invoiced"

    campaign_id: UUID
    shares: tuple[ShareState, ...]


FACTS: tuple[type[Fact], ...] = (DuesInvoiced,)
