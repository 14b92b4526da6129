"""The printed invoice and credit note, with their electronic form inside where they have one; the lines of exports."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from stdnum import iso11649

from common.invoicing.einvoice import EInvoice
from common.invoicing.files import print_with
from common.invoicing.numbers import payment_reference
from common.money import format_euros
from common.wording import grouped, write_day
from training.invoices.domain import Action, Balance, CreditReason, Invoice
from training.invoices.schemas import InvoiceLine, NoteOut

_TEMPLATES: Final = Path(__file__).parent / "templates"

EXPORT_HEADER = (
    "numero", "etat", "payeur", "nature", "siren", "total", "regle", "credite", "reste_du", "emise_le", "echeance",
    "echue",
)  # fmt: skip
NOTES_HEADER = ("numero", "facture", "payeur", "montant", "raison", "precision", "emis_le")


async def print_invoice(document: Mapping[str, Any], einvoice: EInvoice | None, issued_on: date) -> bytes:
    """Return the PDF of what ``invoice_document`` wrote, the same bytes each time. Raises EInvoiceInvalid."""
    return await print_with(_TEMPLATES / "invoice.typ", document, einvoice, issued_on)


async def print_note(document: Mapping[str, Any], einvoice: EInvoice | None, issued_on: date) -> bytes:
    """Return the PDF of what ``note_document`` wrote, the same bytes each time. Raises EInvoiceInvalid."""
    return await print_with(_TEMPLATES / "credit-note.typ", document, einvoice, issued_on)


def invoice_document(invoice: Invoice) -> dict[str, Any]:
    """Return what the template prints: every text, amount and day as it is to be read."""
    seller, payer, action = invoice.seller, invoice.payer, invoice.action
    return {
        "number": invoice.number,
        "payment_reference": iso11649.format(payment_reference(invoice.number)),
        "issued_on": write_day(invoice.issued_on),
        "due_on": write_day(invoice.due_on),
        "seller": {
            "name": seller.name,
            "legal_form": seller.legal_form,
            "address": list(seller.address.lines),
            "siren": grouped(seller.siren, 3),
            "email": seller.email,
            "iban": grouped(seller.iban, 4),
        },
        "buyer": {
            "name": payer.name,
            "address": list(payer.address.lines),
            "siren": grouped(payer.siren, 3) if payer.siren else "",
        },
        "lines": [{"label": invoice.label, "amount": format_euros(invoice.amount)}],
        "total": format_euros(invoice.amount),
        "action": _action(action),
        "price": _price(action, invoice.amount),
        "mentions": [one.text for one in invoice.terms.mentions if one.printed],
        "registration": invoice.registration,
    }


def note_document(
    number: str, issued_on: date, of: Mapping[str, Any], after: Balance, amount: Decimal, why: tuple[CreditReason, str]
) -> dict[str, Any]:
    """Return what the template of a credit note prints; parties and mentions as the invoice has them."""
    reason, note = why
    return {
        "number": number,
        "issued_on": write_day(issued_on),
        "invoice": {"number": of["number"], "issued_on": of["issued_on"], "total": of["total"]},
        "seller": of["seller"],
        "buyer": of["buyer"],
        "reason": reason.label,
        "note": note,
        "label": of["lines"][0]["label"],
        "amount": format_euros(amount),
        "left": format_euros(after.total - after.credited),
        "vat": of["mentions"][0],
        "registration": of["registration"],
    }


def invoice_line(line: InvoiceLine) -> Sequence[object]:
    """Write an invoice as one line."""
    return (
        line.number,
        line.status.label,
        line.payer_name,
        line.payer_kind.label,
        line.payer_siren,
        line.total,
        line.paid,
        line.credited,
        line.owed,
        line.issued_on,
        line.due_on,
        "oui" if line.overdue else "non",
    )


def note_line(note: NoteOut) -> Sequence[object]:
    """Write a credit note as one line."""
    return (
        note.number,
        note.invoice_number,
        note.payer_name,
        note.amount,
        note.reason.label,
        note.note,
        note.issued_on,
    )


def _action(action: Action) -> list[str]:
    days = f"du {write_day(action.first_day)} au {write_day(action.last_day)}"
    if action.first_day == action.last_day:
        days = f"le {write_day(action.first_day)}"
    return [f"{action.title} ({action.programme_code})", f"Session {action.session}, {days}"]


def _price(action: Action, amount: Decimal) -> list[dict[str, str]]:
    """Return what the action costs and who else pays it, where this invoice is not the whole of it."""
    if amount == action.price:
        return []
    lines = [("Prix de l'action", action.price)]
    for one in action.others:
        file = f", dossier {one.file_reference}" if one.file_reference else ""
        lines.append((f"Pris en charge par {one.name}{file}", one.amount))
    lines.append(("Cette facture", amount))
    return [{"label": label, "amount": format_euros(value)} for label, value in lines]
