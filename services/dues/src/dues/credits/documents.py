"""The printed credit note ("avoir"), from what was printed on the call that it takes back."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import write_day
from dues.credits.domain import CreditReason
from dues.credits.tables import CreditRow
from dues.invoices.domain import Called

TEMPLATE: Final = Path(__file__).parent / "templates" / "credit-note.typ"


async def print_credit_note(document: Mapping[str, Any], issued_on: date) -> bytes:
    """Return the PDF of what ``credit_note`` wrote, the same bytes each time it is asked for."""
    return await print_pdf(TEMPLATE, document, on=issued_on)


def credit_note(credit: CreditRow, invoice: Called) -> dict[str, Any]:
    """Return what the template prints. Seller, member and VAT read as on the call that is taken back."""
    if credit.issued_on is None:
        raise ValueError("a draft has no day to print")
    parts = (("Part fixe", credit.fixed), ("Part variable", credit.variable))
    total, credited = invoice.balance.total, invoice.balance.credited + credit.total
    return {
        "number": credit.reference,
        "issued_on": write_day(credit.issued_on),
        "invoice": {"number": invoice.number, "issued_on": write_day(invoice.issued_on), "year": str(invoice.year)},
        "seller": invoice.document["seller"],
        "buyer": invoice.document["buyer"],
        "reason": CreditReason(credit.reason).label,
        "note": credit.note,
        "lines": [{"label": label, "amount": format_euros(amount)} for label, amount in parts if amount],
        "total": format_euros(credit.total),
        "called": format_euros(total),
        "left": format_euros(total - credited),
        "vat": invoice.document["vat"],
        "reservation": _reservation(invoice.document),
    }


def _reservation(document: Mapping[str, Any]) -> str:
    """Return what the call says is still to be confirmed of its VAT; nothing where nothing is."""
    mark: str = document["vat_marks"]
    note: str = document["reservations"][int(mark) - 1] if mark else ""
    return note
