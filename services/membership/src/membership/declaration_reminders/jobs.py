"""Clock door of reminders: writing them."""

from uuid import UUID

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.declaration_reminders import use_cases

_SLICE = 100


async def send(tx: Tx, run: JobRun) -> bool:
    """Write to the next slice of the structures that were chosen."""
    chosen = [UUID(one) for one in run.arguments["members"]]
    run.total = len(chosen)
    following = chosen[run.done : run.done + _SLICE]
    return run.advance(await use_cases.send_slice(tx, run.arguments["year"], following, run.done), _SLICE)


JOBS = (JobKind(use_cases.SEND, send),)
