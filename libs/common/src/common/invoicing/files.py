"""The file of an electronic invoice inside a PDF (Factur-X, profile EN 16931).

Typst attaches the file and writes a PDF/A-3 that a screen reader can follow. The library of Factur-X writes the XML;
its own PDF writer is left aside: it would date each file with the present instant and drop PDF/UA. What Typst cannot
write is the description of the file in the PDF's metadata: it is added behind, and what Typst wrote stays to the byte.
"""

import asyncio
import io
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from pypdf import PdfReader

from common.documents import print_pdf
from common.invoicing.cii import XML_NAME, einvoice_xml
from common.invoicing.einvoice import EInvoice, EInvoiceMissing

_FACTUR_X: Final = Path(__file__).parent / "data" / "factur-x.xmp"
_TRAILER: Final = re.compile(rb"trailer\n<<(.+)>>\nstartxref\n(\d+)\n%%EOF\Z", re.DOTALL)
_METADATA: Final = re.compile(
    rb"\n(\d+) 0 obj\n<</Length \d+/Type/Metadata/Subtype/XML>>\nstream\n(<\?xpacket .+?\?>)\nendstream", re.DOTALL
)
_SCHEMAS: Final = b"<pdfaExtension:schemas><rdf:Bag>"


async def print_with(template: Path, document: Mapping[str, Any], einvoice: EInvoice | None, on: date) -> bytes:
    """Return the PDF of a document, the same bytes each time it is asked for; with an e-invoice, it is inside.

    The template attaches what it is given as ``sys.inputs.attached``, under ``XML_NAME``. Raises EInvoiceInvalid.
    """
    if einvoice is None:
        return await print_pdf(template, document, on=on)
    xml = await asyncio.to_thread(einvoice_xml, einvoice)
    pdf = await print_pdf(template, document, on=on, attached=xml.decode())
    return await asyncio.to_thread(_described, pdf)


def xml_inside(pdf: bytes) -> bytes:
    """Return the e-invoice that a PDF holds. Raises EInvoiceMissing."""
    found = PdfReader(io.BytesIO(pdf)).attachments.get(XML_NAME)
    if not found:
        raise EInvoiceMissing("Ce document a été imprimé sans facture électronique.")
    return found[0]


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
