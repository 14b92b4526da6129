"""Clock door of renewals: telling the members, and renewing them when the day has come."""

import structlog

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.renewals import repository, use_cases

_SLICE = 100

log = structlog.get_logger(__name__)


async def notify(tx: Tx, run: JobRun) -> bool:
    """Send a mail to the next slice of structures to be told."""
    if run.subject_id is None:
        raise ValueError("notices are those of a renewal")
    lines = await use_cases.notify_slice(tx, run.subject_id, run.done, after=run.after, limit=_SLICE)
    return run.advance(lines, _SLICE)


async def renew(tx: Tx, run: JobRun) -> bool:
    """Renew the next slice of structures for the year that has begun, if its renewal was opened."""
    row = await repository.renewal_of(tx, tx.today.year)
    if row is None:
        log.warning("renewal_not_opened", year=tx.today.year)
        return True
    return run.advance(await use_cases.renew_slice(tx, row.id, run.done, after=run.after, limit=_SLICE), _SLICE)


JOBS = (JobKind(use_cases.NOTIFY, notify), JobKind("renewals.renew", renew, daily=True))
