"""Printed documents: a Typst template and its data in, an archivable and accessible PDF out.

Data never becomes markup: it enters as one JSON text that the template reads with
``json(bytes(sys.inputs.data))``, so whatever a person typed is printed as typed. A template sees its own folder
only, and the fonts inside the Typst wheel: the same document comes out of every machine, byte for byte.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final, Literal

import typst
from starlette.responses import Response

# PDF/A-3b to archive, PDF/UA-1 so that a screen reader can follow: Typst refuses a document that fails either.
_STANDARDS: Final[tuple[Literal["a-3b"], Literal["ua-1"]]] = ("a-3b", "ua-1")
_FONTS: Final = typst.Fonts(include_system_fonts=False)

# Typst releases the GIL, so threads leave the event loop free, and a second one prints half as many pages again;
# a third gains nothing on two cores. A forked process would inherit Typst's locks and hang.
_POOL: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="typst")

# PDF/A refuses a document with a character that no font draws: one emoji in a name would lose the whole invoice.
# Zero-width and direction marks are left out on purpose: a printed text hides nothing.
_DRAWN: Final = (
    "\n\t -~"  # ASCII
    "\u00a0-\u036f\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u1e00-\u1eff"  # Latin, accents, Greek, Cyrillic
    "\u2010-\u2015\u2018-\u2022\u2026\u202f\u2030\u2032\u2033\u2039\u203a\u20a0-\u20bf\u2116\u2122"  # punctuation
    "\u2190-\u2193\u2212\u2248\u2260\u2264\u2265\u25a0-\u25ff\u2610-\u2612\ufffd"  # arrows, signs, boxes
)
_UNDRAWN: Final = re.compile(f"[^{_DRAWN}]")
_MISSING_GLYPH: Final = "□"


async def print_pdf(template: Path, data: Mapping[str, Any], *, on: date, attached: str = "") -> bytes:
    """Print ``data`` through a template, dated ``on`` (the same inputs give the same bytes).

    ``data`` holds texts, whole numbers, booleans, lists and mappings: amounts and dates come already written. A
    character that the embedded fonts cannot draw is printed as an empty box. ``attached`` is the text of a file that
    the template attaches (``sys.inputs.attached``), left as it is. Off the event loop, at most two documents at a time
    in the whole process.
    """
    at = datetime.combine(on, time(), tzinfo=UTC)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_POOL, lambda: _render_pdf(template, data, at=at, attached=attached))


def pdf_response(content: bytes, name: str) -> Response:
    """Answer with a document that a browser shows, and saves as ``name``.

    >>> pdf_response(b"%PDF-1.7", "COT-2026-00042").headers["content-disposition"]
    'inline; filename="COT-2026-00042.pdf"'
    """
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _render_pdf(template: Path, data: Mapping[str, Any], *, at: datetime, attached: str = "") -> bytes:
    """Print, dated ``at`` (an aware instant). Takes milliseconds, and blocks the thread."""
    text = json.dumps(_drawable(data), ensure_ascii=False, allow_nan=False)
    return typst.compile(
        template,
        root=template.parent,
        font_paths=_FONTS,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": text, "attached": attached},
        pdf_standards=list(_STANDARDS),
        timestamp=at,
    )


def _drawable(value: Any) -> Any:
    match value:
        case str():
            return _UNDRAWN.sub(_MISSING_GLYPH, value)
        case Mapping():
            return {key: _drawable(item) for key, item in value.items()}
        case list() | tuple():
            return [_drawable(item) for item in value]
        case _:
            return value
