"""What dues tells the other services: what a member was asked to pay."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from common.events import Fact, State
from common.types import Money


class ShareState(BaseModel):
    """One beneficiary's part of an amount: the national offer, a delegation, or the mutual fund."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    beneficiary: str
    amount: Money


class InvoiceState(State):
    """A call for dues after the fact. Amounts in euros."""

    number: str
    member_id: UUID
    year: int
    status: Literal["issued"]
    total: Money
    issued_on: date
    due_on: date


class InvoiceFact(Fact):
    """Any fact of a call for dues."""

    topic: ClassVar[str] = "dues.invoice"

    state: InvoiceState


class DuesInvoiced(InvoiceFact):
    """A member was called for its dues of a year; ``shares`` is how the amount will be apportioned when paid."""

    wire_name: ClassVar[str] = "dues.invoiced"

    campaign_id: UUID
    shares: tuple[ShareState, ...]


FACTS: tuple[type[Fact], ...] = (DuesInvoiced,)
