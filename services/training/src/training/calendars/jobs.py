"""Clock door of the calendars: each day, what has long served no more is forgotten."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from training.calendars import use_cases


async def forget(tx: Tx, run: JobRun) -> bool:
    """Drop old addresses, and what calendars were told of what is long over."""
    run.counts["addresses"], run.counts["told"] = await use_cases.forget(tx)
    return True


JOBS = (JobKind("calendars.forget", forget, daily=True),)
