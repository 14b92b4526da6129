"""A document looked at: what is drawn, where, in which colour; a page that is empty or runs over is found."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.documents import _render_pdf
from common.testing.pictures import Box, Picture, faults_of_layout, faults_of_print, pictures

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
HEAD = '#set document(title: "Essai")\n#set text(lang: "fr")\n#set page(width: 100mm, height: 60mm, margin: 10mm)\n'
TEAL = "#0b6e6e"
Draw = Callable[[str], list[Picture]]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draw a template."""

    def drawn(template: str) -> list[Picture]:
        path = tmp_path / "essai.typ"
        path.write_text(HEAD + template, encoding="utf-8")
        return pictures(_render_pdf(path, {}, at=AT))

    return drawn


def test_what_is_drawn_is_found_where_it_is(draw: Draw) -> None:
    [page] = draw(
        f'#place(top + left, dx: 20mm, dy: 5mm, pdf.artifact(rect(width: 30mm, height: 4mm, fill: rgb("{TEAL}"))))'
    )
    found = page.drawn(TEAL, page.whole)
    assert found is not None
    assert tuple(found) == pytest.approx((30, 15, 60, 19), abs=0.4)
    assert page.drawn("#ff0000", page.whole) is None
    assert page.drawn(TEAL, Box(0, 20, 100, 60)) is None
    assert not page.is_blank(Box(30, 15, 60, 19))
    assert page.is_blank(Box(0, 20, 100, 60))


def test_words_are_found_where_they_are_drawn(draw: Draw) -> None:
    [page] = draw(f'#text(fill: rgb("{TEAL}"))[1\\u{{202f}}234,50\\u{{a0}}€] \n\n Été')
    [amount] = page.find("1 234,50 €")
    assert page.drawn(TEAL, amount) is not None
    [word] = page.find("Été")
    assert word.top > amount.bottom
    assert page.drawn(TEAL, word) is None
    assert not page.is_blank(word)
    assert page.find("2") != []
    assert page.find("absent") == []


@pytest.mark.parametrize(
    ("template", "faults"),
    [
        pytest.param("Écrit.", [], id="dans la page"),
        pytest.param("Écrit. #pagebreak() #h(0pt)", ["page 2 is empty"], id="une page vide"),
        pytest.param(
            "#box(width: 85mm, height: 2mm, fill: red)", ["page 1 is drawn in its right margin"], id="à droite"
        ),
        pytest.param("Écrit. #place(dx: -8mm)[Trop.]", ["page 1 is drawn in its left margin"], id="à gauche"),
        pytest.param("Écrit. #place(top, dy: -8mm)[Trop.]", ["page 1 is drawn in its top margin"], id="en haut"),
        pytest.param("Écrit. #place(bottom, dy: 6mm)[Trop.]", ["page 1 is drawn in its foot"], id="en bas"),
    ],
)
def test_a_page_that_is_empty_or_runs_over_is_found(draw: Draw, template: str, faults: list[str]) -> None:
    assert faults_of_layout(draw(template), sides=9, ends=9) == faults


def test_words_in_another_colour_or_absent_are_found(tmp_path: Path) -> None:
    path = tmp_path / "essai.typ"
    path.write_text(HEAD + f'#text(fill: rgb("{TEAL}"))[Adoptée.] Noire.', encoding="utf-8")
    pdf = _render_pdf(path, {}, at=AT)
    asked = {"Adoptée.": TEAL, "Noire.": TEAL, "Absente.": "#000000"}
    assert faults_of_print(pdf, {"Adoptée.": TEAL, "Noire.": "#000000"}, sides=9, ends=9) == []
    assert faults_of_print(pdf, asked, sides=9, ends=9) == [
        f"« Noire. » is not drawn in {TEAL}",
        "« Absente. » is not drawn in #000000",
    ]
