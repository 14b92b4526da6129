"""The call for dues: what it says, and that it says it on paper whatever a structure is called."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pypdf
import pytest

from common.errors import Refusal
from common.invoicing.numbers import check_number
from common.legal_entities import Address
from dues.grids.domain import Activity, assess, declared_base, published_median
from dues.grids.queries import grid_of, published_medians, smic_table
from dues.invoices.documents import TEMPLATE, call_for_dues, print_call_for_dues
from dues.invoices.domain import Buyer, Due, Invoice, Mentions, issue, mentions_on
from dues.invoices.queries import shipped_mentions
from dues.legal_entities.domain import VatRegime
from dues.legal_entities.queries import DEMO_ENTITY, load_entity

TWO_LINES = "Bâtiment C, 2e étage\n12 bis chemin du Moulin"
RODEZ = Address(street="3 rue des Essais", postcode="12000", city="RODEZ")


def call(
    kind: str = "ei",
    base: str | None = None,
    *,
    name: str = "Structure d'exemple",
    siren: str | None = "123456782",
    address: Address | None = RODEZ,
    regime: VatRegime = VatRegime.OUT_OF_SCOPE,
) -> Invoice:
    seller = load_entity(DEMO_ENTITY)
    found = declared_base(Decimal(base)) if base else published_median(published_medians(), kind)
    assessment = assess(grid_of(2026), smic_table(), found, (Activity(kind=kind, main=True),))
    buyer = Buyer(
        member_id=UUID(int=1), name=name, siren=siren, address=address, mail_address=address, delegation="occitanie"
    )
    seller = replace(seller, vat=replace(seller.vat, value=regime))
    return issue("COT-2026-00042", Due(buyer, assessment), seller, date(2026, 1, 15))


def mentions_of(invoice: Invoice) -> Mentions:
    return mentions_on(shipped_mentions(), invoice.seller.vat.value, invoice.issued_on)


async def pdf_of(invoice: Invoice) -> bytes:
    return await print_call_for_dues(call_for_dues(invoice, mentions_of(invoice)), None, invoice.issued_on)


async def printed(invoice: Invoice) -> str:
    """The text of the PDF on one line, spaces of all kinds alike."""
    reader = pypdf.PdfReader(io.BytesIO(await pdf_of(invoice)))
    text = "\n".join(page.extract_text() for page in reader.pages)
    return re.sub(r"\s+", " ", text)


def test_the_lines_and_the_parts_each_sum_to_the_total() -> None:
    invoice = call("etti", "998493.17")
    assert [(line.label, line.amount) for line in invoice.lines] == [
        ("Part fixe", Decimal("800.00")),
        ("Part variable", Decimal("4808.00")),
    ]
    assert sum(line.amount for line in invoice.lines) == invoice.total == Decimal("5608.00")
    assert sum(part.amount for part in invoice.parts) == invoice.total
    assert invoice.due_on == date(2026, 2, 14)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("", id="vide"),
        pytest.param("C" * 36, id="36 caractères"),
        pytest.param("COT 2026 1", id="espace"),
        pytest.param("COT-2026-n°1", id="signe hors alphabet"),
        pytest.param("COT-É", id="lettre accentuée"),
        pytest.param("COT-٣", id="chiffre d'un autre alphabet"),
        pytest.param("COT-1\n", id="fin de ligne"),
    ],
)
def test_a_number_outside_the_french_rules_is_refused(number: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_number(number)
    assert refused.value.code == "invoice_number_invalid"


@pytest.mark.parametrize("number", ["COT-2026-00042", "A+b_c/9", "C" * 35])
def test_a_number_within_the_french_rules_is_accepted(number: str) -> None:
    check_number(number)


async def test_the_printed_call_says_who_owes_what_to_whom_and_why() -> None:
    text = await printed(call("ei"))
    for excerpt in (
        "Appel de cotisation 2026",
        "COT-2026-00042",
        "RF93 COT2 0260 0042",
        "15 janvier 2026",
        "14 février 2026",
        "Fédération de démonstration",
        "SIREN 000 000 000",
        "Structure d'exemple",
        "SIREN 123 456 782",
        "499 030,00 € × 0,35 % = 1 746,605 €, arrondi au centime (demi-centime au-dessus) : 1 746,61 €",
        "400 × SMIC horaire brut au 1er janvier 2026 (12,02 €) = 4 808,00 €, plafond non dépassé",
        "Total à régler 2 546,61 €",
        "hors du champ d'application de la TVA",
        "FR76 0000 0000 0000 0000 0000 097",
        "Offre nationale 50 % 1 273,31 €",
        "40 % 1 018,64 €",
        "10 % 254,66 €",
        "page 1 / 1",
    ):
        assert excerpt in text


async def test_what_is_assumed_is_marked_and_listed_once() -> None:
    text = await printed(call("ei"))
    listed = text[text.index("À confirmer") :]
    assert re.findall(r"\((\d)\)", listed) == ["1", "2", "3", "4", "5", "6", "7"]
    assert "14 février 2026(1)" in text
    assert "0,35 % pour le groupe EI(4)" in text
    assert listed.count("Le plafond de chaque groupe n'est pas lisible") == 1


@pytest.mark.parametrize(
    ("regime", "said"),
    [
        pytest.param(
            VatRegime.OUT_OF_SCOPE, "Cotisation hors du champ d'application de la TVA(", id="hors du champ de la TVA"
        ),
        pytest.param(
            VatRegime.EXEMPT,
            "Exonération de TVA, article 261, 4, 9° du code général des impôts(",
            id="exonérée de TVA",
        ),
    ],
)
async def test_a_call_says_its_vat_and_no_commercial_late_payment_terms(regime: VatRegime, said: str) -> None:
    invoice = call(regime=regime)
    text = await printed(invoice)
    assert said in text
    never = mentions_of(invoice).never
    assert {"pénalité", "indemnité", "escompte", "40 €"} <= set(never)
    assert not any(term in text.lower() for term in never)


@pytest.mark.parametrize(
    ("buyer", "excerpts"),
    [
        pytest.param({"siren": None}, ["SIREN à compléter"], id="SIREN inconnu"),
        pytest.param({"address": None}, ["Adresse à compléter"], id="adresse inconnue"),
        pytest.param(
            {"address": Address(street=TWO_LINES, postcode="31000", city="TOULOUSE CEDEX 9")},
            ["Bâtiment C, 2e étage 12 bis chemin du Moulin 31000 TOULOUSE CEDEX 9"],
            id="adresse de trois lignes",
        ),
        pytest.param(
            {"name": '#import "x": * ]#panic()[ C:\\temp $x$ // fin'},
            ['#import "x": * ]#panic()[ C:\\temp $x$ // fin'],
            id="nom hostile",
        ),
        pytest.param({"name": "Ensemble 🎉 & Cie"}, ["Ensemble □ & Cie"], id="emoji"),
    ],
)
async def test_a_buyer_is_printed_as_it_is_known(buyer: dict[str, object], excerpts: list[str]) -> None:
    text = await printed(call(**buyer))  # type: ignore[arg-type]
    for excerpt in excerpts:
        assert excerpt in text


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Association " + "intercommunale pour l'insertion " * 12, id="beaucoup de mots"),
        pytest.param("W" * 400, id="un mot sans fin"),
    ],
)
async def test_a_very_long_name_is_printed_whole_and_stays_on_the_page(name: str) -> None:
    pdf = await pdf_of(call(name=name))
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    assert "".join(name.split()) in "".join(page.extract_text().split())
    pieces: list[str] = []
    page.extract_text(visitor_text=lambda text, *_: pieces.append(text.strip()))
    # The column holds about forty letters: a longer piece of the name would have run out of the page.
    assert max(len(piece) for piece in pieces if piece in name) < 50


async def test_a_call_printed_again_is_the_same_to_the_byte() -> None:
    assert await pdf_of(call()) == await pdf_of(call())


def test_the_template_needs_no_package_from_the_network() -> None:
    assert "@preview" not in TEMPLATE.read_text(encoding="utf-8")
