"""Clock door of sittings: printing the minutes of one that was closed."""

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from membership.sittings import repository
from membership.sittings.documents import print_minutes
from membership.sittings.use_cases import PRINT_MINUTES


async def print_kept_minutes(tx: Tx, run: JobRun) -> bool:
    """Print and store the minutes. A step that is repeated stores the same bytes at the same place."""
    if run.subject_id is None:
        raise ValueError("minutes are those of a sitting")
    sitting = await repository.get(tx, run.subject_id)
    kept = await repository.minutes_of(tx, sitting.id)
    if kept is None:
        raise ValueError(f"{sitting.id} is not closed")
    await run.files.put(repository.minutes_path(sitting.id), await print_minutes(kept, sitting.held_on))
    run.done = run.total = 1
    run.receipt.append(ReceiptLine(1, "printed", subject_id=sitting.id, reference=sitting.minutes_reference))
    return True


JOBS = (JobKind(PRINT_MINUTES, print_kept_minutes),)
