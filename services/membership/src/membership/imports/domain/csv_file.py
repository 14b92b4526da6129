"""Reads an uploaded member list: bytes to rows of cells, whatever the bytes.

A file that can't be read is refused whole; a line that can't be read is an error of its own. Nothing is
guessed and mended: no other encoding, no other separator, no cell completed.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stdnum.fr import siren, siret

from common.wording import counted
from membership.imports.domain.cells import NOT_TAKEN, Column
from membership.imports.domain.findings import Finding, is_visible, listed, quoted, shown
from membership.imports.domain.refusals import (
    ControlCharacterInHeader,
    EmptyFile,
    FileTooLarge,
    LineTooLong,
    NotUtf8,
    TooManyRows,
    WrongColumns,
    WrongSeparator,
)
from membership.imports.domain.rows import SourceRow

MAX_ROWS = 100_000
MAX_LINE_BYTES = 64 * 1024
MAX_FILE_BYTES = 32 * 1024 * 1024  # 100,000 rows of 335 bytes: the export of as many structures, with room
MAX_CELL_CHARACTERS = 300

_SEPARATOR = ";"
_OTHER_SEPARATORS = {",": "la virgule", "\t": "la tabulation", "|": "la barre verticale"}
_REQUIRED = (Column.NAME,)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KNOWN_BEGINNINGS = {
    b"PK\x03\x04": "un classeur (Excel ou LibreOffice)",
    b"\xd0\xcf\x11\xe0": "un ancien classeur Excel",
    b"%PDF": "un PDF",
    b"\xff\xfe": "du texte en UTF-16",
    b"\xfe\xff": "du texte en UTF-16",
}
# What spreadsheets take for a formula, full-width forms included (OWASP, CSV Injection).
_FORMULA = re.compile(r" *[=+\-@＝＋－＠\t\r]")
_SHIELD = "'"
"""What an export puts before such a text, so that a spreadsheet leaves it alone: no part of the value."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A file that could be read: its columns in order (None: not taken), its rows, and what concerns no row."""

    columns: tuple[Column | None, ...]
    rows: tuple[SourceRow, ...]
    findings: tuple[Finding, ...]


def read(content: bytes) -> SourceTable:
    """Cut the file into rows; raise an ``UnreadableFile`` when it can't be read as a member list.

    One physical line is one row: a cell with a line break inside is an error of its line, so that a stray
    quotation mark never swallows the rows under it. Empty lines are left out with a warning.
    """
    names, lines = _opened(content)
    columns = tuple(None if name in NOT_TAKEN else Column(name) for name in names)
    rows, findings = [], [_left_out(name) for name in names if name in NOT_TAKEN]
    for number, line in enumerate(lines, start=2):
        if _says_something(line):
            rows.append(_read_line(number, line, columns))
        else:
            message = f"La ligne {number} est vide : elle est laissée de côté."
            findings.append(Finding.warning(number, None, "row_empty", message))
    return SourceTable(columns, tuple(rows), tuple(findings))


def require_readable(content: bytes) -> None:
    """Let only a file through that ``read`` takes. Raises an ``UnreadableFile``."""
    _opened(content)


def _opened(content: bytes) -> tuple[list[str], list[str]]:
    """Return the names of the columns, and the lines under them."""
    _refuse_what_is_too_big(content)
    text = _decode(content.removeprefix(_BYTE_ORDER_MARK))
    header, *lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    names = _read_header(header)
    if not any(map(_says_something, lines)):
        raise EmptyFile("Le fichier n'a aucune ligne sous son en-tête.")
    return names, lines


def _says_something(line: str) -> bool:
    return bool(line.strip(" \t;"))


def _refuse_what_is_too_big(content: bytes) -> None:
    """Bound rows, lines and bytes before anything is copied: one pass over the bytes each."""
    rows = content.count(b"\n") - content.endswith(b"\n")
    if rows > MAX_ROWS:
        raise TooManyRows(f"Le fichier compte {rows} lignes : {MAX_ROWS} au plus par import.")
    start, number = 0, 1
    while start < len(content):
        end = content.find(b"\n", start, start + MAX_LINE_BYTES + 1)
        if end < 0 and len(content) - start > MAX_LINE_BYTES:
            raise LineTooLong(
                f"La ligne {number} dépasse {MAX_LINE_BYTES // 1024} Kio : "
                "une fin de ligne manque, ou ce n'est pas une liste d'adhérents."
            )
        start, number = (end + 1 if end >= 0 else len(content)), number + 1
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLarge(f"Le fichier dépasse {MAX_FILE_BYTES // 1024**2} Mio : découpez-le.")


def _decode(content: bytes) -> str:
    if not content.strip():
        raise EmptyFile("Le fichier est vide.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise NotUtf8(
            f"Le fichier n'est pas en UTF-8 : l'octet {fault.start + 1} (ligne {line}) vaut "
            f"0x{content[fault.start]:02X}. {_guess(content, fault.start)} "
            "Dans votre tableur, enregistrez en UTF-8 (« CSV UTF-8 »), puis déposez le fichier de nouveau.",
            extra={"byte": fault.start + 1, "line": line},
        ) from fault


def _guess(content: bytes, position: int) -> str:
    for beginning, what in _KNOWN_BEGINNINGS.items():
        if content.startswith(beginning):
            return f"C'est sans doute {what}."
    try:
        letter = content[position : position + 1].decode("cp1252")
    except UnicodeDecodeError:
        return "L'encodage n'est pas reconnu."
    return f"C'est sans doute du Windows-1252, où cet octet est {quoted(letter)}."


def _read_header(line: str) -> list[str]:
    if _SEPARATOR not in line:
        _refuse_other_separator(line)
    if not is_visible(line):
        raise ControlCharacterInHeader(f"L'en-tête {quoted(line)} contient un caractère de contrôle.")
    try:
        names = _cut(line)
    except csv.Error as fault:
        raise WrongColumns(f"L'en-tête {quoted(line)} a des guillemets mal fermés.") from fault
    problems = list(_column_problems(names))
    if problems:
        expected = ", ".join(Column)
        raise WrongColumns(f"En-tête : {listed(problems)}. Colonnes admises : {expected} ; « nom » est obligatoire.")
    return names


def _left_out(name: str) -> Finding:
    message = f"La colonne {quoted(name)} n'est pas reprise : {NOT_TAKEN[name]}."
    return Finding.warning(1, name, "column_not_taken", message)


def _refuse_other_separator(line: str) -> None:
    found = max(_OTHER_SEPARATORS, key=line.count)
    if found in line:
        raise WrongSeparator(
            f"Les colonnes sont séparées par {_OTHER_SEPARATORS[found]} : le point-virgule est attendu.",
            extra={"found": found},
        )


def _column_problems(names: Sequence[str]) -> Iterator[str]:
    admitted = {*Column, *NOT_TAKEN}
    for name, count in list(Counter(names).items())[:20]:
        if name not in admitted:
            yield f"colonne inconnue {quoted(name)}" if name else "colonne sans nom"
        elif count > 1:
            yield f"colonne répétée {quoted(name)}"
    for column in _REQUIRED:
        if column not in names:
            yield f"colonne manquante {quoted(column)}"


def _cut(line: str) -> list[str]:
    # The csv module lets a lone quotation mark pass inside a cell: it is what is left of a cell on two lines.
    if line.count('"') % 2:
        raise csv.Error("odd number of quotation marks")
    return next(csv.reader([line], delimiter=_SEPARATOR, strict=True))


def _read_line(number: int, line: str, columns: Sequence[Column | None]) -> SourceRow:
    """Cut one line; of a row that is refused here, the cells are kept only as they can be shown."""
    try:
        values = _cut(line)
    except csv.Error:
        return SourceRow(number, {}, (_uncut(number, line),))
    if len(values) != len(columns):
        message = f"La ligne {number} a {counted(len(values), 'cellule')} au lieu de {len(columns)}."
        return SourceRow(number, {}, (Finding.error(number, None, "row_cell_count", message, line),))
    cells = {column: value for column, value in zip(columns, values, strict=True) if column is not None}
    findings = (*_unsafe_cells(number, cells), *_wrong_identifiers(number, cells))
    if findings:
        cells = {column: shown(value) for column, value in cells.items()}
    return SourceRow(number, {column: _unshielded(value) for column, value in cells.items()}, findings)


def _unshielded(cell: str) -> str:
    bare = cell.removeprefix(_SHIELD)
    return bare if bare != cell and _FORMULA.match(bare) else cell


def _uncut(number: int, line: str) -> Finding:
    if "\r" in line:
        code, why = "import_control_character", "contient un retour chariot (caractère de contrôle)"
    else:
        code, why = "row_quotes", "a des guillemets mal fermés, ou un retour à la ligne dans une cellule"
    return Finding.error(number, None, code, f"La ligne {number} {why}.", line)


def _unsafe_cells(number: int, cells: dict[Column, str]) -> Iterator[Finding]:
    for column, cell in cells.items():
        if _FORMULA.match(cell):
            message = (
                f"La cellule {quoted(cell)} commence comme une formule de tableur : "
                "elle n'est pas importée tant qu'elle n'est pas corrigée dans le fichier."
            )
            yield Finding.error(number, column, "cell_formula", message, cell)
        elif not is_visible(cell):
            message = f"La cellule {quoted(cell)} contient un caractère de contrôle ou invisible."
            yield Finding.error(number, column, "import_control_character", message, cell)
        elif len(cell) > MAX_CELL_CHARACTERS:
            message = f"La cellule a {len(cell)} caractères : {MAX_CELL_CHARACTERS} au plus."
            yield Finding.error(number, column, "cell_too_long", message, cell)


def _wrong_identifiers(number: int, cells: dict[Column, str]) -> Iterator[Finding]:
    printed_siren, printed_siret = cells.get(Column.SIREN, ""), cells.get(Column.SIRET, "")
    siren_digits, siret_digits = "".join(printed_siren.split()), "".join(printed_siret.split())
    if siren_digits and not (_is_digits(siren_digits) and siren.is_valid(siren_digits)):
        message = f"Le SIREN {quoted(printed_siren)} est faux : neuf chiffres, dont une clé de contrôle."
        yield Finding.error(number, Column.SIREN, "siren_invalid", message, printed_siren)
    if siret_digits and not (_is_digits(siret_digits) and siret.is_valid(siret_digits)):
        message = f"Le SIRET {quoted(printed_siret)} est faux : quatorze chiffres, dont une clé de contrôle."
        yield Finding.error(number, Column.SIRET, "siret_invalid", message, printed_siret)
    elif siret_digits and siren_digits and not siret_digits.startswith(siren_digits):
        message = f"Le SIRET {quoted(printed_siret)} ne commence pas par le SIREN {quoted(printed_siren)}."
        yield Finding.error(number, Column.SIRET, "siret_invalid", message, printed_siret)


def _is_digits(text: str) -> bool:
    # python-stdnum also takes dots and full-width digits, which would then be stored as they are.
    return text.isascii() and text.isdigit()
