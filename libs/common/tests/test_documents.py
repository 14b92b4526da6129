"""Printed documents: archivable, accessible, reproducible, and deaf to what their data tries to say."""

import asyncio
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest

from common.documents import _DRAWN, _MISSING_GLYPH, _render_pdf, print_pdf

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: "Essai")
#set text(lang: "fr")
#set page(width: 30cm)
= Essai
#for line in data.lines [#line #parbreak()]
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "essai.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(pdf).pages)


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param('#import "@preview/cetz:0.3.0"', id="importer un paquet"),
        pytest.param('#read("/etc/passwd")', id="lire un fichier"),
        pytest.param('#panic("stop")', id="arrêter l'impression"),
        pytest.param('"] + panic() + ["', id="fermer la chaîne"),
        pytest.param("]#lorem(50)[", id="fermer le bloc"),
        pytest.param(r"C:\new\table \u0041 \\ \"", id="barres obliques inverses"),
        pytest.param("*gras* _italique_ `code` $x^2$ <ancre> @ref = titre", id="balisage"),
        pytest.param("// commentaire /* encore */ https://exemple.fr", id="commentaires et liens"),
        pytest.param("L’Œuvre — « Été » n° 5 : 1\u202f234,50\u00a0€, ½ × ≤ →", id="typographie française"),
        pytest.param("Ελλάς Česká Київ Ǆ", id="autres alphabets d'Europe"),
    ],
)
def test_what_a_person_typed_is_printed_as_typed(template: Path, hostile: str) -> None:
    assert hostile in text_of(_render_pdf(template, {"lines": [hostile]}, at=AT))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        pytest.param("Fête 🎉", "Fête □", id="emoji"),
        pytest.param("株式会社", "□□□□", id="idéogrammes"),
        pytest.param("a\x00b\x1bc", "a□b□c", id="caractères de contrôle"),
        pytest.param("FR76\u202e67RF\u200b", "FR76□67RF□", id="sens d'écriture et espaces invisibles"),
        pytest.param("\ud83d", "□", id="moitié de caractère"),
    ],
)
def test_a_character_no_font_draws_becomes_a_box_and_loses_no_document(
    template: Path, typed: str, printed: str
) -> None:
    assert printed in text_of(_render_pdf(template, {"lines": [typed]}, at=AT))


def test_every_character_let_through_is_drawn_by_the_embedded_fonts(template: Path) -> None:
    allowed = [char for code in range(0x20, 0x10000) if re.match(f"[{_DRAWN}]", char := chr(code))]
    assert len(allowed) > 1_000
    _render_pdf(template, {"lines": [f"x{char}" for char in allowed] + [_MISSING_GLYPH]}, at=AT)


def test_the_document_claims_archiving_and_accessibility(template: Path) -> None:
    pdf = read(_render_pdf(template, {"lines": ["texte"]}, at=AT))
    root: Any = pdf.trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "fr"


def test_the_same_inputs_give_the_same_bytes(template: Path) -> None:
    first, second = (_render_pdf(template, {"lines": ["a", "b"]}, at=AT) for _ in range(2))
    assert first == second
    assert read(first).metadata.creation_date == AT  # type: ignore[union-attr]


def test_a_template_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates" / "curieux.typ"
    template.write_text('#set document(title: "x")\n#read("../secret.txt")')
    with pytest.raises(RuntimeError, match="root"):
        _render_pdf(template, {}, at=AT)


async def test_printing_leaves_the_event_loop_free(template: Path) -> None:
    printing = asyncio.create_task(print_pdf(template, {"lines": ["ligne"] * 2_000}, on=AT.date()))
    turns = 0
    while not printing.done():
        turns += 1
        await asyncio.sleep(0)
    assert (await printing).startswith(b"%PDF-")
    assert turns > 100


def test_a_file_is_attached_as_it_is(template: Path) -> None:
    described = 'mime-type: "text/plain", relationship: "data", description: "Note"'
    attach = f'#pdf.attach("n.txt", bytes(sys.inputs.attached), {described})\n'
    template.write_text(TEMPLATE + attach, encoding="utf-8")
    file = "🎉 #panic() <é>\n"
    assert read(_render_pdf(template, {"lines": []}, at=AT, attached=file)).attachments["n.txt"] == [file.encode()]
