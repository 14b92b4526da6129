"""What is written in the books: entries, what settles what, what is undone, and the months that close."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from common.transaction import Tx
from dues.ledger import repository
from dues.ledger.domain import (
    Entry,
    Journal,
    Matter,
    OpeningExists,
    PeriodAct,
    close,
    code_of,
    is_closed,
    matters_of,
    mirror,
    opening,
    read_balances,
    reopen,
    require_by_hand,
    require_come,
    require_open,
    require_reversible,
)
from dues.ledger.queries import chart
from dues.ledger.repository import Posted


async def post(tx: Tx, entries: Sequence[Entry]) -> list[Posted]:
    """Write entries, hundreds at once, under the next numbers of their entity and year; all of them or none.

    Make their lines with ``queries.debit`` and ``queries.credit``. An entry is never changed afterwards: reverse it.
    Raises EntryDayInFuture, PeriodClosed, EntryPosted.
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

    Opening balances are only undone on their own day:
    a balance starts from them. Raises EntryNotFound, EntryReversed, PeriodClosed, EntryPosted.
    """
    closed = await repository.hold_books(tx, {entity})
    kept = await repository.get(tx, entity, entry_id)
    require_reversible(kept.standing)
    entry = kept.entry
    moved = is_closed(closed[entity], entry.day) and entry.journal is not Journal.OPENING
    undone = mirror(entry, str(entry_id), kept.standing.number, tx.today if moved else entry.day, reason)
    require_open(closed[entity], undone.day)
    [posted] = await _write(tx, [undone], reverses=entry_id)
    return posted


async def reverse_by_hand(tx: Tx, entity: str, entry_id: UUID, reason: str) -> Posted:
    """Undo an entry that a person made as such: the others follow the act they come from.

    Raises EntryNotFound, EntryNotByHand, EntryReversed, PeriodClosed, EntryPosted.
    """
    require_by_hand((await repository.get(tx, entity, entry_id)).standing)
    return await reverse(tx, entity, entry_id, reason)


async def open_year(tx: Tx, entity: str, year: int, content: bytes) -> Posted:
    """Take up the balances of a year from a file, by one entry on its first day.

    Raises OpeningUnreadable, OpeningDefective, OpeningExists, EntryDayInFuture, PeriodClosed, EntryPosted.
    """
    lines = read_balances(content, chart())
    attempts = await repository.opening_attempts(tx, entity, year)
    for standing in attempts:
        if standing.reversed_by is None:
            raise OpeningExists(f"Les soldes de {year} sont déjà repris par {standing.number} : extournez-la d'abord.")
    [posted] = await post(tx, [opening(entity, year, len(attempts) + 1, lines)])
    return posted


async def close_month(tx: Tx, entity: str, month: date) -> None:
    """Close a month: nothing is written in it any more. Raises PeriodNotOver, PeriodOutOfOrder."""
    closed = await repository.hold_books(tx, {entity}, to_close=True)
    end = close(closed[entity], month, tx.today)
    await repository.close_through(tx, entity, end, month, PeriodAct.CLOSED, None)


async def reopen_month(tx: Tx, entity: str, month: date, reason: str) -> None:
    """Open again the last month that was closed, for a reason. Raises PeriodNotLastClosed."""
    closed = await repository.hold_books(tx, {entity}, to_close=True)
    end = reopen(closed[entity], month)
    await repository.close_through(tx, entity, end, month, PeriodAct.REOPENED, reason)


async def _record(tx: Tx, entries: Sequence[Entry]) -> None:
    if not entries:  # what recorded them was undone
        return
    closed = await _hold(tx, entries)
    moved = [replace(entry, day=tx.today) if is_closed(closed[entry.entity], entry.day) else entry for entry in entries]
    await _post(tx, moved, closed)


async def _hold(tx: Tx, entries: Sequence[Entry]) -> Mapping[str, date | None]:
    return await repository.hold_books(tx, {entry.entity for entry in entries})


async def _post(tx: Tx, entries: Sequence[Entry], closed: Mapping[str, date | None]) -> list[Posted]:
    for entry in entries:
        require_come(entry, tx.today)
        require_open(closed[entry.entity], entry.day)
    return await _write(tx, entries)


async def _write(tx: Tx, entries: Sequence[Entry], reverses: UUID | None = None) -> list[Posted]:
    """Write entries, and letter what they settle; what they owe anew is not lettered any more."""
    posted = await repository.add(tx, entries, reverses)
    for entity in sorted({entry.entity for entry in entries}):
        await _letter(tx, entity, matters_of(entry for entry in entries if entry.entity == entity))
    return posted


async def _letter(tx: Tx, entity: str, matters: Sequence[Matter]) -> None:
    standing = await repository.lettering(tx, entity, matters)
    settled = [matter for matter in matters if standing[matter].to_letter]
    ranks = await repository.take_letters(tx, entity, len(settled))
    codes: dict[Matter, str | None] = {matter: None for matter in matters if standing[matter].to_open}
    codes |= {matter: code_of(rank) for matter, rank in zip(settled, ranks, strict=True)}
    await repository.letter(tx, entity, codes)
