"""The booklets as a reader sees them: what is drawn beside a figure is that figure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.pictures import Box, Picture, faults_of_layout, pictures

from .conftest import Declared
from .test_booklets import in_french

INK, SOFT, ACCENT, BAND = "#1d2b3a", "#5b6876", "#0b6e6e", "#9fcfcb"
RIGHT = 192
"""Where the text ends on a page, in millimetres."""


def row_of(pages: list[Picture], kind: str, cell: Mapping[str, Any]) -> tuple[Picture, Box]:
    """Return the page and the line of an indicator in the portrait of a kind, from its label."""
    [page] = [page for page in pages if page.find(f"Portrait médian : {kind}") and page.find("Produits")]
    label = next(box for box in page.find(cell["label"]) if page.drawn(INK, box) is not None)
    return page, label._replace(right=RIGHT)


def chart_of(page: Picture, row: Box, *words: str) -> Box:
    """Return what is right of the last figure of a line: its chart."""
    on_the_line = [
        box for word in words for box in page.find(word) if row.top < (box.top + box.bottom) / 2 < row.bottom
    ]
    assert len(on_the_line) >= len(words), "each figure is written on its line"
    for box in on_the_line:
        assert page.drawn(INK, box) is not None or page.drawn(SOFT, box) is not None, "and drawn"
    return row.beside(max(box.right for box in on_the_line) + 0.5, RIGHT)


def middle(box: Box | None) -> float:
    assert box is not None
    return (box.left + box.right) / 2


def share(cell: Mapping[str, Any], value: str) -> float:
    """How far a value lies from the first quartile to the third."""
    low, high = Decimal(cell["low"]), Decimal(cell["high"])
    return float((Decimal(value) - low) / (high - low))


async def test_charts_draw_the_figures_beside_them(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    _, edition = observed
    path = f"/observatory/editions/{edition['id']}"
    async with membership.client("finance") as client:
        document = (await client.get(f"{path}/document")).json()
        national = pictures((await client.get(f"{path}/pdf")).content)
        regional = pictures((await client.get(f"{path}/booklets/occitanie")).content)
    of_ai = {one["delegation"]: one for one in document["portraits"] if one["kind"] == "ai"}
    for place, pages in ((None, national), ("occitanie", regional)):
        assert faults_of_layout(pages, sides=17, ends=7) == []
        [cell] = [one for one in of_ai[place]["cells"] if one["indicator"] == "turnover"]
        [country] = [one for one in of_ai[None]["cells"] if one["indicator"] == "turnover"]
        page, row = row_of(pages, of_ai[place]["kind_label"], cell)
        written = [in_french(cell[name], cell["unit"]) for name in ("low", "median", "high")]
        if place:
            written.append(in_french(country["median"], country["unit"]))
        chart = chart_of(page, row, *written)
        band = page.drawn(BAND, chart)
        assert band is not None, "from the first quartile to the third"
        across = band.right - band.left
        assert (middle(page.drawn(ACCENT, chart)) - band.left) / across == pytest.approx(
            share(cell, cell["median"]), abs=0.06
        )
        ring = page.drawn(INK, chart)
        if place is None:
            assert ring is None, "the country stands beside nothing"
        else:
            assert (middle(ring) - band.left) / across == pytest.approx(share(cell, country["median"]), abs=0.06)
