"""Reads of the entries, and the file of all those of a year."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from common.accounting.accounts import journal_label
from common.accounting.books import closed_through, is_reversed_by, lines_of, standing_of
from common.accounting.entries import EntryNotFound, Journal, Standing, require_by_hand, require_reversible
from common.accounting.fec import year_file
from common.accounting.periods import require_open
from common.accounting.tables import ENTRY, LINE
from common.blockers import tried
from common.db import Database
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Actor, Read
from dues.ledger.queries.accounts import chart
from dues.ledger.schemas import EntryDetail, EntryFilters, EntryListParams, EntryOut, LedgerLineOut
from dues.rights import RIGHTS, Act

_ORDER = Order(
    columns={name: ENTRY.c[name] for name in ("day", "posted_at", "total")}, default="-day", unique=ENTRY.c.id
)
_TOUCHED: Any = LINE.alias("touched")

EXPORT_HEADER = (
    "numero", "journal", "date", "piece", "date_piece", "libelle", "compte", "intitule", "auxiliaire", "nom", "debit",
    "credit", "lettrage",
)  # fmt: skip


async def list_entries(read: Read, entity: str, params: EntryListParams) -> Page[EntryOut]:
    """Return one page of entries."""
    query = select(ENTRY, is_reversed_by()).where(*_conditions(entity, params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    closed = await closed_through(read, entity)
    named = (dict(zip(query.selected_columns.keys(), row, strict=True)) for row in rows)
    items = [EntryOut(**_fields(read, closed, row)) for row in named]
    return Page(items=items, next_cursor=cursor, total=total)


async def find_entry(read: Read, entity: str, entry_id: UUID) -> EntryDetail:
    """Return one entry with its lines. Raises EntryNotFound."""
    query = select(ENTRY, is_reversed_by()).where(ENTRY.c.id == entry_id, ENTRY.c.entity == entity)
    row = (await read.session.execute(query)).mappings().one_or_none()
    if row is None:
        raise EntryNotFound("Cette écriture n'existe pas.")
    lines = [LedgerLineOut.model_validate(line) for line in await lines_of(read, entry_id)]
    closed = await closed_through(read, entity)
    return EntryDetail(**_fields(read, closed, row), lines=lines)


async def export_rows(read: Read, entity: str, filters: EntryFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: those of the same entries as the list with the same filters."""
    query = select(ENTRY, LINE).join(LINE, LINE.c.entry_id == ENTRY.c.id).where(*_conditions(entity, filters))
    rows = (await read.session.execute(query.order_by(ENTRY.c.year, ENTRY.c.rank, LINE.c.position))).all()
    return (
        (
            row.number,
            row.journal,
            row.day,
            row.piece,
            row.piece_on,
            row.label,
            row.account,
            row.account_label,
            row.auxiliary,
            row.auxiliary_name,
            row.debit,
            row.credit,
            row.letter,
        )
        for row in rows
    )


def fec(database: Database, actor: Actor, entity: str, year: int) -> AsyncIterator[bytes]:
    """Yield the file of the entries of a year, in the order of their numbers."""
    return year_file(database, actor, chart(), entity, year)


def _conditions(entity: str, filters: EntryFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [ENTRY.c.entity == entity]
    if filters.journal:
        conditions.append(ENTRY.c.journal.in_([journal.value for journal in filters.journal]))
    conditions += [ENTRY.c[name] == value for name in ("source_kind", "source_id") if (value := getattr(filters, name))]
    if filters.day_from:
        conditions.append(ENTRY.c.day >= filters.day_from)
    if filters.day_to:
        conditions.append(ENTRY.c.day <= filters.day_to)
    if filters.account or filters.auxiliary:
        touching = select(_TOUCHED.c.id).where(_TOUCHED.c.entry_id == ENTRY.c.id)
        if filters.account:
            touching = touching.where(_TOUCHED.c.account.startswith(filters.account))
        if filters.auxiliary:
            touching = touching.where(_TOUCHED.c.auxiliary == filters.auxiliary)
        conditions.append(touching.exists())
    if filters.q:
        named = [ENTRY.c[name].icontains(filters.q, autoescape=True) for name in ("number", "piece", "label")]
        conditions.append(or_(*named))
    return conditions


def _fields(read: Read, closed: date | None, row: Mapping[Any, Any]) -> dict[str, Any]:
    standing = standing_of(row)
    may = grant_for(RIGHTS, Act.KEEP_LEDGER, read.actor) is not None
    allowed, blockers = tried({"reverse": partial(_check, standing, closed, row["day"])}) if may else ([], {})
    journal = Journal(row["journal"])
    shown = ("id", "number", "day", "piece", "piece_on", "label", "total", "source_kind", "source_id")
    return {
        **{name: row[name] for name in (*shown, "posted_at", "posted_by")},
        "journal": journal,
        "journal_label": journal_label(chart(), journal),
        "reversed_by": row["reversed_by"],
        "allowed_actions": allowed,
        "blockers": blockers,
    }


def _check(standing: Standing, closed: date | None, day: date) -> None:
    require_by_hand(standing)
    require_reversible(standing)
    require_open(closed, day)
