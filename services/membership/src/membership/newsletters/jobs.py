"""Clock door of newsletters: sending an issue, and forgetting, each day, what has no use any more."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.newsletters import use_cases

_SLICE = 100


async def send(tx: Tx, run: JobRun) -> bool:
    """Send an issue to the next slice of subscribers."""
    if run.subject_id is None:
        raise ValueError("an issue is what is sent")
    lines = await use_cases.send_slice(tx, run.subject_id, run.done, after=run.after, limit=_SLICE)
    return run.advance(lines, _SLICE)


async def forget(tx: Tx, run: JobRun) -> bool:
    """Drop what was not confirmed in time, and erase the addresses that were kept long enough."""
    dropped, erased = await use_cases.forget(tx)
    run.counts.update({"unconfirmed": dropped, "erased": erased})
    return True


JOBS = (JobKind(use_cases.SEND, send), JobKind("newsletters.forget", forget, daily=True))
