"""Which sessions wait for a decision, and which others of their programmes are to come."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text

from common.pagination import Order
from common.transaction import Read
from training.sessions.domain import ANNOUNCED
from training.sessions.queries.sessions import SESSION
from training.sessions.tables import UNDECIDED

UNDECIDED_ORDER = Order(
    columns={"decide_on": SESSION.c.decide_on, "first_day": SESSION.c.sort_day},
    default="decide_on",
    unique=SESSION.c.id,
)
_TO_COME = ("id", "reference", "programme_code", "delegation", "department", "mode", "first_day", "seats_max")


def undecided(
    read: Read,
    *,
    until: date | None,
    delegation: Collection[str],
    programme: Collection[str],
    overdue: bool | None,
) -> Select[Any]:
    """Select the ids of announced sessions that are neither confirmed nor over."""
    query = select(SESSION.c.id).where(text(UNDECIDED), SESSION.c.ends_at > read.now)
    for column, wanted in ((SESSION.c.delegation, delegation), (SESSION.c.programme_code, programme)):
        if wanted:
            query = query.where(column.in_(wanted))
    if until is not None:
        query = query.where(SESSION.c.decide_on <= until)
    if overdue is not None:
        past = SESSION.c.decide_on < read.today
        query = query.where(past if overdue else ~past)
    return query


async def to_come(read: Read, programmes: Collection[str]) -> list[Any]:
    """Return in outline the announced sessions of some programmes, open to all, that begin after today."""
    query = select(*(SESSION.c[name] for name in _TO_COME)).where(SESSION.c.programme_code.in_(programmes))
    query = query.where(SESSION.c.sort_day > read.today, SESSION.c.status.in_([one.value for one in ANNOUNCED]))
    rows = await read.session.execute(query.where(func.cardinality(SESSION.c.reserved_for) == 0))
    return list(rows.all())


async def places(read: Read, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Return where some sessions are held and when it is decided of them, by id."""
    query = select(SESSION.c.id, SESSION.c.decide_on, SESSION.c.delegation, SESSION.c.department, SESSION.c.mode)
    return {row.id: row for row in (await read.session.execute(query.where(SESSION.c.id.in_(ids)))).all()}
