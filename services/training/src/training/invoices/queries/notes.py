"""Reads of credit notes: who reads an invoice reads what takes it back."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, null, select

from common.invoicing.einvoice import EInvoiceMissing
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from training.invoices.documents import note_line
from training.invoices.domain import CreditReason, NoteNotFound
from training.invoices.queries.invoices import INVOICE, require_paper, shown_payer
from training.invoices.schemas import NoteFilters, NoteListParams, NoteOut
from training.invoices.tables import CreditNoteRow, InvoiceRow

_NOTE_WHOLE: Any = CreditNoteRow
_INVOICE_WHOLE: Any = InvoiceRow
_NOTE: Any = CreditNoteRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _NOTE.c[name] for name in ("issued_on", "number", "amount")},
    default="-issued_on",
    unique=_NOTE.c.id,
)
_SAME = ("id", "number", "invoice_id", "amount", "note", "issued_on")


async def find_note(read: Read, grant: Grant, note_id: UUID) -> NoteOut:
    """Return a credit note within reach. Raises NoteNotFound."""
    return _out(*await _found(read, grant, note_id))


async def require_note_paper(read: Read, grant: Grant, note_id: UUID) -> CreditNoteRow:
    """Return a credit note whose paper may be read, as that of its invoice. Raises NoteNotFound, InvoiceNotFound."""
    note, invoice = await _found(read, grant, note_id)
    await require_paper(read, grant, invoice.id)
    return note


async def require_note_einvoice(read: Read, grant: Grant, note_id: UUID) -> CreditNoteRow:
    """Return one that has an electronic form. Raises NoteNotFound, InvoiceNotFound, EInvoiceMissing."""
    note = await require_note_paper(read, grant, note_id)
    if note.einvoice is None:
        raise EInvoiceMissing(f"{note.number} n'a pas de forme électronique.")
    return note


async def list_notes(read: Read, grant: Grant, params: NoteListParams) -> Page[NoteOut]:
    """Return one page of the credit notes within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=[_out(note, invoice) for note, invoice in rows], next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: NoteFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same credit notes as the list with the same filters."""
    rows = (await read.session.execute(_filtered(grant, filters).order_by(_NOTE.c.number))).all()
    return (note_line(_out(note, invoice)) for note, invoice in rows)


async def _found(read: Read, grant: Grant, note_id: UUID) -> tuple[CreditNoteRow, InvoiceRow]:
    query = _reached(grant).where(_NOTE.c.id == note_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise NoteNotFound("Cet avoir n'existe pas, ou n'est pas dans votre périmètre.")
    return row[0], row[1]


def _reached(grant: Grant) -> Select[Any]:
    query: Select[Any] = select(_NOTE_WHOLE, _INVOICE_WHOLE).join(INVOICE, INVOICE.c.id == _NOTE.c.invoice_id)
    return query.where(grant.covers(member=INVOICE.c.member_id, delegation=null()))


def _filtered(grant: Grant, params: NoteFilters) -> Select[Any]:
    query = _reached(grant)
    wanted = {
        _NOTE.c.invoice_id: params.invoice_id,
        INVOICE.c.member_id: params.member_id,
        _NOTE.c.reason: params.reason,
    }
    for column, values in wanted.items():
        if values:
            query = query.where(column.in_(values))
    if params.issued_from:
        query = query.where(_NOTE.c.issued_on >= params.issued_from)
    if params.issued_to:
        query = query.where(_NOTE.c.issued_on <= params.issued_to)
    return query


def _out(note: CreditNoteRow, invoice: InvoiceRow) -> NoteOut:
    reason = CreditReason(note.reason)
    return NoteOut(
        **{name: getattr(note, name) for name in _SAME},
        invoice_number=invoice.number,
        member_id=invoice.member_id,
        payer_name=shown_payer(invoice),
        reason=reason,
        reason_label=reason.label,
        pdf_ready=note.pdf_sha256 is not None,
        einvoice=note.einvoice is not None,
    )
