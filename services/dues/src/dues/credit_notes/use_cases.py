"""Taking a call back: a draft that finance reads again, then the credit note that nobody changes; voiding at once."""

from dataclasses import asdict
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.invoicing.conformity import defects
from common.invoicing.keeping import to_kept
from common.invoicing.numbers import require_in_order
from common.jobs import enqueue
from common.numbering import Series, take_numbers
from common.rights import Grant, Scope
from common.transaction import Tx
from dues.credit_notes import repository
from dues.credit_notes.documents import credit_note, einvoice_of
from dues.credit_notes.domain import JOURNAL, CreditStatus, require_creditable, require_draft
from dues.credit_notes.queries import credited_parts, find_credit
from dues.credit_notes.schemas import CreditChange, CreditIn, CreditWhy
from dues.credit_notes.tables import CreditRow
from dues.invoices.domain import NOTHING, Called, Credited, Parts, require_voidable
from dues.invoices.use_cases import cancel_part, hold_one, paper_of

PRINT = "credits.print"
_PROVISIONAL = "PROV"


async def draft(tx: Tx, grant: Grant, entity: str, given: CreditIn) -> UUID:
    """Prepare a credit note of a call, under a provisional reference; return its id.

    Raises InvoiceNotFound, CreditEmpty, CreditPartTooLarge.
    """
    invoice = await hold_one(tx, grant, given.invoice_id)
    left = await _left(tx, invoice)
    asked = left if given.fixed is None and given.variable is None else _asked(given)
    require_creditable(asked, left, invoice.number)
    return await _add(tx, entity, invoice, asked, given)


async def change(tx: Tx, grant: Grant, credit_id: UUID, if_match: str | None, given: CreditChange) -> None:
    """Change a draft.

    Raises CreditNotFound, CreditIssued, CreditEmpty, CreditPartTooLarge, PreconditionMissing, PreconditionFailed.
    """
    row = await _held(tx, grant, credit_id, if_match)
    invoice = await hold_one(tx, grant, row.invoice_id)
    asked = _asked(given)
    require_creditable(asked, await _left(tx, invoice), invoice.number)
    row.fixed, row.variable, row.total = asked.fixed, asked.variable, asked.total
    row.reason, row.note = given.reason.value, given.note
    row.version += 1
    await tx.session.flush()


async def delete(tx: Tx, grant: Grant, credit_id: UUID, if_match: str | None) -> None:
    """Give a draft up. Raises CreditNotFound, CreditIssued, PreconditionMissing, PreconditionFailed."""
    await tx.session.delete(await _held(tx, grant, credit_id, if_match))


async def issue(tx: Tx, grant: Grant, entity: str, credit_id: UUID, if_match: str | None) -> None:
    """Issue a draft: it takes its number and its day, takes its amount off the call, and never changes again.

    Raises CreditNotFound, CreditIssued, CreditPartTooLarge, CreditTooLarge, IssueDateDecreasing, PreconditionMissing,
    PreconditionFailed.
    """
    row = await _held(tx, grant, credit_id, if_match)
    await _issue(tx, entity, row, await hold_one(tx, grant, row.invoice_id))


async def void(tx: Tx, grant: Grant, entity: str, invoice_id: UUID, given: CreditWhy) -> UUID:
    """Void a call by a credit note of all that is left of it, so that the member can be called anew; return its id.

    Raises InvoiceNotFound, CreditEmpty, CreditTooLarge, IssueDateDecreasing.
    """
    invoice = await hold_one(tx, grant, invoice_id)
    require_voidable(invoice.balance)
    credit_id = await _add(tx, entity, invoice, await _left(tx, invoice), given, voids=True)
    await _issue(tx, entity, await repository.hold(tx, credit_id), invoice)
    return credit_id


async def credit_at_once(tx: Tx, entity: str, invoice_id: UUID, parts: Parts, why: CreditWhy) -> str:
    """Credit parts of a call without a draft, where a job decides by the rules; return the number.

    Raises InvoiceNotFound, CreditEmpty, CreditPartTooLarge, CreditTooLarge, IssueDateDecreasing.
    """
    invoice = await hold_one(tx, Grant(tx.actor, Scope.ALL), invoice_id)
    credit_id = await _add(tx, entity, invoice, parts, why)
    row = await repository.hold(tx, credit_id)
    await _issue(tx, entity, row, invoice)
    return row.reference


async def _issue(tx: Tx, entity: str, row: CreditRow, invoice: Called) -> None:
    require_creditable(Parts(row.fixed, row.variable), await _left(tx, invoice), invoice.number)
    [number] = await take_numbers(tx, Series(entity, JOURNAL, tx.today.year), 1)
    require_in_order(await repository.last_issued_on(tx), tx.today)
    paper = await paper_of(tx, invoice.id)
    row.reference, row.status = number, CreditStatus.ISSUED.value
    row.issued_on, row.issued_by = tx.today, tx.actor.subject
    row.document = credit_note(row, invoice, paper.document)
    einvoice = einvoice_of(row, invoice, paper.einvoice)
    broken = defects(einvoice) if einvoice else ()
    row.einvoice = to_kept(einvoice) if einvoice and not broken else None
    row.einvoice_defects = [asdict(defect) for defect in broken]
    row.version += 1
    await tx.session.flush()
    await cancel_part(tx, entity, invoice.id, Credited(number, row.total), voids=row.voids, reason=row.note)
    await enqueue(tx, PRINT, subject_id=row.id)


async def _held(tx: Tx, grant: Grant, credit_id: UUID, if_match: str | None) -> CreditRow:
    """Hold a draft within reach, in the version that was read."""
    current = partial(find_credit, tx, grant, credit_id)
    await current()
    row = await repository.hold(tx, credit_id)
    await check_version(if_match, row.version, current)
    require_draft(CreditStatus(row.status))
    return row


async def _left(tx: Tx, invoice: Called) -> Parts:
    """Return what is left of each part of a held call."""
    return invoice.parts.less((await credited_parts(tx, [invoice.id]))[invoice.id])


async def _add(tx: Tx, entity: str, invoice: Called, parts: Parts, given: CreditWhy, *, voids: bool = False) -> UUID:
    [reference] = await take_numbers(tx, Series(entity, _PROVISIONAL, tx.today.year), 1)
    row = CreditRow(
        id=new_id(),
        reference=reference,
        invoice_id=invoice.id,
        status=CreditStatus.DRAFT.value,
        fixed=parts.fixed,
        variable=parts.variable,
        total=parts.total,
        reason=given.reason.value,
        note=given.note,
        voids=voids,
        drafted_at=tx.now,
        drafted_by=tx.actor.subject,
        issued_on=None,
        issued_by=None,
        document=None,
        einvoice=None,
        pdf_sha256=None,
        version=1,
    )
    tx.session.add(row)
    await tx.session.flush()
    return row.id


def _asked(given: CreditIn | CreditChange) -> Parts:
    return Parts(given.fixed or NOTHING, given.variable or NOTHING)
