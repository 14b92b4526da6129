"""Which calls for dues somebody may see, and how another capability joins them to what it keeps."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    or_,
    select,
)

from common.rights import Grant
from common.transaction import Read
from dues.invoices.domain import Called, InvoiceNotFound
from dues.invoices.repository import to_called
from dues.invoices.tables import InvoiceRow, ShareRow
from dues.members.queries import member_behind

INVOICE: Any = InvoiceRow.__table__  # type: ignore[attr-defined]
CALLS = INVOICE.c
SHARES: Any = ShareRow.__table__.c  # type: ignore[attr-defined]
OWED: Any = INVOICE.c.total - INVOICE.c.paid - INVOICE.c.credited
IS_OWED: Any = INVOICE.c.paid + INVOICE.c.credited < INVOICE.c.total  # as its index has it


def visible(grant: Grant) -> Select[tuple[UUID]]:
    """Select the ids of the calls within reach."""
    return select(INVOICE.c.id).where(within(grant))


def joined_with_call(query: Select[Any], invoice_id: ColumnElement[UUID], grant: Grant) -> Select[Any]:
    """Add to another capability's query the call that each row is about, within reach.

    The row's last column is read with ``called_of``; ``CALLS`` are its columns, to filter and sort by.
    """
    return query.add_columns(InvoiceRow).join(InvoiceRow, INVOICE.c.id == invoice_id).where(within(grant))


def called_of(row: Any) -> Called:
    """Return the call that ``joined_with_call`` added to a row."""
    return to_called(row[-1])


def of_members(member_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Return the condition that a call is of some members, or was issued to a record that was their duplicate.

    The record itself too: whoever holds an old identifier finds what was issued to it.
    """
    return or_(INVOICE.c.member_id.in_(member_ids), member_behind(INVOICE.c.member_id).in_(member_ids))


async def reached(read: Read, grant: Grant, invoice_id: UUID) -> InvoiceRow:
    """Return a call within reach. Raises InvoiceNotFound."""
    query = select(InvoiceRow).where(INVOICE.c.id == invoice_id, within(grant))
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise InvoiceNotFound("Cet appel de cotisation n'existe pas, ou n'est pas dans votre périmètre.")
    return row


def within(grant: Grant) -> ColumnElement[bool]:
    """Return the condition that a call is within reach."""
    return grant.covers(member=member_behind(INVOICE.c.member_id), delegation=INVOICE.c.delegation)
