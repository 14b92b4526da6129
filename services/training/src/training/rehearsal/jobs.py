"""Clock door of rehearsals: each day, the sessions that began in the last months are examined."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from training.rehearsal import use_cases

_SLICE = 20


async def rehearse(tx: Tx, run: JobRun) -> bool:
    """Examine the next ones."""
    return run.advance(await use_cases.rehearse_slice(tx, run.after, _SLICE), _SLICE)


JOBS = (JobKind("rehearsal.examine", rehearse, daily=True),)
