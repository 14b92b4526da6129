"""Saves invoices, credit notes and settlements; the only writer of their tables."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.invoicing.conformity import Defect
from common.invoicing.einvoice import EInvoice
from common.invoicing.keeping import to_kept
from common.transaction import Tx
from training.billings.domain import Billing, Share
from training.invoices.domain import Balance, Invoice, InvoiceNotFound, NoteNotFound
from training.invoices.tables import CreditNoteRow, InvoiceRow, SettlementRow


async def last_issued_on(tx: Tx) -> date | None:
    """Return the day of the last invoice issued. Once a number is taken nobody else issues before the end."""
    last: date | None = (await tx.session.execute(select(func.max(col(InvoiceRow.issued_on))))).scalar_one()
    return last


async def last_credited_on(tx: Tx) -> date | None:
    """Return the day of the last credit note issued, in the same way."""
    last: date | None = (await tx.session.execute(select(func.max(col(CreditNoteRow.issued_on))))).scalar_one()
    return last


async def add(
    tx: Tx,
    invoice: Invoice,
    billing: Billing,
    share: Share,
    document: dict[str, Any],
    einvoice: EInvoice | None,
    defects: Sequence[Defect],
) -> None:
    """Insert an invoice with what is printed of it."""
    values = {
        "id": invoice.id,
        "number": invoice.number,
        "billing_id": billing.id,
        "share_id": share.id,
        "session_id": billing.session_id,
        "member_id": None if share.funder else billing.member_id,
        "individual": invoice.payer.person,
        "payer_kind": invoice.payer.kind.value,
        "payer_name": "" if invoice.payer.person else invoice.payer.name,
        "payer_siren": invoice.payer.siren,
        "total": invoice.amount,
        "paid": Decimal(0),
        "credited": Decimal(0),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "issued_by": tx.actor.subject,
        "document": document,
        "einvoice": to_kept(einvoice) if einvoice and not defects else None,
        "einvoice_defects": [asdict(one) for one in defects],
        "pdf_sha256": None,
    }
    await tx.session.execute(insert(InvoiceRow).values(**values))


async def hold(tx: Tx, invoice_id: UUID) -> InvoiceRow:
    """Load an invoice and hold it. Raises InvoiceNotFound."""
    row = await tx.session.get(InvoiceRow, invoice_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise InvoiceNotFound("Cette facture n'existe pas.")
    return row


async def hold_note(tx: Tx, note_id: UUID) -> CreditNoteRow:
    """Load a credit note and hold it. Raises NoteNotFound."""
    row = await tx.session.get(CreditNoteRow, note_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoteNotFound("Cet avoir n'existe pas.")
    return row


def balance_of(row: InvoiceRow) -> Balance:
    """Return what became of an invoice."""
    return Balance(row.number, row.total, row.paid, row.credited)


async def save_balance(tx: Tx, invoice_id: UUID, balance: Balance) -> None:
    """Write what became of an invoice that is held."""
    statement = update(InvoiceRow).where(col(InvoiceRow.id) == invoice_id)
    await tx.session.execute(statement.values(paid=balance.paid, credited=balance.credited))


async def add_note(tx: Tx, values: dict[str, Any]) -> None:
    """Insert a credit note."""
    await tx.session.execute(insert(CreditNoteRow).values(**values, issued_by=tx.actor.subject, pdf_sha256=None))


async def add_settlement(tx: Tx, values: dict[str, Any]) -> None:
    """Insert money received, or taken back."""
    said = {**values, "recorded_at": tx.now, "recorded_by": tx.actor.subject}
    await tx.session.execute(insert(SettlementRow).values(**said))


def invoice_path(invoice_id: UUID) -> str:
    """Return where the document of an invoice is stored."""
    return f"invoices/{invoice_id}.pdf"


def note_path(note_id: UUID) -> str:
    """Return where the document of a credit note is stored."""
    return f"credit-notes/{note_id}.pdf"
