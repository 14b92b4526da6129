"""Clock door of duplicates: the register is searched every day, and when somebody asks."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.duplicates import use_cases


async def search(tx: Tx, run: JobRun) -> bool:
    """Search the register, in one step: it is of one moment."""
    run.counts["suspected"] = await use_cases.search(tx)
    run.done = run.total = 1
    return True


JOBS = (JobKind(use_cases.SEARCH, search, daily=True),)
