"""What is written in the books: entries, what settles what, what is undone, and the months that close."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from common.transaction import Tx
from dues.ledger import repository
from dues.ledger.domain import (
    Entry,
    Journal,
    OpeningExists,
    PeriodAct,
    Settlement,
    close,
    code_of,
    is_closed,
    mirror,
    opening,
    read_balances,
    reopen,
    require_by_hand,
    require_come,
    require_open,
    require_reversible,
    require_settled,
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
    closed = await repository.hold_books(tx, {entry.entity for entry in entries})
    for entry in entries:
        require_come(entry, tx.today)
        require_open(closed[entry.entity], entry.day)
    return await repository.add(tx, entries)


async def reverse(tx: Tx, entity: str, entry_id: UUID, reason: str) -> Posted:
    """Undo an entry by its mirror: of the same day while its month is open, of today after that.

    What the entry settled is open again, the two settle each other. Opening balances are only undone on their own day:
    a balance starts from them. Raises EntryNotFound, EntryReversed, PeriodClosed, EntryPosted.
    """
    closed = await repository.hold_books(tx, {entity})
    kept = await repository.get(tx, entity, entry_id)
    require_reversible(kept.standing)
    entry = kept.entry
    moved = is_closed(closed[entity], entry.day) and entry.journal is not Journal.OPENING
    undone = mirror(entry, str(entry_id), kept.standing.number, tx.today if moved else entry.day, reason)
    require_open(closed[entity], undone.day)
    await repository.take_letters_off(tx, entity, entry_id)
    [posted] = await repository.add(tx, [undone], reverses=entry_id)
    kept_by = {(line.account, line.auxiliary.code) for line in entry.lines if line.auxiliary}
    both = (entry.source, undone.source)
    await letter(tx, entity, [Settlement(account, auxiliary, both) for account, auxiliary in sorted(kept_by)])
    return posted


async def reverse_by_hand(tx: Tx, entity: str, entry_id: UUID, reason: str) -> Posted:
    """Undo an entry that a person made as such: the others follow the act they come from.

    Raises EntryNotFound, EntryNotByHand, EntryReversed, PeriodClosed, EntryPosted.
    """
    require_by_hand((await repository.get(tx, entity, entry_id)).standing)
    return await reverse(tx, entity, entry_id, reason)


async def letter(tx: Tx, entity: str, settlements: Sequence[Settlement]) -> list[str]:
    """Mark the lines that settle each other, each settlement with a code of its own; return the codes.

    Make them with ``queries.settlement``. Raises SettlementNotThere, SettlementUnbalanced.
    """
    if not settlements:
        return []
    keys = [
        [(settlement.account, settlement.auxiliary, source) for source in settlement.sources]
        for settlement in settlements
    ]
    found = await repository.open_lines(tx, entity, {key for group in keys for key in group})
    codes = [code_of(rank) for rank in await repository.take_letters(tx, entity, len(settlements))]
    lettered: dict[UUID, str] = {}
    for settlement, group, code in zip(settlements, keys, codes, strict=True):
        # Taken out as it is settled: an act named by two settlements is there for the first alone.
        lines = [line for key in group for line in found.pop(key, [])]
        require_settled(settlement, lines)
        lettered |= {line.id: code for line in lines}
    await repository.letter(tx, lettered)
    return codes


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
