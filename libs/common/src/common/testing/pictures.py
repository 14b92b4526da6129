"""Printed documents as their reader sees them, drawn by another program than the one that wrote them.

Places are in millimetres from a page's top left corner.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2

_PIXELS_PER_MM = 6
_POINTS_PER_MM = 72 / 25.4
_NEAR = 24
"""How far each part of a colour may be from what was asked, where a line is drawn over two pixels."""
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\r": " ", "\n": " "})


class Box(NamedTuple):
    """A part of a page."""

    left: float
    top: float
    right: float
    bottom: float

    def beside(self, left: float, right: float) -> "Box":
        """What is at the same height, between two places of the line."""
        return Box(left, self.top, right, self.bottom)


@dataclass(frozen=True)
class Picture:
    """One page: its pixels, three bytes each, and where each of its characters is drawn."""

    width: int
    height: int
    rows: tuple[bytes, ...]
    text: str
    characters: tuple[Box, ...]

    @property
    def whole(self) -> Box:
        """All of the page."""
        return Box(0, 0, self.width / _PIXELS_PER_MM, self.height / _PIXELS_PER_MM)

    def find(self, words: str) -> list[Box]:
        """Return where these words are drawn, each time they are."""
        found, start = [], self.text.find(words)
        while start >= 0:
            found.append(_around([one for one in self.characters[start : start + len(words)] if one.right > one.left]))
            start = self.text.find(words, start + 1)
        return found

    def drawn(self, colour: str, within: Box) -> Box | None:
        """Return the smallest part that holds all that is drawn there in a colour, written as « #rrggbb »."""
        parts = bytes.fromhex(colour.removeprefix("#"))
        left, top, right, bottom = (round(edge * _PIXELS_PER_MM) for edge in within)
        spots = [
            (x, y)
            for y in range(max(top, 0), min(bottom, self.height))
            for x in range(max(left, 0), min(right, self.width))
            if all(
                abs(seen - asked) <= _NEAR for seen, asked in zip(self.rows[y][3 * x : 3 * x + 3], parts, strict=True)
            )
        ]
        if not spots:
            return None
        across, down = [x for x, _ in spots], [y for _, y in spots]
        edges = (min(across), min(down), max(across) + 1, max(down) + 1)
        return Box(*(edge / _PIXELS_PER_MM for edge in edges))

    def is_blank(self, within: Box) -> bool:
        """Tell whether nothing at all is drawn there."""
        left, top, right, bottom = (round(edge * _PIXELS_PER_MM) for edge in within)
        return all(set(row[3 * left : 3 * right]) <= {255} for row in self.rows[top:bottom])


def pictures(pdf: bytes) -> list[Picture]:
    """Draw each page of a document."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_drawn(page) for page in document]
    finally:
        document.close()


def faults_of_print(pdf: bytes, words: Mapping[str, str], *, sides: float = 17, ends: float = 7) -> list[str]:
    """Look at a document: return the faults of its layout, and which words are not drawn in their colour."""
    pages = pictures(pdf)
    drawn = {
        word
        for word, colour in words.items()
        if any(page.drawn(colour, box) is not None for page in pages for box in page.find(word))
    }
    missing = [f"« {word} » is not drawn in {words[word]}" for word in words if word not in drawn]
    return faults_of_layout(pages, sides=sides, ends=ends) + missing


def faults_of_layout(pages: list[Picture], *, sides: float, ends: float) -> list[str]:
    """Return which pages are empty, or run into their margins: so wide at the sides, at the top and the foot."""
    faults = []
    for number, page in enumerate(pages, start=1):
        whole = page.whole
        inside = Box(sides, ends, whole.right - sides, whole.bottom - ends)
        if page.is_blank(inside):
            faults.append(f"page {number} is empty")
        faults += [
            f"page {number} is drawn in its {name}" for name, edge in _margins(whole, inside) if not page.is_blank(edge)
        ]
    return faults


def _margins(whole: Box, inside: Box) -> Iterator[tuple[str, Box]]:
    yield "left margin", whole._replace(right=inside.left)
    yield "right margin", whole._replace(left=inside.right)
    yield "top margin", whole._replace(bottom=inside.top)
    yield "foot", whole._replace(top=inside.bottom)


def _drawn(page: pypdfium2.PdfPage) -> Picture:
    height = page.get_height()
    bitmap = page.render(scale=_PIXELS_PER_MM / _POINTS_PER_MM, rev_byteorder=True)
    content = bytes(bitmap.buffer)
    starts = range(0, bitmap.stride * bitmap.height, bitmap.stride)
    rows = tuple(content[start : start + 3 * bitmap.width] for start in starts)
    said = page.get_textpage()
    boxes = []
    for index in range(said.count_chars()):
        left, foot, right, head = said.get_charbox(index)
        edges = (left, height - head, right, height - foot)
        boxes.append(Box(*(edge / _POINTS_PER_MM for edge in edges)))
    text = "".join(said.get_text_range(index, 1) or " " for index in range(said.count_chars()))
    return Picture(bitmap.width, bitmap.height, rows, text.translate(_SPACES), tuple(boxes))


def _around(boxes: list[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))
