"""Clock door of campaigns: a run, hundreds of members a step."""

from uuid import UUID

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from dues.campaigns import use_cases
from dues.campaigns.use_cases import RUN
from dues.members.queries import count_members, cursor_after, place_of

_STEPS = 10
_FEWEST, _MOST = 100, 5_000
"""Members a step: a run that is stopped loses the work of one step, and holds the series of numbers no longer."""


async def run(tx: Tx, job: JobRun) -> bool:
    """Call the next members by name, in one transaction."""
    if job.subject_id is None:
        raise ValueError("a run is about a campaign")
    if job.total is None:
        job.total = await count_members(tx)
    limit = min(max(job.total // _STEPS, _FEWEST), _MOST)
    called = await use_cases.run_slice(tx, job.subject_id, job.done, after=place_of(job.cursor), limit=limit)
    if called.last is None:
        return True
    job.advance(called.lines, limit)
    job.cursor = cursor_after(called.last)
    return False


async def release(tx: Tx, campaign_id: UUID | None) -> None:
    """Give a campaign back after a run that failed or was stopped."""
    if campaign_id is not None:
        await use_cases.end_run(tx, campaign_id)


JOBS = (JobKind(RUN, run, release),)
