"""What a person does to the books: opens a year from a file, undoes what was written by hand, closes a month."""

from datetime import date
from typing import Any
from uuid import UUID

from common.accounting import books
from common.accounting.accounts import Chart
from common.accounting.books import Posted
from common.accounting.entries import require_by_hand
from common.accounting.opening import OpeningExists, opening, read_balances
from common.accounting.periods import PeriodAct, close, reopen
from common.accounting.posting import post, reverse
from common.transaction import Tx


async def reverse_by_hand(tx: Tx, entity: str, entry_id: UUID, reason: str) -> Posted:
    """Undo an entry that a person made as such: the others follow the act they come from.

    Raises EntryNotFound, EntryNotByHand, EntryReversed, PeriodClosed, EntryPosted.
    """
    require_by_hand((await books.get(tx, entity, entry_id)).standing)
    return await reverse(tx, entity, entry_id, reason)


async def open_year(tx: Tx, chart: Chart[Any], entity: str, year: int, content: bytes) -> Posted:
    """Take up the balances of a year from a file, by one entry on its first day.

    Raises OpeningUnreadable, OpeningDefective, OpeningExists, EntryDayInFuture, PeriodClosed, EntryPosted.
    """
    lines = read_balances(content, chart)
    attempts = await books.opening_attempts(tx, entity, year)
    for standing in attempts:
        if standing.reversed_by is None:
            raise OpeningExists(f"Les soldes de {year} sont déjà repris par {standing.number} : extournez-la d'abord.")
    [posted] = await post(tx, [opening(entity, year, len(attempts) + 1, lines)])
    return posted


async def close_month(tx: Tx, entity: str, month: date) -> None:
    """Close a month: nothing is written in it any more. Raises PeriodNotOver, PeriodOutOfOrder."""
    closed = await books.hold_books(tx, {entity}, to_close=True)
    end = close(closed[entity], month, tx.today)
    await books.close_through(tx, entity, end, month, PeriodAct.CLOSED, None)


async def reopen_month(tx: Tx, entity: str, month: date, reason: str) -> None:
    """Open again the last month that was closed, for a reason. Raises PeriodNotLastClosed."""
    closed = await books.hold_books(tx, {entity}, to_close=True)
    end = reopen(closed[entity], month)
    await books.close_through(tx, entity, end, month, PeriodAct.REOPENED, reason)
