"""Clock door of convocations: sending them."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.convocations import use_cases

_SLICE = 100


async def send(tx: Tx, run: JobRun) -> bool:
    """Send a mail to the next slice of structures to convene."""
    if run.subject_id is None:
        raise ValueError("convocations are those to an assembly")
    late_reason = run.arguments.get("late_reason")
    elsewhere = run.arguments.get("elsewhere", False)
    lines = await use_cases.send_slice(
        tx, run.subject_id, run.done, late_reason, after=run.after, limit=_SLICE, elsewhere=elsewhere
    )
    return run.advance(lines, _SLICE)


JOBS = (JobKind(use_cases.SEND, send),)
