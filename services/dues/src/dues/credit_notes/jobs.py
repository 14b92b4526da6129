"""Clock door of credit notes: printing one after it was issued."""

from common.invoicing.keeping import from_kept
from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from dues.credit_notes import repository
from dues.credit_notes.documents import print_credit_note
from dues.credit_notes.use_cases import PRINT


async def print_one(tx: Tx, run: JobRun) -> bool:
    """Print and store a credit note. Repeated, it stores the same bytes at the same place."""
    if run.subject_id is None:
        raise ValueError("a printing job is about a credit note")
    row = await repository.hold(tx, run.subject_id)
    if row.document is None or row.issued_on is None:
        raise ValueError("a draft is not printed")
    pdf = await print_credit_note(row.document, from_kept(row.einvoice), row.issued_on)
    stored = await run.files.put(repository.pdf_path(row.id), pdf)
    row.pdf_sha256 = stored.sha256
    run.done = 1
    run.receipt.append(ReceiptLine(1, "printed", subject_id=row.id, reference=row.reference))
    return True


JOBS = (JobKind(PRINT, print_one),)
