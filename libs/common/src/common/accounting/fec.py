"""The file of accounting entries ("FEC") that a tax audit asks for (LPF art. A47 A-1): text, 18 columns, tabs."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select, tuple_

from common.accounting.accounts import Chart
from common.accounting.tables import ENTRY, LINE
from common.characters import one_line
from common.db import Database
from common.transaction import Actor, Read

_HEADER: Final = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
)  # fmt: skip

_OF_ENTRY = ("rank", "number", "journal", "day", "piece", "piece_on", "label", "posted_on")
_OF_LINE = (
    "position",
    "account",
    "account_label",
    "auxiliary",
    "auxiliary_name",
    "debit",
    "credit",
    "letter",
    "lettered_on",
)
_SLICE = 2_000
"""Lines of the file read at a time."""


def fec_name(siren: str, year: int) -> str:
    """Return the name that the law gives the file: the SIREN and the last day of the year.

    >>> fec_name("123456789", 2026)
    '123456789FEC20261231.txt'
    """
    return f"{siren}FEC{year}1231.txt"


async def year_file(
    database: Database, actor: Actor, chart: Chart[Any], entity: str, year: int
) -> AsyncIterator[bytes]:
    """Yield the file of the entries of a year, in the order of their numbers.

    It is read slice by slice, each in a read of its own: a client that takes its time holds no connection. Entries are
    only ever added behind those read already, so the slices make one file.
    """
    yield _written(_HEADER)
    labels = {one.code.value: one.label.value for one in chart.journals}
    place = (0, 0)
    while True:
        async with database.reading(actor) as read:
            rows = await _after(read, entity, year, place)
        yield b"".join(_line(row, labels[row.journal]) for row in rows)
        if len(rows) < _SLICE:
            return
        place = (rows[-1].rank, rows[-1].position)


async def _after(read: Read, entity: str, year: int, place: tuple[int, int]) -> Sequence[Any]:
    rank, position = place
    query = (
        select(*(ENTRY.c[name] for name in _OF_ENTRY), *(LINE.c[name] for name in _OF_LINE))
        .join(LINE, LINE.c.entry_id == ENTRY.c.id)
        # No rank is missing, so that many lines are within as many ranks: the index finds them, and reads no other.
        .where(ENTRY.c.entity == entity, ENTRY.c.year == year, ENTRY.c.rank.between(rank, rank + _SLICE))
        .where(tuple_(ENTRY.c.rank, LINE.c.position) > tuple_(rank, position))
        .order_by(ENTRY.c.rank, LINE.c.position)
        .limit(_SLICE)
    )
    return (await read.session.execute(query)).all()


def _line(row: Any, journal_label: str) -> bytes:
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
