"""Clock door of invoices: printing a campaign's calls, a few at a time, after they were issued."""

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from dues.invoices import repository
from dues.invoices.documents import print_call_for_dues
from dues.invoices.use_cases import PRINT

_SLICE = 20


async def print_calls(tx: Tx, run: JobRun) -> bool:
    """Print and store the next calls. A step that is repeated stores the same bytes at the same place."""
    if run.subject_id is None:
        raise ValueError("a printing job is about a campaign")
    rows = await repository.to_print(tx, run.subject_id, _SLICE)
    for row in rows:
        pdf = await print_call_for_dues(row.document, row.issued_on)
        stored = await run.files.put(repository.pdf_path(row.id), pdf)
        await repository.note_printed(tx, row.id, stored.sha256)
        run.done += 1
        run.receipt.append(ReceiptLine(run.done, "printed", subject_id=row.id, reference=row.number))
    run.counts["printed"] += len(rows)
    return not rows


JOBS = (JobKind(PRINT, print_calls),)
