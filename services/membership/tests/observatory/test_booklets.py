"""What an edition is read as: its document, its table, its booklets. They say the same, and no more."""

import csv
import io
import random
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest
from membership.observatory.domain import HiddenBecause, withheld
from membership.observatory.queries import secrecy_rules

from ..declarations.test_declaring import declared, form, opened, put
from .conftest import Declared, made_up, published
from .test_editions import correct

TOO_FEW, DEDUCIBLE = HiddenBecause.TOO_FEW, HiddenBecause.DEDUCIBLE


async def text_of(client: httpx.AsyncClient, path: str) -> str:
    """Return what a PDF says."""
    printed = await client.get(path)
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf"), printed.text
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(printed.content)).pages)


def in_french(value: str, unit: str) -> str:
    """Write a figure as a booklet does; a PDF's text has one kind of space."""
    number = Decimal(value)
    sign = {"eur": " €", "percent": " %", "hours": " h", "people": ""}[unit]
    exact = number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
    return f"{exact:,f}".replace(",", " ").replace(".", ",") + sign


def figures_of(portraits: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (cell for one in portraits for cell in one["cells"])


def assert_told(text: str, portraits: list[dict[str, Any]]) -> None:
    """Each portrait is in a booklet, each of its figures as it is written there, or why it is not told."""
    for one in portraits:
        assert f"Portrait médian : {one['kind_label']}" in text
        for cell in one["cells"]:
            assert all(in_french(cell[name], cell["unit"]) in text for name in ("median", "low", "high") if cell[name])
        if any(cell["count"] is not None for cell in one["cells"]):
            assert all(cell["label"] in text for cell in one["cells"])
            assert all(cell["hidden_label"] in text for cell in one["cells"] if cell["hidden"])


async def test_the_document_the_table_and_the_booklets_say_the_same(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    _, edition = observed
    path = f"/observatory/editions/{edition['id']}"
    async with membership.client("finance") as client:
        document = (await client.get(f"{path}/document")).json()
        exported = (await client.get(f"{path}/export")).text.removeprefix("\ufeff")
        national = await text_of(client, f"{path}/pdf")
        regional = await text_of(client, f"{path}/booklets/occitanie")
    lines = list(csv.DictReader(io.StringIO(exported), delimiter=";"))
    responses = [line for line in lines if line["Code"] == "responses"]
    counted = ("Attendues", "Réponses", "Taux de réponse", "Masqué")
    assert [[line[name] for name in counted] for line in responses] == [
        ["" if one[field] is None else str(one[field]) for field in ("expected", "answered", "rate", "hidden_label")]
        for one in document["responses"]
    ]
    assert {(line["Activité"], line["Délégation"]) for line in responses} >= {
        ("toutes les activités", "national"),
        ("toutes les activités", "occitanie"),
        ("AI (association intermédiaire)", "national"),
    }
    names = {
        "Code": "indicator",
        "Structures": "count",
        "Médiane": "median",
        "Premier quartile": "low",
        "Troisième quartile": "high",
        "Total": "total",
        "Masqué": "hidden_label",
    }
    told = [line for line in lines if line["Code"] != "responses"]
    cells = list(figures_of(document["portraits"]))
    assert [[line[name] for name in names] for line in told] == [
        ["" if cell[field] is None else str(cell[field]) for field in names.values()] for cell in cells
    ]
    for one in document["responses"]:
        assert f"{one['label']} {one['hidden_label'] or '30 sur 30 100,0 %'}" in national
    # One EBE and three of Bretagne: whoever follows its own would find whether they answered.
    hidden = {one["code"]: one["hidden"] for one in document["responses"]}
    assert hidden == {
        "": None,
        **dict.fromkeys(("ai", "aci", "occitanie", "idf"), "deducible"),
        **dict.fromkeys(("ebe", "bretagne"), "too_few"),
    }
    assert "Occitanie se déduirait des autres ensemble 30 sur 30 100,0 %" in regional
    kinds = [one for one in document["portraits"] if one["kind"]]
    country = [one for one in kinds if one["delegation"] is None]
    assert_told(national, country)
    assert_told(regional, [one for one in kinds if one["delegation"] == "occitanie"])
    for one in (cell for cell in document["portraits"] if cell["kind"] is None for cell in cell["cells"]):
        assert in_french(one["total"], one["unit"]) in national
    assert "À confirmer" in national


async def test_a_delegation_has_its_booklet_where_enough_is_told_of_it(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    _, edition = observed
    path = f"/observatory/editions/{edition['id']}/booklets"
    async with membership.client("member", member_id=None) as client:
        booklets = {one["delegation"]: one for one in (await client.get(path)).json()["items"]}
        few = "Moins de 5 structures d'un même type ont répondu"
        assert len(booklets) == 14
        assert (booklets["occitanie"]["withheld"], booklets["bretagne"]["withheld"]) == (None, few)
        counted = {code: (one["expected"], one["answered"]) for code, one in booklets.items()}
        assert (counted["occitanie"], counted["bretagne"], counted["guyane"]) == ((None, None), (None, None), (0, 0))
        assert "montrerait" in booklets["idf"]["withheld"], "six AI, dont le chiffre dirait celui des trois de Bretagne"
        told = await text_of(client, f"{path}/occitanie")
        for region, code, status in (("bretagne", "booklet_withheld", 409), ("nulle-part", "booklet_not_found", 404)):
            refused = await client.get(f"{path}/{region}")
            assert (refused.status_code, refused.json()["code"]) == (status, code)
    for said in (
        "Observatoire, comptes 2025 : Occitanie",
        "à côté de ceux du pays",
        "Pays",
        "rond est la médiane du pays",
    ):
        assert said in told
    assert "Bretagne" not in told
    assert "Totaux déclarés" not in told


async def test_a_booklet_tells_the_years_that_compare(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    federation, _ = observed
    draw = random.Random(6)
    async with membership.client("network") as client:
        await opened(client, 2024, days=0)
        for member_id in list(federation)[:12]:
            path, figures = form(f"/members/{member_id}", 2024), made_up("ai", draw, 2024)
            saved = (await put(client, path, figures)).json()
            odd = [{"check": one["code"], "activity": one["activity"], "comment": "oui"} for one in saved["findings"]]
            await declared(client, path, figures, comments=odd)
    async with membership.days_later(1) as after, after.client("network") as client:
        etag = (await client.get("/declaration-campaigns/2024")).headers["etag"]
        await client.post("/declaration-campaigns/2024/close", headers={"If-Match": etag})
        before = await published(membership, year=2024)
        last = await published(membership, reason="après 2024")
        path = f"/observatory/editions/{last['id']}"
        document = (await client.get(f"{path}/document")).json()
        printed = [await text_of(client, f"{path}/{name}") for name in ("pdf", "booklets/occitanie")]
        alone = await text_of(client, f"/observatory/editions/{before['id']}/booklets/occitanie")
        params = {"kind": "ai", "delegation": "occitanie", "indicator": "turnover"}
        [turnover] = (await client.get("/observatory/evolution", params=params)).json()["items"]
    medians = [in_french(point["cell"]["median"], "eur") for point in turnover["points"]]
    assert len(medians) == 2
    assert f"Chiffre d'affaires {' '.join(medians)}" in printed[1]
    for text in printed:
        assert "D’une année à l’autre : médianes" in text
        assert "Indicateur 2024 2025" in text
    assert "D’une année" not in alone, "ce qui vient après n'est pas dans le livret d'avant"
    assert document["year"] == 2025


@pytest.mark.parametrize(
    ("hidden", "why"),
    [
        pytest.param([None, TOO_FEW], None, id="un chiffre est dit"),
        pytest.param([TOO_FEW, TOO_FEW], "Moins de 5 structures d'un même type ont répondu", id="trop peu partout"),
        pytest.param([], "Moins de 5 structures d'un même type ont répondu", id="personne"),
        pytest.param(
            [TOO_FEW, DEDUCIBLE],
            "Ce qui en serait dit montrerait les chiffres de moins de 5 structures",
            id="par les autres",
        ),
    ],
)
def test_why_a_portrait_is_not_given(hidden: list[HiddenBecause | None], why: str | None) -> None:
    assert withheld(hidden, secrecy_rules()[-1]) == why


async def test_a_figure_of_the_country_that_is_kept_is_marked(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    """One of Île-de-France corrects its turnover: the country's stays, and nothing of Occitanie changes."""
    federation, before = observed
    member_id, figures = next(
        (member_id, figures)
        for member_id, (kinds, place, figures) in federation.items()
        if (kinds, place) == ("ai", "idf")
    )
    async with membership.client("network") as client:
        await correct(client, member_id, {**figures, "turnover@ai": "1", "charges@ai": "1"})
    edition = await published(membership, reason="une déclaration corrigée")
    async with membership.client("network") as client:
        first = await text_of(client, f"/observatory/editions/{before['id']}/booklets/occitanie")
        regional = await text_of(client, f"/observatory/editions/{edition['id']}/booklets/occitanie")
        portraits = await client.get(f"/observatory/editions/{edition['id']}/portraits", params={"kind": "ai"})
    [country] = portraits.json()["items"]
    [turnover] = [one for one in country["cells"] if one["indicator"] == "turnover"]
    assert turnover["kept_from"] == 1
    assert f"{in_french(turnover['median'], 'eur')} °" in regional
    assert "Chiffre d'affaires °" not in regional
    assert "° Chiffre d'une édition précédente" in regional
    assert "°" not in first.replace("n° ", "")


async def test_reads_leave_the_sealed_documents_alone(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    """A document is read by who asks for it: one of each edition of each year, at every screen, would be megabytes."""
    federation, edition = observed
    path = f"/observatory/editions/{edition['id']}"
    reads = [
        "",
        "/portraits",
        "/export",
        "/pdf",
        "/booklets",
        "/booklets/occitanie",
        f"/members/{next(iter(federation))}",
    ]
    async with membership.client("network") as client:
        with membership.statements() as sent:
            for read in ["/observatory/editions", "/observatory/evolution?kind=ai", *(f"{path}{one}" for one in reads)]:
                assert (await client.get(read)).status_code == 200, read
        assert [statement for statement, _ in sent if "observatory_edition.document" in statement] == []
        with membership.statements() as sent:
            await client.get(f"{path}/document")
        assert len([statement for statement, _ in sent if "observatory_edition.document" in statement]) == 1
        with membership.statements() as sent:
            await client.get(f"{path}/booklets/occitanie")
    cells = [parameters for statement, parameters in sent if "FROM observatory_cell" in statement]
    assert cells
    assert all("occitanie" in parameters or "" in parameters for parameters in cells), "rien des autres délégations"
