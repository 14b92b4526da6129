"""Loads and saves entries and closed months; the only writer of the tables of the ledger. Set-based."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import UniqueViolationError
from sqlalchemy import ARRAY, ColumnElement, String, and_, case, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import TypeEngine

from common.accounting.entries import (
    OPENING_BALANCES,
    Auxiliary,
    Entry,
    EntryNotFound,
    EntryPosted,
    Journal,
    Line,
    Source,
    Standing,
)
from common.accounting.lettering import Lettering, Matter
from common.accounting.periods import PeriodAct
from common.accounting.tables import BOOK, ENTRY, LINE, PERIOD_ACT
from common.db import copy_rows
from common.identifiers import new_id
from common.numbering import Series, take_numbers
from common.transaction import Read, Tx

_MIRROR: Any = ENTRY.alias("mirror")
_ONCE = {"uq_ledger_entry_entity_source_kind_source_id", "uq_ledger_entry_reverses"}
"""What an act did to the books is written once, and undone once."""
_SERIES = "ECR"
_LETTERS = "LET"
_FOR_EVER = 0
"""Codes of lettering are one series for all years: a settlement spans two of them at times."""
_OF_MATTER = {"account": String(), "auxiliary": String(), "about": String()}


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry as it stands in the books."""

    id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry of the books, and whether it can be reversed."""

    entry: Entry
    standing: Standing


def is_reversed_by() -> Any:
    """Return the number of the entry that reverses one, as a column, ``reversed_by``."""
    number = select(_MIRROR.c.number).where(_MIRROR.c.reverses == ENTRY.c.id).correlate(ENTRY)
    return number.scalar_subquery().label("reversed_by")


async def hold_books(tx: Tx, entities: Collection[str], *, to_close: bool = False) -> dict[str, date | None]:
    """Hold the books of some entities until the end, and return up to which day each is closed.

    Those who write hold them together; who closes a month holds them alone, so that no entry slips in behind.
    """
    query = select(BOOK.c.entity, BOOK.c.closed_through).where(BOOK.c.entity.in_(entities)).order_by(BOOK.c.entity)
    rows = await tx.session.execute(query.with_for_update(read=not to_close))
    found: dict[str, date | None] = {row.entity: row.closed_through for row in rows}
    missing = sorted(set(entities) - found.keys())
    if missing:
        opened = [{"entity": entity, "closed_through": None} for entity in missing]
        await tx.session.execute(insert(BOOK).values(opened).on_conflict_do_nothing())
        return await hold_books(tx, entities, to_close=to_close)
    return found


async def closed_through(read: Read, entity: str) -> date | None:
    """Return up to which day the books of an entity are closed."""
    query = select(BOOK.c.closed_through).where(BOOK.c.entity == entity)
    return (await read.session.execute(query)).scalar_one_or_none()


async def close_through(tx: Tx, entity: str, day: date, month: date, act: PeriodAct, reason: str | None) -> None:
    """Save up to which day the books held are closed, and who did what to which month."""
    statement = update(BOOK).where(BOOK.c.entity == entity).values(closed_through=day)
    await tx.session.execute(statement)
    noted = {"id": new_id(), "entity": entity, "month": month, "act": act.value, "reason": reason}
    await tx.session.execute(
        insert(PERIOD_ACT).values(**noted, acted_at=tx.now, acted_by=tx.actor.subject),
    )


async def add(tx: Tx, entries: Sequence[Entry], reverses: UUID | None = None) -> list[Posted]:
    """Number and insert entries with their lines. Raises EntryPosted."""
    numbered = await _numbered(tx, entries)
    ids = [new_id() for _ in entries]
    rows = (_row(tx, *one, reverses) for one in zip(ids, entries, numbered, strict=True))
    try:
        await copy_rows(tx.session, ENTRY.name, rows)
    except UniqueViolationError as error:
        if error.constraint_name in _ONCE:
            raise EntryPosted("Cet acte est déjà comptabilisé : rien n'est écrit une seconde fois.") from None
        raise
    lines = (
        _line(entry_id, position, line)
        for entry_id, entry in zip(ids, entries, strict=True)
        for position, line in enumerate(entry.lines, start=1)
    )
    await copy_rows(tx.session, LINE.name, lines)
    return [Posted(*one) for one in zip(ids, numbered, strict=True)]


async def get(read: Read, entity: str, entry_id: UUID) -> Kept:
    """Load an entry with its lines. Raises EntryNotFound."""
    query = select(ENTRY, is_reversed_by()).where(ENTRY.c.id == entry_id, ENTRY.c.entity == entity)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise EntryNotFound("Cette écriture n'existe pas.")
    lines = tuple(_line_of(line) for line in await lines_of(read, entry_id))
    entry = Entry(
        entity=row.entity,
        journal=Journal(row.journal),
        day=row.day,
        piece=row.piece,
        piece_on=row.piece_on,
        label=row.label,
        source=Source(row.source_kind, row.source_id),
        lines=lines,
    )
    return Kept(entry, standing_of(row._mapping))


def standing_of(row: Mapping[Any, Any]) -> Standing:
    """Return an entry, selected with ``is_reversed_by``, as far as reversing it is concerned."""
    source = Source(row["source_kind"], row["source_id"])
    return Standing(number=row["number"], source=source, reversed_by=row["reversed_by"])


async def lines_of(read: Read, entry_id: UUID) -> Sequence[Any]:
    """Return the lines of an entry, in order."""
    query = select(LINE).where(LINE.c.entry_id == entry_id).order_by(LINE.c.position)
    return (await read.session.execute(query)).all()


def _line_of(row: Any) -> Line:
    """Return a line as the rules know it."""
    auxiliary = None if row.auxiliary is None else Auxiliary(row.auxiliary, row.auxiliary_name or "")
    return Line(
        account=row.account,
        label=row.account_label,
        debit=row.debit,
        credit=row.credit,
        auxiliary=auxiliary,
        about=row.about,
    )


async def opening_attempts(read: Read, entity: str, year: int) -> list[Standing]:
    """Return the entries that took up the balances of a year, reversed ones too."""
    query = select(ENTRY, is_reversed_by()).where(
        ENTRY.c.entity == entity, ENTRY.c.year == year, ENTRY.c.source_kind == OPENING_BALANCES
    )
    return [standing_of(row) for row in (await read.session.execute(query)).mappings()]


async def lettering(tx: Tx, entity: str, matters: Sequence[Matter]) -> dict[Matter, Lettering]:
    """Return where the lines of some matters stand. Who writes their lines holds what they are about."""
    asked = _given(_OF_MATTER, [(one.account, one.auxiliary, one.about) for one in matters])
    lettered = LINE.c.letter.is_not(None)
    query = (
        select(asked.c.account, asked.c.auxiliary, asked.c.about)
        .add_columns(func.sum(LINE.c.debit - LINE.c.credit), func.bool_or(lettered), func.bool_and(lettered))
        .select_from(LINE)
        .join(asked, _is_of(asked))
        .join(ENTRY, ENTRY.c.id == LINE.c.entry_id)
        .where(ENTRY.c.entity == entity)
        .group_by(asked.c.account, asked.c.auxiliary, asked.c.about)
    )
    return {Matter(*row[:3]): Lettering(*row[3:]) for row in await tx.session.execute(query)}


async def take_letters(tx: Tx, entity: str, count: int) -> list[int]:
    """Take the ranks of the next codes of lettering of an entity."""
    return [_rank_of(number) for number in await take_numbers(tx, Series(entity, _LETTERS, _FOR_EVER), count)]


async def letter(tx: Tx, entity: str, codes: Mapping[Matter, str | None]) -> None:
    """Write on the lines of matters the code of what settles them, or take it off where there is none."""
    if not codes:
        return
    rows = [(matter.account, matter.auxiliary, matter.about, code) for matter, code in codes.items()]
    given = _given({**_OF_MATTER, "letter": String()}, rows)
    statement = (
        update(LINE)
        .where(_is_of(given), ENTRY.c.id == LINE.c.entry_id, ENTRY.c.entity == entity)
        .values(letter=given.c.letter, lettered_on=case((given.c.letter.is_not(None), tx.today)))
    )
    await tx.session.execute(statement)


def _rank_of(number: str) -> int:
    """Return the rank that a reference was written from.

    >>> _rank_of("ECR-2026-00042")
    42
    """
    return int(number.rpartition("-")[2])


def _is_of(matter: Any) -> ColumnElement[bool]:
    """Return the condition that a line is of a given matter."""
    auxiliary = func.coalesce(LINE.c.auxiliary, "")
    return and_(LINE.c.about == matter.c.about, LINE.c.account == matter.c.account, auxiliary == matter.c.auxiliary)


def _given(columns: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]) -> Any:
    """Return rows as a table of a statement: an array for each column, so that there may be any number of them."""
    arrays = [literal([row[place] for row in rows], ARRAY(kind)) for place, kind in enumerate(columns.values())]
    named = (column(name, kind) for name, kind in columns.items())
    return func.unnest(*arrays).table_valued(*named, name="given").render_derived()


async def _numbered(tx: Tx, entries: Sequence[Entry]) -> list[str]:
    """Take the next numbers of each entity and year, in the order of the entries."""
    by_series: dict[tuple[str, int], list[int]] = {}
    for place, entry in enumerate(entries):
        by_series.setdefault((entry.entity, entry.day.year), []).append(place)
    numbers = [""] * len(entries)
    for (entity, year), places in sorted(by_series.items()):  # each time in the same order: no two wait for each other
        taken = await take_numbers(tx, Series(entity, _SERIES, year), len(places))
        for place, number in zip(places, taken, strict=True):
            numbers[place] = number
    return numbers


def _row(tx: Tx, entry_id: UUID, entry: Entry, number: str, reverses: UUID | None) -> dict[str, Any]:
    return {
        "id": entry_id,
        "entity": entry.entity,
        "year": entry.day.year,
        "rank": _rank_of(number),
        "number": number,
        "journal": entry.journal.value,
        "day": entry.day,
        "piece": entry.piece,
        "piece_on": entry.piece_on,
        "label": entry.label,
        "total": entry.total,
        "source_kind": entry.source.kind,
        "source_id": entry.source.id,
        "reverses": reverses,
        "posted_on": tx.today,
        "posted_at": tx.now,
        "posted_by": tx.actor.subject,
    }


def _line(entry_id: UUID, position: int, line: Line) -> dict[str, Any]:
    return {
        "id": new_id(),
        "entry_id": entry_id,
        "position": position,
        "account": line.account,
        "account_label": line.label,
        "auxiliary": line.auxiliary.code if line.auxiliary else None,
        "auxiliary_name": line.auxiliary.name if line.auxiliary else None,
        "about": line.about,
        "debit": line.debit,
        "credit": line.credit,
        "letter": None,
        "lettered_on": None,
    }
