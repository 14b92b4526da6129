"""The file of accounting entries ("FEC") that a tax audit asks for (LPF art. A47 A-1): text, 18 columns, tabs."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from common.characters import one_line

FEC_HEADER: Final = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
)  # fmt: skip


def fec_name(siren: str, year: int) -> str:
    """Return the name that the law gives the file: the SIREN and the last day of the year.

    >>> fec_name("123456789", 2026)
    '123456789FEC20261231.txt'
    """
    return f"{siren}FEC{year}1231.txt"


def fec_header() -> bytes:
    """Return the first line of the file."""
    return _written(FEC_HEADER)


def fec_line(row: Any, journal_label: str) -> bytes:
    """Return one line of the file. Entries are in euros, and final as soon as they are written."""
    return _written(
        (
            row.journal,
            journal_label,
            row.number,
            _day(row.day),
            row.account,
            row.account_label,
            row.auxiliary or "",
            row.auxiliary_name or "",
            row.piece,
            _day(row.piece_on),
            row.label,
            _amount(row.debit),
            _amount(row.credit),
            row.letter or "",
            _day(row.lettered_on),
            _day(row.posted_on),
            "",
            "",
        )
    )


def _written(cells: Iterable[str]) -> bytes:
    return ("\t".join(one_line(cell) for cell in cells) + "\r\n").encode()


def _day(day: date | None) -> str:
    return day.isoformat().replace("-", "") if day else ""


def _amount(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
