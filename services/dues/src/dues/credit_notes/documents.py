"""The printed credit note ("avoir"), from what was printed on the call that it takes back."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from common.invoicing.einvoice import EInvoice, credit_note_of
from common.invoicing.files import print_with
from common.money import format_euros
from common.wording import write_day
from dues.credit_notes.domain import CreditReason
from dues.credit_notes.tables import CreditRow
from dues.invoices.domain import Called

TEMPLATE: Final = Path(__file__).parent / "templates" / "credit-note.typ"


async def print_credit_note(document: Mapping[str, Any], einvoice: EInvoice | None, issued_on: date) -> bytes:
    """Return the PDF of what ``credit_note`` wrote, the same bytes each time it is asked for.

    With an e-invoice, it is inside. Raises EInvoiceInvalid.
    """
    return await print_with(TEMPLATE, document, einvoice, issued_on)


def credit_note(credit: CreditRow, invoice: Called, printed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template prints. Seller, member and VAT read as was ``printed`` on the call taken back."""
    if credit.issued_on is None:
        raise ValueError("a draft has no day to print")
    total, credited = invoice.balance.total, invoice.balance.credited + credit.total
    return {
        "number": credit.reference,
        "issued_on": write_day(credit.issued_on),
        "invoice": {"number": invoice.number, "issued_on": write_day(invoice.issued_on), "year": str(invoice.year)},
        "seller": printed["seller"],
        "buyer": printed["buyer"],
        "reason": CreditReason(credit.reason).label,
        "note": credit.note,
        "lines": [{"label": label, "amount": format_euros(amount)} for label, amount in _parts(credit)],
        "total": format_euros(credit.total),
        "called": format_euros(total),
        "left": format_euros(total - credited),
        "vat": printed["vat"],
        "reservation": _reservation(printed),
    }


def einvoice_of(credit: CreditRow, invoice: Called, called: EInvoice | None) -> EInvoice | None:
    """Return the e-invoice of a credit note, where the call that it takes back has one."""
    if called is None or credit.issued_on is None:
        return None
    lines = [(f"{label} de la cotisation {invoice.year}, annulée", amount) for label, amount in _parts(credit)]
    return credit_note_of(called, credit.reference, credit.issued_on, lines)


def _parts(credit: CreditRow) -> list[tuple[str, Decimal]]:
    """Return what is taken back of each part, with its name."""
    parts = (("Part fixe", credit.fixed), ("Part variable", credit.variable))
    return [(label, amount) for label, amount in parts if amount]


def _reservation(document: Mapping[str, Any]) -> str:
    """Return what the call says is still to be confirmed of its VAT; nothing where nothing is."""
    mark: str = document["vat_marks"]
    note: str = document["reservations"][int(mark) - 1] if mark else ""
    return note
