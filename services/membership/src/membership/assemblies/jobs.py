"""Clock door of assemblies: printing the minutes of one that was closed."""

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from membership.assemblies import repository
from membership.assemblies.documents import for_members, print_minutes
from membership.assemblies.use_cases import PRINT_MINUTES


async def print_kept_minutes(tx: Tx, run: JobRun) -> bool:
    """Print and store the minutes, in full and as the members read them.

    A step that is repeated stores the same bytes at the same places.
    """
    if run.subject_id is None:
        raise ValueError("minutes are those of an assembly")
    assembly = await repository.get(tx, run.subject_id)
    kept = await repository.minutes_of(tx, assembly.id)
    if kept is None:
        raise ValueError(f"{assembly.id} is not closed")
    for in_full, document in ((True, kept), (False, for_members(kept))):
        path = repository.minutes_path(assembly.id, in_full=in_full)
        await run.files.put(path, await print_minutes(document, assembly.held_on))
    run.done = run.total = 1
    run.receipt.append(ReceiptLine(1, "printed", subject_id=assembly.id, reference=assembly.title))
    return True


JOBS = (JobKind(PRINT_MINUTES, print_kept_minutes),)
