"""What is written in the books: the entries of acts, what settles what, what is undone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from common.accounting import books
from common.accounting.books import Posted
from common.accounting.entries import Entry, Journal, mirror, require_come, require_reversible
from common.accounting.lettering import Matter, code_of, matters_of
from common.accounting.periods import is_closed, require_open
from common.transaction import Tx


async def post(tx: Tx, entries: Sequence[Entry]) -> list[Posted]:
    """Write entries, hundreds at once, under the next numbers of their entity and year; all of them or none.

    Make their lines with the accounts of a chart (``Account.debit``, ``Account.credit``). An entry is never changed
    afterwards: reverse it. Raises EntryDayInFuture, PeriodClosed, EntryPosted.
    """
    if not entries:
        return []
    return await _post(tx, entries, await _hold(tx, entries))


def record(tx: Tx, entries: Iterable[Entry]) -> None:
    """Write the entries of acts when, and only when, this transaction commits: an act and its entry are one thing.

    Each is of its own day while the month of that day is open, of today after that.
    """
    tx.at_end(_record, entries)


async def reverse(tx: Tx, entity: str, entry_id: UUID, reason: str) -> Posted:
    """Undo an entry by its mirror: of the same day while its month is open, of today after that.

    Opening balances are only undone on their own day: a balance starts from them. Raises EntryNotFound, EntryReversed,
    PeriodClosed, EntryPosted.
    """
    closed = await books.hold_books(tx, {entity})
    kept = await books.get(tx, entity, entry_id)
    require_reversible(kept.standing)
    entry = kept.entry
    moved = is_closed(closed[entity], entry.day) and entry.journal is not Journal.OPENING
    undone = mirror(entry, str(entry_id), kept.standing.number, tx.today if moved else entry.day, reason)
    require_open(closed[entity], undone.day)
    [posted] = await _write(tx, [undone], reverses=entry_id)
    return posted


async def _record(tx: Tx, entries: Sequence[Entry]) -> None:
    if not entries:  # what recorded them was undone
        return
    closed = await _hold(tx, entries)
    moved = [replace(entry, day=tx.today) if is_closed(closed[entry.entity], entry.day) else entry for entry in entries]
    await _post(tx, moved, closed)


async def _hold(tx: Tx, entries: Sequence[Entry]) -> Mapping[str, date | None]:
    return await books.hold_books(tx, {entry.entity for entry in entries})


async def _post(tx: Tx, entries: Sequence[Entry], closed: Mapping[str, date | None]) -> list[Posted]:
    for entry in entries:
        require_come(entry, tx.today)
        require_open(closed[entry.entity], entry.day)
    return await _write(tx, entries)


async def _write(tx: Tx, entries: Sequence[Entry], reverses: UUID | None = None) -> list[Posted]:
    """Write entries, and letter what they settle; what they owe anew is not lettered any more."""
    posted = await books.add(tx, entries, reverses)
    for entity in sorted({entry.entity for entry in entries}):
        await _letter(tx, entity, matters_of(entry for entry in entries if entry.entity == entity))
    return posted


async def _letter(tx: Tx, entity: str, matters: Sequence[Matter]) -> None:
    standing = await books.lettering(tx, entity, matters)
    settled = [matter for matter in matters if standing[matter].to_letter]
    ranks = await books.take_letters(tx, entity, len(settled))
    codes: dict[Matter, str | None] = {matter: None for matter in matters if standing[matter].to_open}
    codes |= {matter: code_of(rank) for matter, rank in zip(settled, ranks, strict=True)}
    await books.letter(tx, entity, codes)
