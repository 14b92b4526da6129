"""The call for dues ("appel de cotisation"): its page, with its electronic invoice inside."""

import io
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zipfile import ZipFile, ZipInfo

from stdnum import iso11649

from common.files import Files
from common.invoicing.einvoice import EInvoice
from common.invoicing.files import print_with
from common.invoicing.numbers import payment_reference
from common.money import format_euros
from common.sourced import Datum, DatumStatus
from common.wording import grouped, write_day
from dues.apportionment.domain import Part
from dues.grids.domain import ExplanationLine, write_rate
from dues.invoices.domain import Buyer, Invoice, InvoiceLine, Mentions
from dues.invoices.repository import pdf_path

TEMPLATE: Final = Path(__file__).parent / "templates" / "call-for-dues.typ"


async def print_call_for_dues(document: Mapping[str, Any], einvoice: EInvoice | None, issued_on: date) -> bytes:
    """Return the PDF of what ``call_for_dues`` wrote, the same bytes each time it is asked for.

    With an e-invoice, it is inside. Raises EInvoiceInvalid.
    """
    return await print_with(TEMPLATE, document, einvoice, issued_on)


async def archive(files: Files, calls: Iterable[tuple[UUID, str]]) -> AsyncIterator[bytes]:
    """Write the documents of calls as one zip, a document at a time: as many as there are, the memory is the same."""
    outgoing = _Outgoing()
    with ZipFile(outgoing, "w") as written:
        for invoice_id, number in calls:
            written.writestr(ZipInfo(f"{number}.pdf"), await files.get(pdf_path(invoice_id)))
            yield outgoing.take()
    yield outgoing.take()


class _Outgoing(io.RawIOBase):
    """What is written of an archive and not sent yet."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        """Say so: an archive asks."""
        return True

    def write(self, content: Any) -> int:
        """Keep what is written until it is taken."""
        piece = bytes(content)
        self._written += piece
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


def call_for_dues(invoice: Invoice, mentions: Mentions) -> dict[str, Any]:
    """Return what the template prints: every text, amount and day as it is to be read.

    What is still to be confirmed carries the numbers of the reservations listed at the end of the document.
    """
    reservations = _Reservations()
    due_marks = reservations.marks_of(invoice.due_days)
    lines = [_line(line, reservations) for line in invoice.lines]
    vat_marks = reservations.marks_of(invoice.seller.vat)
    parts = [_part(part, reservations) for part in invoice.parts]
    return {
        "title": "Complément de cotisation" if invoice.rank else "Appel de cotisation",
        "number": invoice.number,
        "payment_reference": iso11649.format(payment_reference(invoice.number)),
        "year": str(invoice.year),
        "issued_on": write_day(invoice.issued_on),
        "due_on": write_day(invoice.due_on),
        "due_marks": due_marks,
        "seller": {
            "name": invoice.seller.name,
            "legal_form": invoice.seller.legal_form,
            "address": list(invoice.seller.address.lines),
            "siren": grouped(invoice.seller.siren, 3),
            "email": invoice.seller.email,
            "iban": grouped(invoice.seller.iban, 4),
        },
        "buyer": _buyer(invoice.buyer),
        "lines": lines,
        "total": format_euros(invoice.total),
        "vat": mentions.text.value,
        "vat_marks": vat_marks,
        "parts": parts,
        "reservations": reservations.notes,
    }


@dataclass(slots=True)
class _Reservations:
    """The notes of what is assumed, each once, numbered in the order in which the reader meets them."""

    notes: list[str] = field(default_factory=list)

    def marks(self, notes: Iterable[str]) -> str:
        return ", ".join(self._mark(note) for note in notes)

    def marks_of(self, datum: Datum[Any] | Part) -> str:
        return self._mark(datum.note) if datum.status is DatumStatus.ASSUMED else ""

    def _mark(self, note: str) -> str:
        if note not in self.notes:
            self.notes.append(note)
        return str(self.notes.index(note) + 1)


def _line(line: InvoiceLine, reservations: _Reservations) -> dict[str, Any]:
    return {
        "label": line.label,
        "amount": format_euros(line.amount),
        "explanation": [_step(step, reservations) for step in line.explanation],
    }


def _step(step: ExplanationLine, reservations: _Reservations) -> dict[str, str]:
    return {"label": step.label, "text": step.text, "marks": reservations.marks(step.notes)}


def _part(part: Part, reservations: _Reservations) -> dict[str, Any]:
    return {
        "label": part.beneficiary.label,
        "percent": write_rate(part.percent / 100),
        "weight": float(part.percent),
        "amount": format_euros(part.amount),
        "marks": reservations.marks_of(part),
    }


def _buyer(buyer: Buyer) -> dict[str, Any]:
    return {
        "name": buyer.name,
        "siren": grouped(buyer.siren, 3) if buyer.siren else "à compléter",
        "address": list(buyer.mail_address.lines) if buyer.mail_address else ["Adresse à compléter"],
    }
