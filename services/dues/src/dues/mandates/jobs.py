"""Clock door of mandates: each day, those that have lapsed are noted and those that soon will are listed."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from dues.mandates import use_cases

_SLICE = 500


async def lapse(tx: Tx, run: JobRun) -> bool:
    """Go through the next mandates, by id."""
    return run.advance(await use_cases.lapse_slice(tx, run.done, after=run.after, limit=_SLICE), _SLICE)


JOBS = (JobKind("mandates.lapse", lapse, daily=True),)
