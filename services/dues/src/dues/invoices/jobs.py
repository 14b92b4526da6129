"""Clock door of invoices: writing and printing a campaign's calls, a few at a time, after they were issued."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from dues.invoices import use_cases
from dues.invoices.use_cases import PRINT

_SLICE = 20


async def print_calls(tx: Tx, run: JobRun) -> bool:
    """Print the next calls, by number; the last step finds none."""
    if run.subject_id is None:
        raise ValueError("a printing job is about a campaign")
    lines = await use_cases.print_slice(tx, run.files, run.subject_id, run.done, limit=_SLICE)
    run.advance(lines, _SLICE)
    return not lines


JOBS = (JobKind(PRINT, print_calls),)
