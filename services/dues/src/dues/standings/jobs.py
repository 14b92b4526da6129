"""Clock door of standings: each day, those whom a day that passed makes stand otherwise."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from dues.standings import use_cases

_SLICE = 500


async def look_again(tx: Tx, run: JobRun) -> bool:
    """Go through the next members, by id."""
    return run.advance(await use_cases.look_again_slice(tx, run.done, after=run.after, limit=_SLICE), _SLICE)


JOBS = (JobKind("standings.look_again", look_again, daily=True),)
