"""Loads and saves credit notes; the only writer of their table."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from common.transaction import Read, Tx
from dues.credits.domain import CreditNotFound, CreditStatus
from dues.credits.tables import CreditRow
from dues.invoices.domain import NO_PARTS, Parts


async def hold(tx: Tx, credit_id: UUID) -> CreditRow:
    """Load a credit note and hold it. Raises CreditNotFound."""
    row = await tx.session.get(CreditRow, credit_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise CreditNotFound("Cet avoir n'existe pas.")
    return row


async def issued_parts(source: Read, invoice_ids: Collection[UUID]) -> dict[UUID, Parts]:
    """Return what was credited so far of each part of some calls; drafts take nothing off yet."""
    query = (
        select(col(CreditRow.invoice_id), func.sum(col(CreditRow.fixed)), func.sum(col(CreditRow.variable)))
        .where(col(CreditRow.invoice_id).in_(invoice_ids), col(CreditRow.status) == CreditStatus.ISSUED.value)
        .group_by(col(CreditRow.invoice_id))
    )
    found = {invoice_id: Parts(fixed, variable) for invoice_id, fixed, variable in await source.session.execute(query)}
    return {invoice_id: found.get(invoice_id, NO_PARTS) for invoice_id in invoice_ids}


async def last_issued_on(tx: Tx) -> date | None:
    """Return the day of the last credit note issued. Once a number is taken nobody else issues before the end."""
    last: date | None = (await tx.session.execute(select(func.max(col(CreditRow.issued_on))))).scalar_one()
    return last


def pdf_path(credit_id: UUID) -> str:
    """Return where the document of a credit note is stored."""
    return f"credits/{credit_id}.pdf"
