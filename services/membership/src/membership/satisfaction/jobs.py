"""Clock door of satisfaction: what was named for a year is nobody's any more."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.satisfaction import use_cases

_SLICE = 500


async def make_anonymous(tx: Tx, run: JobRun) -> bool:
    """Make the next slice anonymous. The receipt says how many, and not which."""
    changed = await use_cases.make_anonymous(tx, _SLICE)
    run.done += changed
    run.counts["anonymised"] += changed
    return changed < _SLICE


JOBS = (JobKind("satisfaction.make_anonymous", make_anonymous, daily=True),)
