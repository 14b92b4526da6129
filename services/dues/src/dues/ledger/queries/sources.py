"""What the books hold of some calls, or of some acts, as they were written by the end of a day: for whoever checks."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from common.accounting.accounts import account_for
from common.accounting.tables import ENTRY, LINE
from common.transaction import Read
from dues.ledger.domain import Purpose
from dues.ledger.queries.accounts import chart

_ABOUT: Any = LINE.alias("about")


async def borne_about(read: Read, purpose: Purpose, matters: Select[Any], day: date) -> dict[Purpose, Decimal]:
    """Return what the entries about some things left on each account, debit less credit.

    Of the account of a ``purpose``, which is kept thing by thing, its lines about these things alone.
    """
    number = account_for(chart(), purpose).number.value
    entries = select(_ABOUT.c.entry_id).where(_ABOUT.c.account == number, _ABOUT.c.about.in_(matters))
    return await _borne(
        read, day, LINE.c.entry_id.in_(entries), or_(LINE.c.account != number, LINE.c.about.in_(matters))
    )


async def borne_from(
    read: Read, kinds: Collection[str], day: date, source_ids: Select[Any] | None = None
) -> dict[Purpose, Decimal]:
    """Return what some kinds of acts left on each account, debit less credit: all of them, or those named."""
    named = () if source_ids is None else (ENTRY.c.source_id.in_(source_ids),)
    return await _borne(read, day, ENTRY.c.source_kind.in_(kinds), *named)


async def _borne(read: Read, day: date, *conditions: ColumnElement[bool]) -> dict[Purpose, Decimal]:
    query = (
        select(LINE.c.account, func.sum(LINE.c.debit - LINE.c.credit))
        .join(ENTRY, ENTRY.c.id == LINE.c.entry_id)
        .where(ENTRY.c.posted_on <= day, *conditions)
        .group_by(LINE.c.account)
    )
    balances: dict[str, Decimal] = dict((await read.session.execute(query)).all())
    return {one.purpose: balances.get(one.number.value, Decimal("0.00")) for one in chart().accounts}
