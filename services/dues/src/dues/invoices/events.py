"""The facts of a call for dues as the other services receive them."""

from common.contracts.dues import DuesInvoiced, InvoiceState, ShareState
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
