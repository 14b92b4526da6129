"""Clock door of invitations: forgetting, each day, the names that were kept long enough."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.invitations import use_cases


async def forget(tx: Tx, run: JobRun) -> bool:
    """Erase the names of those whose link ended long enough ago."""
    run.counts["erased"] = await use_cases.forget_old_names(tx)
    return True


JOBS = (JobKind("invitations.forget", forget, daily=True),)
