"""Loads and saves answers; the only writer of their table."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from common.transaction import Read, Tx
from membership.satisfaction.domain import Satisfaction, Tally
from membership.satisfaction.tables import SatisfactionRow

_TABLE: Any = SatisfactionRow.__table__  # type: ignore[attr-defined]
Group = tuple[str, str, UUID]
"""A kind, a delegation (empty for none) and an offer."""


async def answer_of(read: Read, booking_id: UUID, *, for_update: bool = False) -> Satisfaction | None:
    """Return the answer about a booking, if there is one."""
    query = select(SatisfactionRow).where(_TABLE.c.booking_id == booking_id)
    query = query.with_for_update() if for_update else query
    row = (await read.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    return to_domain(row) if row else None


async def add(tx: Tx, given: Satisfaction) -> None:
    """Insert an answer."""
    await tx.session.execute(insert(SatisfactionRow).values(**asdict(given)))


async def save(tx: Tx, given: Satisfaction) -> None:
    """Write an answer that was loaded for update."""
    await tx.session.execute(update(SatisfactionRow).where(_TABLE.c.id == given.id).values(**asdict(given)))


async def make_anonymous(tx: Tx, answered_until: datetime, limit: int) -> list[UUID]:
    """Take from the oldest answers what says whose they are; return the bookings that they were about.

    They get an id of chance: ours are in the order of time, and would be found again from the booking's.
    """
    due = select(_TABLE.c.id, _TABLE.c.booking_id).where(_TABLE.c.answered_at <= answered_until)
    rows = (await tx.session.execute(due.order_by(_TABLE.c.answered_at).limit(limit).with_for_update())).all()
    nobodys = {
        "id": func.gen_random_uuid(),
        "booking_id": None,
        "comment": None,
        "quotable": False,
        "answered_at": None,
        "version": 1,
    }
    named = _TABLE.c.id.in_([row.id for row in rows])
    await tx.session.execute(update(SatisfactionRow).where(named).values(**nobodys))
    return [row.booking_id for row in rows]


async def tallies(read: Read, year: int, delegation: str | None) -> dict[Group, Tally]:
    """Return the answers about a year by group; of one delegation or of all."""
    keys = (_TABLE.c.kind, func.coalesce(_TABLE.c.delegation, "").label("region"), _TABLE.c.offer_id)
    of_year = [_TABLE.c.year == year, *([_TABLE.c.delegation == delegation] if delegation is not None else [])]
    answers = await read.session.execute(select(*keys, func.count()).where(*of_year).group_by(*keys))
    rated = func.jsonb_each_text(_TABLE.c.ratings).table_valued("key", "value").lateral()
    columns = (*keys, rated.c.key, func.sum(rated.c.value.cast(_TABLE.c.year.type)), func.count())
    query = select(*columns).select_from(_TABLE.join(rated, rated.c.key.is_not(None))).where(*of_year)
    sums: dict[Group, dict[str, tuple[int, int]]] = {}
    for kind, region, offer_id, question, total, count in await read.session.execute(
        query.group_by(*keys, rated.c.key)
    ):
        sums.setdefault((kind, region, offer_id), {})[question] = (int(total), count)
    found = {}
    for kind, region, offer_id, count in answers:
        rates = sums.get((kind, region, offer_id), {})
        totals = {code: total for code, (total, _) in rates.items()}
        found[kind, region, offer_id] = Tally(count, totals, {code: number for code, (_, number) in rates.items()})
    return found


def to_domain(row: SatisfactionRow) -> Satisfaction:
    """Read a row as the rules know an answer."""
    return Satisfaction(**{name: getattr(row, name) for name in Satisfaction.__dataclass_fields__})
