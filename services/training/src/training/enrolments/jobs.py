"""Clock door of the enrolments: each day, offers whose time is over are ended, and their seats offered on."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from training.enrolments.use_cases import offers

_SLICE = 50


async def expire(tx: Tx, run: JobRun) -> bool:
    """End the next ones; there are no more when a step finds fewer than it could."""
    found = await offers.expire_slice(tx, _SLICE)
    run.counts["expired"] += found
    return found < _SLICE


JOBS = (JobKind("enrolments.expire-offers", expire, daily=True),)
