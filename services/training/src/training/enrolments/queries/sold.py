"""What is sold of requests: the seats that are taken, those whose fate is open, what those given back leave due."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, cast, func, select

from common.transaction import Read
from training.enrolments.domain import EnrolmentStatus
from training.enrolments.tables import EnrolmentRow

SEAT: Any = EnrolmentRow.__table__  # type: ignore[attr-defined]
_PENDING = (EnrolmentStatus.WAITING.value, EnrolmentStatus.OFFERED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """The seats of a request. ``pending``: waited for or offered; ``due``: what those given back leave, in euros."""

    asked: int
    taken: int
    pending: int
    due: Decimal


async def sold_of(read: Read, request_ids: Collection[UUID]) -> dict[UUID, Sold]:
    """Return what is sold of each of some requests, in one statement."""
    of = SEAT.c.status
    due = cast(SEAT.c.due["amount"].astext, Numeric(12, 2))
    query = select(
        SEAT.c.request_id,
        func.count(),
        func.count().filter(of == EnrolmentStatus.CONFIRMED.value),
        func.count().filter(of.in_(_PENDING)),
        func.coalesce(func.sum(due).filter(of == EnrolmentStatus.CANCELLED.value), Decimal(0)),
    ).where(SEAT.c.request_id.in_(request_ids))
    rows = await read.session.execute(query.group_by(SEAT.c.request_id))
    return {row[0]: Sold(asked=row[1], taken=row[2], pending=row[3], due=row[4]) for row in rows}
