"""Clock door of the agenda: forgetting, each day, the addresses that have long served no more."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.agenda import use_cases


async def forget_feeds(tx: Tx, run: JobRun) -> bool:
    """Drop the addresses that expired or were revoked long enough ago."""
    run.counts["dropped"] = await use_cases.forget_feeds(tx)
    return True


JOBS = (JobKind("agenda.forget_feeds", forget_feeds, daily=True),)
