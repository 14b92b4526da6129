"""Issuing calls for dues, hundreds at once: numbered, shared out, told to the others; and what is then paid of each."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.accounting.posting import record
from common.files import Files, StoredFile
from common.identifiers import new_id
from common.invoicing.conformity import defects
from common.invoicing.numbers import require_in_order
from common.jobs import ReceiptLine, enqueue
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from dues.apportionment.domain import CashMovement
from dues.apportionment.use_cases import keep_parts
from dues.grids.domain import Grid
from dues.grids.queries import smic_table
from dues.grids.schemas import written_steps
from dues.invoices import entries, events, repository
from dues.invoices.documents import call_for_dues, print_call_for_dues
from dues.invoices.domain import (
    JOURNAL,
    Called,
    Credited,
    Due,
    Invoice,
    Terms,
    credit,
    einvoice_of,
    issue,
    issue_again,
    mentions_on,
    pay,
)
from dues.invoices.queries import announced, reached, shipped_mentions
from dues.invoices.repository import Issued, Paper
from dues.invoices.tables import InvoiceRow
from dues.legal_entities.domain import LegalEntity

PRINT = "invoices.print"


async def issue_calls(tx: Tx, campaign_id: UUID, grid: Grid, seller: LegalEntity, dues: Sequence[Due]) -> list[Invoice]:
    """Issue a call for each due, in order, under the next numbers of the entity's series of the year.

    Two runs at once wait for each other on the series; the database refuses a second call for one member. What they say
    is settled here and written later, with ``write_papers``. Raises IssueDateDecreasing, RuleMissing.
    """
    numbers = await take_numbers(tx, Series(seller.code, JOURNAL, grid.year), len(dues))
    require_in_order(await repository.last_issued_on(tx), tx.today)
    mentions = mentions_on(shipped_mentions(), seller.vat.value, tx.today)
    issued = [
        Issued(new_id(), campaign_id, issue(number, due, seller, tx.today))
        for number, due in zip(numbers, dues, strict=True)
    ]
    await repository.add(tx, issued, Terms(seller=seller, mentions=mentions, grid=grid, smic=smic_table()))
    record(tx, entries.called(seller.code, issued))
    for item in issued:
        tx.publish(events.invoiced(item), reason=f"campagne {grid.year}")
    return [item.invoice for item in issued]


async def write_papers(tx: Tx, rows: Sequence[InvoiceRow]) -> None:
    """Write what held calls say, where it is not written yet, from what was settled at their issue.

    A call whose e-invoice would break a rule is on paper alone, and says which.
    """
    missing = [row for row in rows if row.document is None]
    terms = await repository.terms_of(tx, {row.terms_id for row in missing})
    for row in missing:
        _write(row, terms[row.terms_id])


async def print_slice(tx: Tx, files: Files, campaign_id: UUID, done: int, *, limit: int) -> list[ReceiptLine]:
    """Write, print and store the next calls of a campaign. Repeated, it stores the same bytes at the same place.

    The pages of a slice are set two at a time, and the next one's XML is written meanwhile.
    """
    rows = await repository.to_print(tx, campaign_id, limit)
    if not rows:
        return []
    await write_papers(tx, rows)
    stored = await asyncio.gather(*(_print(files, row) for row in rows))
    await repository.note_printed(tx, {row.id: file.sha256 for row, file in zip(rows, stored, strict=True)})
    return [_printed(rank, row) for rank, row in enumerate(rows, start=done + 1)]


async def paper_of(tx: Tx, invoice_id: UUID) -> Paper:
    """Return what a call says, be it printed yet or not. Raises InvoiceNotFound."""
    rows = await repository.hold(tx, [invoice_id])
    await write_papers(tx, list(rows.values()))
    return repository.paper_of(rows[invoice_id])


async def put_money(tx: Tx, amounts: Mapping[UUID, Decimal], on: date, *, reason: str) -> dict[UUID, Called]:
    """Put money on calls, or take it back where an amount is negative; return what each then is.

    ``on`` is the day of the money, not of this act. Who keeps whose money it was, line by line, is the caller.
    Raises InvoiceNotFound, PaymentTooLarge, PaymentNotThere.
    """
    calls = {}
    for invoice_id, row in (await repository.hold(tx, amounts)).items():
        await repository.save(tx, row, pay(repository.balance_of(row), amounts[invoice_id]))
        calls[invoice_id] = repository.to_called(row)
        tx.publish(events.moved(calls[invoice_id], amounts[invoice_id], on), reason=reason)
    return calls


async def hold_one(tx: Tx, grant: Grant, invoice_id: UUID) -> Called:
    """Hold a call within reach. Raises InvoiceNotFound."""
    await reached(tx, grant, invoice_id)
    return repository.to_called((await repository.hold(tx, [invoice_id]))[invoice_id])


async def hold_calls(tx: Tx, invoice_ids: Collection[UUID]) -> None:
    """Hold calls, thousands at once: what is owed of them stays as it is until the end of the transaction."""
    await repository.hold_all(tx, invoice_ids)


async def cancel_part(tx: Tx, entity: str, invoice_id: UUID, note: Credited, *, voids: bool, reason: str) -> None:
    """Count a credit note against a call; one that voids it makes room for another call.

    Raises InvoiceNotFound, CreditTooLarge.
    """
    row = (await repository.hold(tx, [invoice_id]))[invoice_id]
    balance = credit(repository.balance_of(row), note.amount)
    row.voided_on = tx.today if voids else None
    await repository.save(tx, row, balance)
    call = repository.to_called(row)
    record(tx, [entries.credited(entity, call, note, tx.today)])
    tx.publish(events.credited(call, note.number, note.amount, tx.today), reason=reason)


async def share_out(
    tx: Tx, entity: str, calls: Mapping[UUID, Called], movements: Sequence[CashMovement], *, reason: str
) -> None:
    """Share money that was put on calls, or taken back from them, among those who have a part in it; tell it.

    ``calls`` are held, as ``put_money`` returned them. The parts are of the day of this act: what was said of a past
    day stays true.
    """
    with_parts = await announced(tx, calls)
    shared = await keep_parts(tx, movements, with_parts)
    for movement in movements:
        record(tx, entries.shared(entity, with_parts[movement.invoice_id], movement, shared[movement.id], tx.today))
        fact = events.apportioned(calls[movement.invoice_id], movement.id, shared[movement.id], tx.today)
        tx.publish(fact, reason=reason)


async def ask_to_print(tx: Tx, campaign_id: UUID) -> None:
    """Ask for the documents of a campaign's calls to be printed and kept."""
    await enqueue(tx, PRINT, subject_id=campaign_id)


def _write(row: InvoiceRow, terms: Terms) -> None:
    invoice = issue_again(repository.to_called(row), repository.particulars_of(row), terms)
    einvoice = einvoice_of(invoice, terms.mentions)
    broken = defects(einvoice)
    paper = Paper(
        explanation=written_steps(invoice.assessment.explanation),
        document=call_for_dues(invoice, terms.mentions),
        einvoice=None if broken else einvoice,
    )
    repository.save_paper(row, paper, broken)


async def _print(files: Files, row: InvoiceRow) -> StoredFile:
    paper = repository.paper_of(row)
    pdf = await print_call_for_dues(paper.document, paper.einvoice, row.issued_on)
    return await files.put(repository.pdf_path(row.id), pdf)


def _printed(rank: int, row: InvoiceRow) -> ReceiptLine:
    """Say of a call whether its e-invoice is inside, and else why not."""
    if not row.einvoice_defects:
        return ReceiptLine(rank, "printed", subject_id=row.id, reference=row.number)
    message = " ".join(f"{defect['rule']} : {defect['message']}" for defect in row.einvoice_defects)
    return ReceiptLine(
        rank, "printed_without_xml", row.einvoice_defects[0]["rule"], message, subject_id=row.id, reference=row.number
    )
