"""Clock door of attendance: each day, the ledgers that have new lines are sealed."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from training.attendance.use_cases import sealing


async def seal(tx: Tx, run: JobRun) -> bool:
    """Seal in one step: the day's heads are bound together."""
    run.counts["sealed"] += await sealing.seal_day(tx)
    return True


JOBS = (JobKind("attendance.seal", seal, daily=True),)
