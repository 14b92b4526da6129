"""The facts of a call for dues as the other services receive them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.contracts.dues import (
    DuesApportioned,
    DuesCredited,
    DuesInvoiced,
    DuesPaid,
    DuesUnpaid,
    InvoiceState,
    ShareState,
)
from dues.invoices.domain import Called
from dues.invoices.repository import Issued


def invoiced(issued: Issued) -> DuesInvoiced:
    """A member was called for its dues of the year."""
    invoice = issued.invoice
    state = InvoiceState(
        id=issued.id,
        number=invoice.number,
        member_id=invoice.buyer.member_id,
        year=invoice.year,
        status="issued",
        total=invoice.total,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
    )
    shares = tuple(ShareState(beneficiary=part.code, amount=part.amount) for part in invoice.parts)
    return DuesInvoiced(state=state, campaign_id=issued.campaign_id, shares=shares)


def moved(call: Called, amount: Decimal, on: date) -> DuesPaid | DuesUnpaid:
    """Money was put on a call; or, where the amount is negative, taken back from it."""
    if amount < 0:
        return DuesUnpaid(state=_state(call), amount=-amount, taken_back_on=on)
    return DuesPaid(state=_state(call), amount=amount, paid_on=on)


def credited(call: Called, credit_number: str, amount: Decimal, on: date) -> DuesCredited:
    """A credit note took something off a call."""
    return DuesCredited(state=_state(call), credit_number=credit_number, amount=amount, credited_on=on)


def apportioned(call: Called, movement_id: UUID, parts: Mapping[str, Decimal], on: date) -> DuesApportioned:
    """Money put on a call was shared out; or, where the parts are negative, taken back from those who had it."""
    shares = tuple(ShareState(beneficiary=code, amount=amount) for code, amount in parts.items())
    return DuesApportioned(state=_state(call), movement_id=movement_id, parts=shares, apportioned_on=on)


def _state(call: Called) -> InvoiceState:
    return InvoiceState(
        id=call.id,
        number=call.number,
        member_id=call.member_id,
        year=call.year,
        status=call.status.value,
        total=call.balance.total,
        issued_on=call.issued_on,
        due_on=call.due_on,
        paid=call.balance.paid,
        credited=call.balance.credited,
    )
