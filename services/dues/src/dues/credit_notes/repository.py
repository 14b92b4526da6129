"""Loads and saves credit notes; the only writer of their table."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from common.transaction import Tx
from dues.credit_notes.domain import CreditNotFound
from dues.credit_notes.tables import CreditRow


async def hold(tx: Tx, credit_id: UUID) -> CreditRow:
    """Load a credit note and hold it. Raises CreditNotFound."""
    row = await tx.session.get(CreditRow, credit_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise CreditNotFound("Cet avoir n'existe pas.")
    return row


async def last_issued_on(tx: Tx) -> date | None:
    """Return the day of the last credit note issued. Once a number is taken nobody else issues before the end."""
    last: date | None = (await tx.session.execute(select(func.max(col(CreditRow.issued_on))))).scalar_one()
    return last


def pdf_path(credit_id: UUID) -> str:
    """Return where the document of a credit note is stored."""
    return f"credits/{credit_id}.pdf"
