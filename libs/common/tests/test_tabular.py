"""Exports that a spreadsheet opens: what people read, and nothing it would run."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from openpyxl import load_workbook

from common.tabular import ExportFormat, export_response

HEADER = ["Nom", "Montant", "Jour"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        pytest.param("=1+1", "'=1+1", id="formule"),
        pytest.param("+33 1 23", "'+33 1 23", id="plus"),
        pytest.param("-2+3", "'-2+3", id="moins"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="arobase"),
        pytest.param("\t=1", "'\t=1", id="tabulation"),
        pytest.param("\r=1", "'\r=1", id="retour chariot"),
        pytest.param("a=b", "a=b", id="signe au milieu"),
        pytest.param("L'Été ; suite", "L'Été ; suite", id="texte ordinaire"),
    ],
)
async def test_a_text_never_becomes_a_formula(cell: str, shown: str) -> None:
    csv = (await export_response("csv", "liste", ["Nom"], [[cell]])).body
    quoted = f'"{shown}"' if {";", "\r"} & set(shown) else shown
    assert bytes(csv) == f"\ufeffNom\r\n{quoted}\r\n".encode()
    [_, [read]] = await sheet([["Nom"], [cell]])
    # With lxml the workbook keeps a carriage return; without it, XML reads it back as a line feed.
    assert str(read).replace("\r", "\n") == shown.replace("\r", "\n")


async def sheet(table: list[list[object]]) -> list[tuple[object, ...]]:
    content = (await export_response("xlsx", "liste", [str(cell) for cell in table[0]], table[1:])).body
    rows = load_workbook(io.BytesIO(bytes(content))).active.iter_rows()
    cells = [list(row) for row in rows]
    assert not [cell for row in cells for cell in row if cell.data_type == "f"]
    return [tuple(cell.value for cell in row) for row in cells]


async def test_numbers_and_dates_stay_what_they_are() -> None:
    lines = [["Alpha", Decimal("-12.50"), date(2026, 1, 31)]]
    assert (await export_response("csv", "liste", HEADER, lines)).body == (
        "\ufeffNom;Montant;Jour\r\nAlpha;-12.50;2026-01-31\r\n".encode()
    )
    name, amount, day = (await sheet([HEADER, *lines]))[1]
    assert (name, amount, str(day)[:10]) == ("Alpha", -12.5, "2026-01-31")


async def test_what_a_sheet_has_no_word_for_is_written_as_text() -> None:
    identifier, instant = UUID(int=1), datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    [_, read] = await sheet([["Identifiant", "Instant", "Rien"], [identifier, instant, None]])
    assert read == (str(identifier), str(instant), None)


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
async def test_a_file_says_what_it_is(kind: ExportFormat, media_type: str) -> None:
    response = await export_response(kind, "adherents-2026", HEADER, [])
    assert response.headers["content-type"] == media_type
    assert response.headers["content-disposition"] == f'attachment; filename="adherents-2026.{kind}"'
