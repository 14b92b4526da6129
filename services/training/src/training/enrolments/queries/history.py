"""How the seats of sessions were taken in the past, and what those taken now bring: for what decides on sessions."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, case, cast, func, select

from common.transaction import Read
from training.enrolments.domain import EnrolmentStatus, SeatEventKind
from training.enrolments.queries.requests import REQUEST
from training.enrolments.tables import EnrolmentRow, SeatEventRow
from training.sessions.domain import ANNOUNCED
from training.sessions.queries.sessions import SESSION

_SEAT: Any = EnrolmentRow.__table__  # type: ignore[attr-defined]
_EVENT: Any = SeatEventRow.__table__  # type: ignore[attr-defined]
_CHANGES = {
    SeatEventKind.ASKED: _EVENT.c.given,
    SeatEventKind.RESEATED: _EVENT.c.given,
    SeatEventKind.OFFERED: _EVENT.c.seats,
    SeatEventKind.FREED: -_EVENT.c.seats,
}
"""By how many the seats taken or offered change at each line of the log; the others change nothing."""


async def filled(read: Read, most: int) -> list[Any]:
    """Return how the latest sessions that were held had filled: seats more or fewer, by days before their first.

    Columns: session_id, programme_code, theme, days, seats. What happened from the second day on is not of it.
    """
    held = select(SESSION.c.id, SESSION.c.programme_code, SESSION.c.theme, SESSION.c.first_day)
    held = held.where(SESSION.c.status.in_([one.value for one in ANNOUNCED]), SESSION.c.ends_at <= read.now)
    latest = held.where(SESSION.c.sort_day <= read.today).order_by(SESSION.c.sort_day.desc()).limit(most).subquery()
    day = cast(func.timezone("Europe/Paris", _EVENT.c.at), Date)
    seats = func.sum(case({kind.value: change for kind, change in _CHANGES.items()}, value=_EVENT.c.kind))
    days = (latest.c.first_day - day).label("days")
    query = select(latest.c.id.label("session_id"), latest.c.programme_code, latest.c.theme, days, seats.label("seats"))
    query = query.join(_EVENT, _EVENT.c.session_id == latest.c.id)
    query = query.where(_EVENT.c.kind.in_([kind.value for kind in _CHANGES]), day <= latest.c.first_day)
    return list((await read.session.execute(query.group_by(*latest.c, days))).all())


async def revenue(read: Read, session_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """Return what the seats taken of sessions bring, at the price of their quotes; one without any is missing."""
    query = select(_SEAT.c.session_id, func.sum(REQUEST.c.unit_price))
    query = query.join(REQUEST, REQUEST.c.id == _SEAT.c.request_id)
    query = query.where(_SEAT.c.session_id.in_(session_ids), _SEAT.c.status == EnrolmentStatus.CONFIRMED.value)
    rows = await read.session.execute(query.group_by(_SEAT.c.session_id))
    return {row[0]: row[1] for row in rows}
