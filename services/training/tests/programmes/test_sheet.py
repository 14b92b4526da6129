"""What the catalogue gives to keep: the printed sheet, drawn as a reader draws it, and the export."""

import csv
import io
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from training.app import service
from training.organisation.queries import DEMO_ORGANISATION

from .arrangements import COMPLETE, published


async def test_the_sheet_is_one_page_that_says_what_the_referential_asks(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await published(team, "CIP-01")
    async with training.client() as anybody:
        answer = await anybody.get("/catalogue/CIP-01/pdf")
        again = await anybody.get("/catalogue/CIP-01/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == 'inline; filename="CIP-01-v1.pdf"'
    assert answer.content == again.content, "a version prints alike"
    said = " ".join(PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
    for words in (
        COMPLETE["title"], *COMPLETE["objectives"], "2 jours, 14 heures", "15 jours", "Version 1", "en présence",
        "attestation de fin de formation", "Coorace Formation, formation@exemple.fr", "6 au moins, 12 au plus",
        "Organisme de formation de démonstration, Association loi 1901 · 1 rue de l'Exemple, 00000 Démonstration",
        "SIRET 000 000 000 00000",
        "Enregistré sous le numéro 00000000000. Cet enregistrement ne vaut pas agrément de l'État.",
    ):  # fmt: skip
        assert words in said
    assert "certification qualité" not in said, "the quality mark speaks of the body, never of one training"
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 1
    pixels = bytes(document[0].render(grayscale=True).buffer)
    inked = sum(shade < 200 for shade in pixels)
    assert 0.005 < inked / len(pixels) < 0.2


async def test_a_body_that_has_no_number_yet_prints_none(assemble: Assemble, tmp_path: Path) -> None:
    file, demo = tmp_path / "organisation.toml", DEMO_ORGANISATION.read_text(encoding="utf-8")
    file.write_text(demo.replace(demo[demo.index("[registration]") : demo.index("[certification]")], ""), "utf-8")
    training = await assemble(service, entity_file=file)
    async with training.client("training") as team:
        await published(team, "CIP-01")
        answer = await team.get("/catalogue/CIP-01/pdf")
    said = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Organisme de formation de démonstration" in said
    assert "nregistr" not in said


async def test_what_somebody_typed_is_printed_as_typed(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await published(team, "X-1", title="#panic[*gras*] $x$", summary="Un\n\nDeux 😀", objectives=["a" * 200])
    async with training.client() as anybody:
        answer = await anybody.get("/catalogue/X-1/pdf")
    said = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "#panic[*gras*] $x$" in said


@pytest.mark.parametrize(("query", "found"), [({}, ["A-1", "B-1"]), ({"q": "budget"}, ["B-1"])])
async def test_the_export_has_the_programmes_of_the_list(
    training: ServiceUnderTest, query: dict[str, str], found: list[str]
) -> None:
    async with training.client("training") as team:
        await published(
            team, "B-1", title="Lire un budget", theme="finance", recognition="rs", recognition_number="RS12"
        )
        await published(team, "A-1", title="=Accueillir")
    async with training.client() as anybody:
        text = (await anybody.get("/catalogue/export", params={"format": "csv", **query})).content.decode("utf-8-sig")
        book = (await anybody.get("/catalogue/export", params={"format": "xlsx", **query})).content
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["code"] for row in rows] == found
    assert rows[-1] | {"publie_le": ""} == {
        "code": "B-1", "nature": "formation", "titre": "Lire un budget", "theme": "Gestion", "version": "1",
        "publie_le": "", "modalites": "en présence", "certifiant": "oui", "heures": "14", "prix_adherent": "560.00",
        "prix": "700.00",
    }  # fmt: skip
    assert [row[0] for row in load_workbook(io.BytesIO(book)).active.iter_rows(min_row=2, values_only=True)] == found
