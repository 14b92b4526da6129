"""Reads of the months that are closed."""

from datetime import timedelta
from functools import partial

from sqlalchemy import select

from common.accounting.books import closed_through
from common.accounting.periods import PeriodAct, close, day_before, reopen, write_month
from common.accounting.tables import PERIOD_ACT
from common.blockers import tried
from common.rights import grant_for
from common.transaction import Read
from dues.ledger.schemas import PeriodActOut, PeriodsOut
from dues.rights import RIGHTS, Act

_SHOWN = 60


async def show_periods(read: Read, entity: str) -> PeriodsOut:
    """Return up to when the books are closed, what can be done next, and what was done last."""
    closed = await closed_through(read, entity)
    query = select(PERIOD_ACT).where(PERIOD_ACT.c.entity == entity).order_by(PERIOD_ACT.c.id.desc())
    acts = await read.session.execute(query.limit(_SHOWN))
    following = closed + timedelta(days=1) if closed else day_before(read.today)
    may = grant_for(RIGHTS, Act.KEEP_LEDGER, read.actor) is not None
    attempts = {
        "close": partial(close, closed, following, read.today),
        "reopen": partial(reopen, closed, closed or following),
    }
    allowed, blockers = tried(attempts) if may else ([], {})
    return PeriodsOut(
        closed_through=closed,
        next_month=write_month(following) if closed else None,
        allowed_actions=allowed,
        blockers=blockers,
        history=[
            PeriodActOut(
                month=write_month(row.month),
                act=PeriodAct(row.act),
                acted_at=row.acted_at,
                acted_by=row.acted_by,
                reason=row.reason,
            )
            for row in acts
        ],
    )
