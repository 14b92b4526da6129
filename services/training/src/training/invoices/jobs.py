"""Clock door of invoices: printing one, or a credit note, after it was issued."""

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from training.invoices import use_cases
from training.invoices.use_cases import PRINT, PRINT_NOTE


async def print_invoice(tx: Tx, run: JobRun) -> bool:
    """Print and keep an invoice."""
    if run.subject_id is None:
        raise ValueError("a printing job is about an invoice")
    return _printed(run, await use_cases.print_one(tx, run.files, run.subject_id))


async def print_note(tx: Tx, run: JobRun) -> bool:
    """Print and keep a credit note."""
    if run.subject_id is None:
        raise ValueError("a printing job is about a credit note")
    return _printed(run, await use_cases.print_one_note(tx, run.files, run.subject_id))


def _printed(run: JobRun, number: str) -> bool:
    run.done = 1
    run.receipt.append(ReceiptLine(1, "printed", subject_id=run.subject_id, reference=number))
    return True


JOBS = (JobKind(PRINT, print_invoice), JobKind(PRINT_NOTE, print_note))
