"""The balances a year opens with, from a file: read whole, every defect named with its line, or nothing is taken. Pure.

Nothing is guessed and mended: no other encoding, no other separator, no amount completed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from common.accounting.accounts import Chart, account_numbered
from common.accounting.entries import OPENING_BALANCES, Auxiliary, Entry, Journal, Line, Source
from common.csv_table import amount_of, read_table, row_defect
from common.errors import Conflict, FieldError, Invalid, Refusal
from common.money import format_euros
from common.wording import counted

_COLUMNS = ("compte", "auxiliaire", "nom", "debit", "credit")
_MAX_ROWS = 100_000
_SHOWN_DEFECTS = 200
_SHOWN_CHARACTERS = 20
"""Of what stands for an account: a refusal does not say a whole line again, and no number is that long."""
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class OpeningUnreadable(Invalid):
    """The file is not a table of balances."""

    code = "opening_balances_unreadable"
    title = "Fichier illisible"


class OpeningDefective(Invalid):
    """Some lines of the file cannot be taken; each is said."""

    code = "opening_balances_defective"
    title = "Soldes à corriger"


class OpeningExists(Conflict):
    """The balances of the year are taken up already."""

    code = "opening_balances_exist"


@dataclass(slots=True)
class _Reading:
    """What was read so far of a file, and what is wrong with it."""

    chart: Chart[Any]
    lines: list[Line] = field(default_factory=list)
    defects: list[FieldError] = field(default_factory=list)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def refuse(self, number: int, code: str, message: str) -> None:
        self.defects.append(row_defect(number, code, message))


def read_balances(content: bytes, chart: Chart[Any]) -> tuple[Line, ...]:
    """Read the balances of a file. Raises OpeningUnreadable, OpeningDefective."""
    reading = _Reading(chart)
    for row in read_table(content, _COLUMNS, OpeningUnreadable, max_rows=_MAX_ROWS):
        if row.defect:
            reading.defects.append(row.defect)
        else:
            _read(reading, row.number, row.cells)
    if not reading.defects:
        reading.defects += _unbalanced(reading.lines)
    if reading.defects:
        count = len(reading.defects)
        raise OpeningDefective(
            f"{counted(count, 'défaut')} dans le fichier : rien n'est repris.",
            errors=reading.defects[:_SHOWN_DEFECTS],
            extra={"defects": count},
        )
    return tuple(reading.lines)


def opening(entity: str, year: int, attempt: int, lines: tuple[Line, ...]) -> Entry:
    """Make the entry by which a year opens. ``attempt``: the first, or the one after so many were reversed."""
    day = date(year, 1, 1)
    about = f"AN-{year}-{attempt}"
    return Entry(
        entity=entity,
        journal=Journal.OPENING,
        day=day,
        piece=f"AN-{year}",
        piece_on=day,
        label=f"À-nouveaux {year}",
        source=Source(OPENING_BALANCES, f"{year}-{attempt}"),
        lines=tuple(replace(line, about=about) if line.auxiliary else line for line in lines),
    )


def _read(reading: _Reading, number: int, cells: dict[str, str]) -> None:
    """Take a row as a line of the entry, or say what is wrong with it."""
    amounts = [amount_of(cells[side] or "0") for side in ("debit", "credit")]
    if None in amounts:
        reading.refuse(number, "amount_invalid", "un montant s'écrit en euros, positif, comme 1234,56.")
        return
    debit, credit = (amount or Decimal("0.00") for amount in amounts)
    key = (cells["compte"], cells["auxiliaire"])
    first = reading.seen.setdefault(key, number)
    if first != number:
        reading.refuse(number, "balance_repeated", f"ce compte et cet auxiliaire sont déjà à la ligne {first}.")
    if bool(debit) == bool(credit):
        reading.refuse(number, "amount_sides", "un solde est au débit ou au crédit, et n'est pas nul.")
        return
    if bool(cells["auxiliaire"]) != bool(cells["nom"]) or not all(
        _is_text(cells[one]) for one in ("auxiliaire", "nom")
    ):
        reading.refuse(number, "auxiliary_invalid", "un auxiliaire a un code et un nom, de 200 caractères au plus.")
        return
    auxiliary = Auxiliary(cells["auxiliaire"], cells["nom"]) if cells["auxiliaire"] else None
    try:
        account = account_numbered(reading.chart, cells["compte"][:_SHOWN_CHARACTERS])
        reading.lines.append(account.debit(debit, auxiliary) if debit else account.credit(credit, auxiliary))
    except Refusal as refusal:
        reading.refuse(number, refusal.code, refusal.message)


def _is_text(cell: str) -> bool:
    return not cell or _TEXT.fullmatch(cell) is not None


def _unbalanced(lines: Sequence[Line]) -> Iterator[FieldError]:
    if len(lines) < 2:
        yield FieldError("/rows", "entry_too_short", "Une écriture compte deux lignes au moins.")
        return
    debit = sum((line.debit for line in lines), Decimal("0.00"))
    credit = sum((line.credit for line in lines), Decimal("0.00"))
    if debit != credit:
        message = f"Les débits font {format_euros(debit)}, les crédits {format_euros(credit)} : l'écart doit être nul."
        yield FieldError("/rows", "entry_unbalanced", message)
