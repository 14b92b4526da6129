"""Clock door of the Observatoire: computing an edition takes longer than a request may."""

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from membership.observatory import use_cases


async def compute(tx: Tx, run: JobRun) -> bool:
    """Compute and publish an edition, in one step: it is of one moment."""
    if run.subject_id is None:
        raise ValueError("figures are those of an edition")
    run.counts["figures"] = await use_cases.publish(tx, run.subject_id)
    run.done = run.total = 1
    run.receipt.append(ReceiptLine(1, "published", subject_id=run.subject_id))
    return True


JOBS = (JobKind(use_cases.COMPUTE, compute, release=use_cases.give_up),)
