"""Clock door of notices: forgetting, each day, what was kept for long enough."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.notices import use_cases


async def forget(tx: Tx, run: JobRun) -> bool:
    """Forget the letters that were kept for long enough, and the notices of which the mail was."""
    run.counts["forgotten"] = await use_cases.forget_old(tx)
    return True


JOBS = (JobKind("notices.forget", forget, daily=True),)
