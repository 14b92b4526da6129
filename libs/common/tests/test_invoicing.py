"""What any issuer of invoices calls: an exempt invoice of services, what is said against it, its file in a PDF."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from common.errors import Refusal
from common.invoicing.cii import XML_NAME, EInvoiceInvalid, einvoice_xml
from common.invoicing.conformity import defects
from common.invoicing.einvoice import (
    EXEMPT,
    INVOICE,
    OUT_OF_SCOPE,
    SERVICES,
    EInvoice,
    EInvoiceMissing,
    Note,
    amounts_of,
    buyer_of,
    credit_note_of,
    seller_of,
)
from common.invoicing.files import print_with, xml_inside
from common.invoicing.keeping import from_kept, to_kept
from common.invoicing.numbers import check_number, require_in_order
from common.legal_entities import Address, LegalIdentity

DAY = date(2026, 3, 2)
ADDRESS = Address(street="1 rue de l'Exemple", postcode="00000", city="Exemple")
ISSUER = LegalIdentity(
    code="maison",
    name="Maison d'exemple",
    legal_form="Association loi 1901",
    address=ADDRESS,
    siren="000000000",
    vat_number=None,
    email="maison@exemple.example",
    iban="FR7600000000000000000000097",
)
NOTES = (
    Note(code="BAR", text="B2B"),
    Note(code="PMT", text="Indemnité forfaitaire de recouvrement : 40 €."),
    Note(code="PMD", text="Pénalités de retard au taux annoncé."),
    Note(code="AAB", text="Aucun escompte pour paiement anticipé."),
)
TEMPLATE = f"""
#set document(title: "Facture", date: auto)
#set text(lang: "fr")
#let data = json(bytes(sys.inputs.data))
#if sys.inputs.attached != "" {{
  pdf.attach("{XML_NAME}", bytes(sys.inputs.attached), relationship: "alternative",
    mime-type: "text/xml", description: "Facture électronique")
}}
= Facture #data.number
"""


def invoice(buyer_siren: str | None = "111111111") -> EInvoice:
    """One service sold to a structure, exempt of VAT."""
    return EInvoice(
        number="FAC-2026-00001",
        type_code=INVOICE,
        process=SERVICES,
        currency="EUR",
        issued_on=DAY,
        due_on=date(2026, 4, 1),
        period=(date(2026, 2, 9), date(2026, 2, 10)),
        notes=NOTES,
        seller=seller_of(ISSUER, EXEMPT),
        buyer=buyer_of("Structure d'essai", buyer_siren, ADDRESS),
        iban=ISSUER.iban,
        **amounts_of(
            [("Deux journées", Decimal("1400.00")), ("Supports", Decimal("35.50"))],
            EXEMPT,
            "Exonération de TVA, article 261, 4, 4° a du code général des impôts",
            "VATEX-FR-CGI261-4",
        ),
    )


def test_an_exempt_invoice_between_enterprises_breaks_no_rule() -> None:
    made = invoice()
    assert (made.due, made.vat_total, made.categories) == (Decimal("1435.50"), Decimal("0.00"), {EXEMPT})
    assert (made.seller.tax_id, made.seller.vat_number) == ("000000000", None)  # BR-E-02
    assert defects(made) == ()
    assert b"FAC-2026-00001" in einvoice_xml(made)


@pytest.mark.parametrize(
    ("category", "vat_number", "tax_id"),
    [
        pytest.param(OUT_OF_SCOPE, None, None, id="hors champ : pas de numéro de TVA (BR-O-02)"),
        pytest.param(EXEMPT, "FR83000000000", None, id="exonéré, avec son numéro"),
    ],
)
def test_what_an_issuer_says_of_its_vat_follows_the_category(
    category: str, vat_number: str | None, tax_id: str | None
) -> None:
    said = seller_of(replace(ISSUER, vat_number="FR83000000000"), category)
    assert (said.vat_number, said.tax_id) == (vat_number, tax_id)


def test_a_buyer_without_a_number_is_told_which_rules_ask_for_it() -> None:
    assert [defect.rule for defect in defects(invoice(buyer_siren=None))] == ["BR-FR-11", "BR-FR-12", "BR-FR-21"]


def test_a_credit_note_names_the_invoice_and_breaks_no_rule() -> None:
    note = credit_note_of(invoice(), "AVO-2026-00001", date(2026, 3, 9), [("Supports annulés", Decimal("35.50"))])
    assert [(one.number, one.issued_on) for one in note.preceding] == [("FAC-2026-00001", DAY)]
    assert (note.due, defects(note)) == (Decimal("35.50"), ())


def test_it_is_kept_term_for_term() -> None:
    assert from_kept(to_kept(invoice())) == invoice()
    assert from_kept(None) is None


async def test_its_file_is_in_the_pdf_and_is_read_from_there(tmp_path: Path) -> None:
    template = tmp_path / "invoice.typ"
    template.write_text(TEMPLATE, encoding="utf-8")
    pdf = await print_with(template, {"number": "FAC-2026-00001"}, invoice(), DAY)
    assert xml_inside(pdf) == einvoice_xml(invoice())
    with pytest.raises(EInvoiceMissing):
        xml_inside(await print_with(template, {"number": "FAC-2026-00001"}, None, DAY))


def test_what_the_schema_refuses_is_never_written() -> None:
    with pytest.raises(EInvoiceInvalid, match="FAC-2026-00001"):
        einvoice_xml(replace(invoice(), lines=()))


@pytest.mark.parametrize(
    "number", [pytest.param("F" * 36, id="36 caractères"), pytest.param("FAC 2026", id="un blanc")]
)
def test_a_number_outside_the_rules_is_refused(number: str) -> None:
    with pytest.raises(Refusal, match="n'est pas un numéro de facture"):
        check_number(number)


def test_no_number_bears_a_day_before_the_last() -> None:
    require_in_order(None, DAY)
    with pytest.raises(Refusal, match="est du 2 mars 2026"):
        require_in_order(DAY, date(2026, 3, 1))
