"""Clock door of the register: what was announced takes effect on its day."""

from uuid import UUID

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.members import use_cases

_SLICE = 100


async def take_effect(tx: Tx, run: JobRun) -> bool:
    """Let announced changes take effect in the next slice of structures whose day has come."""
    after = run.cursor.get("after")
    receipt = await use_cases.take_effect(tx, run.done, after=UUID(after) if after else None, limit=_SLICE)
    run.receipt += receipt
    run.counts.update(line.outcome for line in receipt)
    run.done += len(receipt)
    if receipt:
        run.cursor["after"] = str(receipt[-1].subject_id)
    return len(receipt) < _SLICE


JOBS = (JobKind("members.take_effect", take_effect, daily=True),)
