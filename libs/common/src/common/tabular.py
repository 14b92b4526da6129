"""Exports people open in a spreadsheet: CSV with semicolons, or XLSX. A cell never becomes a formula."""

import asyncio
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from openpyxl import Workbook
from pydantic import Field
from starlette.responses import Response

ExportFormat = Annotated[Literal["csv", "xlsx"], Field(description="csv, ou xlsx pour un tableur")]

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_KNOWN = (str, int, float, Decimal, date)


async def export_response(
    kind: ExportFormat, name: str, header: Sequence[str], lines: Iterable[Sequence[object]]
) -> Response:
    """Answer with a table as a file, written off the event loop."""
    write = _csv if kind == "csv" else _xlsx
    content = await asyncio.to_thread(write, header, _harmless(lines))
    media_type = "text/csv; charset=utf-8" if kind == "csv" else _XLSX
    disposition = f'attachment; filename="{name}.{kind}"'
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


def _harmless(lines: Iterable[Sequence[object]]) -> Iterator[list[object]]:
    """Put an apostrophe before texts a spreadsheet would run."""
    for line in lines:
        yield [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell for cell in line]


def _csv(header: Sequence[str], rows: Iterable[list[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _xlsx(header: Sequence[str], rows: Iterable[list[object]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(header))
    for row in rows:
        sheet.append([cell if _is_known(cell) else str(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _is_known(cell: object) -> bool:
    """Tell whether a sheet has a word for what a cell holds: not for an identifier, nor for an instant of a zone."""
    return cell is None or (isinstance(cell, _KNOWN) and not isinstance(cell, datetime))
