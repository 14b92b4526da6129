"""A table that a person sends as CSV: read whole, each defect with its line. Pure.

UTF-8 and semicolons, as the exports are (``tabular``). Nothing is guessed and mended: no other encoding, no other
separator, no cell completed. Each reader says its own refusal: a file is of a capability.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.errors import FieldError, Invalid

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_AMOUNT = re.compile(r"\d{1,11}(?:[.,]\d{1,2})?")
_SPACES = str.maketrans("", "", " \u00a0\u202f")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One line of a file by its number: its cells by their columns, or what keeps it from being a row."""

    number: int
    cells: dict[str, str]
    defect: FieldError | None = None


def read_table(content: bytes, columns: Sequence[str], unreadable: type[Invalid], *, max_rows: int) -> list[CsvRow]:
    """Read a file that has these columns, in any order. Raises what ``unreadable`` says.

    One physical line is one row, so that a stray quotation mark swallows none of those under it.

    >>> [row] = read_table(b"name;day\\nAnne;lundi\\n", ["day", "name"], Invalid, max_rows=10)
    >>> row.number, row.cells
    (2, {'name': 'Anne', 'day': 'lundi'})
    """
    header, *lines = [line.removesuffix("\r") for line in _decode(content, unreadable, max_rows).split("\n")]
    names = _cut(header)
    if names is None or sorted(names) != sorted(columns):
        expected = ";".join(columns)
        raise unreadable(f"L'en-tête doit être « {expected} », séparé par des points-virgules.")
    rows = [_row(number, line, names) for number, line in enumerate(lines, start=2) if line.strip(" \t;")]
    if not rows:
        raise unreadable("Le fichier n'a aucune ligne sous son en-tête.")
    return rows


def row_defect(number: int, code: str, message: str) -> FieldError:
    """Say what is wrong with a line.

    >>> row_defect(3, "year_unknown", "quelle année ?").message
    'Ligne 3 : quelle année ?'
    """
    return FieldError(f"/rows/{number}", code, f"Ligne {number} : {message}")


def compact(cell: str) -> str:
    """Return what a cell says without the spaces that make a number easy to read.

    >>> compact("800 123 456")
    '800123456'
    """
    return cell.translate(_SPACES)


def amount_of(cell: str) -> Decimal | None:
    """Read an amount in euros, never negative; None where a cell is not one.

    >>> amount_of("1 234,56"), amount_of("-3")
    (Decimal('1234.56'), None)
    """
    text = compact(cell)
    return Decimal(text.replace(",", ".")) if _AMOUNT.fullmatch(text) and text.isascii() else None


def _decode(content: bytes, unreadable: type[Invalid], max_rows: int) -> str:
    try:
        text = content.removeprefix(_BYTE_ORDER_MARK).decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise unreadable(
            f"Le fichier n'est pas en UTF-8 (ligne {line}). Dans votre tableur, enregistrez en « CSV UTF-8 », puis "
            "déposez-le de nouveau.",
            extra={"line": line},
        ) from fault
    if text.count("\n") > max_rows:
        raise unreadable(f"Le fichier dépasse {max_rows} lignes.")
    return text


def _row(number: int, line: str, names: Sequence[str]) -> CsvRow:
    cells = _cut(line)
    if cells is None or len(cells) != len(names):
        return CsvRow(number, {}, row_defect(number, "row_cell_count", f"il y faut {len(names)} cellules."))
    return CsvRow(number, dict(zip(names, (cell.strip() for cell in cells), strict=True)))


def _cut(line: str) -> list[str] | None:
    if line.count('"') % 2:
        return None
    try:
        return next(csv.reader([line], delimiter=";", strict=True), [])
    except csv.Error:
        return None
