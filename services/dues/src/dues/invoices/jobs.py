"""Clock door of invoices: writing and printing a campaign's calls, a few at a time, after they were issued."""

import asyncio

from common.files import StoredFile
from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from dues.invoices import repository
from dues.invoices.documents import print_call_for_dues
from dues.invoices.tables import InvoiceRow
from dues.invoices.use_cases import PRINT, write_papers

_SLICE = 20


async def print_calls(tx: Tx, run: JobRun) -> bool:
    """Write, print and store the next calls. A step that is repeated stores the same bytes at the same place.

    The pages of a slice are set two at a time, and the next one's XML is written meanwhile.
    """
    if run.subject_id is None:
        raise ValueError("a printing job is about a campaign")
    rows = await repository.to_print(tx, run.subject_id, _SLICE)
    if not rows:
        return True
    await write_papers(tx, rows)
    stored = await asyncio.gather(*(_print(run, row) for row in rows))
    await repository.note_printed(tx, {row.id: file.sha256 for row, file in zip(rows, stored, strict=True)})
    for row in rows:
        run.done += 1
        line = _receipt(run.done, row)
        run.receipt.append(line)
        run.counts[line.outcome] += 1
    return False


async def _print(run: JobRun, row: InvoiceRow) -> StoredFile:
    paper = repository.paper_of(row)
    pdf = await print_call_for_dues(paper.document, paper.einvoice, row.issued_on)
    return await run.files.put(repository.pdf_path(row.id), pdf)


def _receipt(rank: int, row: InvoiceRow) -> ReceiptLine:
    """Say of each call whether its e-invoice is inside, and else why not."""
    if not row.einvoice_defects:
        return ReceiptLine(rank, "printed", subject_id=row.id, reference=row.number)
    message = " ".join(f"{defect['rule']} : {defect['message']}" for defect in row.einvoice_defects)
    return ReceiptLine(
        rank, "printed_without_xml", row.einvoice_defects[0]["rule"], message, subject_id=row.id, reference=row.number
    )


JOBS = (JobKind(PRINT, print_calls),)
