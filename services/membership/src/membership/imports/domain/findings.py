"""What is wrong, or doubtful, at one place of the file: said to a person, never mended."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from common.labels import Labelled

MOST_KEPT = 200  # findings on a whole file: more than a person reads, and every answer carries them
_LONGEST_SHOWN = 80  # characters: enough to recognise the cell on a screen


class Severity(Labelled):
    """Whether a finding stops its row."""

    ERROR = "error", "erreur"
    WARNING = "warning", "avertissement"


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw: the line of the file (header = 1), the column if one is at fault, the sentence to show.

    ``value`` is what stands in the file, cut at 80 characters and with invisible characters written out.
    """

    row: int
    column: str | None
    code: str
    severity: Severity
    message: str
    value: str = ""

    @classmethod
    def error(cls, row: int, column: str | None, code: str, message: str, value: str = "") -> Self:
        """Build a finding that stops its row."""
        return cls(row, column, code, Severity.ERROR, message, shown(value))

    @classmethod
    def warning(cls, row: int, column: str | None, code: str, message: str, value: str = "") -> Self:
        """Build a finding that a person should look at and that stops nothing."""
        return cls(row, column, code, Severity.WARNING, message, shown(value))


def capped(findings: Sequence[Finding]) -> list[Finding]:
    """Keep the first findings on a whole file, the last one kept saying how many more there are."""
    if len(findings) <= MOST_KEPT:
        return list(findings)
    kept, more = findings[: MOST_KEPT - 1], findings[MOST_KEPT - 1 :]
    message = f"{len(more)} autres défauts du fichier ne sont pas montrés : le premier est à la ligne {more[0].row}."
    return [*kept, Finding.warning(more[0].row, None, "findings_not_shown", message)]


def is_visible(text: str) -> bool:
    """Tell whether every character is a letter, a sign or a space: no control or format character."""
    return text.isprintable() or all(_is_visible_character(char) for char in text)


def visible(text: str) -> str:
    r"""Write invisible characters out, so that the text may be shown, logged and stored.

    >>> visible("AI\0")
    'AI\\x00'
    """
    if text.isprintable():
        return text
    return "".join(char if _is_visible_character(char) else ascii(char)[1:-1] for char in text)


def shown(text: str) -> str:
    """Cut a text to what a message can show."""
    text = visible(text[: _LONGEST_SHOWN + 1])
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def quoted(text: str) -> str:
    """Put a value of the file between French quotation marks."""
    return f"«\u00a0{shown(text)}\u00a0»"


def listed(items: list[str]) -> str:
    """Join as a French sentence does.

    >>> listed(["a", "b", "c"])
    'a, b et c'
    """
    return " et ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def _is_visible_character(char: str) -> bool:
    # No-break spaces are not "printable" to Python and are ordinary French typography.
    return char.isprintable() or unicodedata.category(char) == "Zs"
