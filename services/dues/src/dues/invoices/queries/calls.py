"""Reads of the calls for dues for the other capabilities, whoever asks."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    func,
    or_,
    select,
    union_all,
)
from sqlmodel import col

from common.shipped_data import shipped
from common.transaction import Read
from dues.apportionment.domain import Announced
from dues.invoices.domain import Called, DueCall, InvoiceNotFound, Mentions, OwedCall
from dues.invoices.queries.reach import INVOICE, IS_OWED, OWED
from dues.invoices.repository import to_called
from dues.invoices.schemas import (
    TotalsOut,
)
from dues.invoices.tables import InvoiceRow, ShareRow
from dues.members.queries import among, member_behind, records_of


@cache
def shipped_mentions() -> tuple[Mentions, ...]:
    """Return what a call says of VAT and of late payment, by regime and day."""
    return TypeAdapter(tuple[Mentions, ...]).validate_python(shipped("dues.invoices", "mentions.toml")["mentions"])


async def billed_members(read: Read, year: int, member_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these members were called for the dues of a year, be it under a record that was a duplicate."""
    records = await records_of(read, member_ids)
    standing = (INVOICE.c.year == year, INVOICE.c.voided_on.is_(None))  # one that was voided is to be called again
    query = select(INVOICE.c.member_id).where(*standing, INVOICE.c.member_id == among(records))
    return {records[record] for record in (await read.session.execute(query)).scalars()}


async def called_years(read: Read) -> set[int]:
    """Return the years for which somebody was called here."""
    return set((await read.session.execute(select(INVOICE.c.year).distinct())).scalars())


async def called_in(
    read: Read, campaign_id: UUID, after: UUID | None = None, limit: int | None = None
) -> dict[UUID, list[Called]]:
    """Return what stands of a campaign by member, the call first, then its complements; members in the order of ids."""
    of_members = select(INVOICE.c.member_id).where(INVOICE.c.campaign_id == campaign_id).distinct()
    if after is not None:
        of_members = of_members.where(INVOICE.c.member_id > after)
    standing = (INVOICE.c.campaign_id == campaign_id, INVOICE.c.voided_on.is_(None))
    slice_ = of_members.order_by(INVOICE.c.member_id).limit(limit)
    query = select(InvoiceRow).where(*standing, INVOICE.c.member_id.in_(slice_))
    found: dict[UUID, list[Called]] = {}
    for row in (await read.session.execute(query.order_by(INVOICE.c.member_id, INVOICE.c.rank))).scalars():
        found.setdefault(row.member_id, []).append(to_called(row))
    return found


def called_for(year: int) -> Select[Any]:
    """Select the members that hold a call for the dues of a year, be it under a record that was a duplicate."""
    return select(member_behind(INVOICE.c.member_id)).where(INVOICE.c.year == year, INVOICE.c.voided_on.is_(None))


def owed_on(day: date, since: FromClause) -> CompoundSelect[Any]:
    """Select what was owed of each call at the end of a day, from what was done to some ``since``: call, amount.

    Each call is there once: those of which something is owed now, then the others that were settled since. Two parts,
    so that what was settled long ago is not read; a call of which nothing was owed may be there, with nothing.
    """
    columns = (INVOICE.c.member_id, INVOICE.c.year, INVOICE.c.due_on)
    undone = func.coalesce(since.c.amount, Decimal("0.00"))
    issued = INVOICE.c.issued_on <= day
    still = select(*columns, (OWED + undone).label("owed")).outerjoin(since, since.c.invoice_id == INVOICE.c.id)
    settled = select(*columns, since.c.amount.label("owed")).join(since, since.c.invoice_id == INVOICE.c.id)
    return union_all(still.where(IS_OWED, issued), settled.where(~IS_OWED, issued))


async def calls_of(read: Read, records: Collection[UUID], until: date) -> list[Called]:
    """Return the calls that were issued to some records by the end of a day, those that were voided too."""
    query = select(InvoiceRow).where(INVOICE.c.member_id.in_(records), INVOICE.c.issued_on <= until)
    rows = (await read.session.execute(query.order_by(INVOICE.c.issued_on, INVOICE.c.number))).scalars()
    return [to_called(row) for row in rows]


async def open_calls(read: Read, member_id: UUID) -> list[OwedCall]:
    """Return the calls of which a member still owes something, be it under a record that was a duplicate."""
    return await _owed_calls(read, and_(IS_OWED, INVOICE.c.member_id.in_(await records_of(read, [member_id]))))


async def calls_due_by(read: Read, day: date) -> list[OwedCall]:
    """Return the calls of which something is still owed and that fall due by a day."""
    return await _owed_calls(read, and_(IS_OWED, INVOICE.c.due_on <= day))


async def numbers_of(read: Read, invoice_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what people call some calls by."""
    query = select(INVOICE.c.id, INVOICE.c.number).where(INVOICE.c.id.in_(invoice_ids))
    return {row.id: row.number for row in await read.session.execute(query)}


async def announced(read: Read, invoice_ids: Collection[UUID]) -> dict[UUID, Announced]:
    """Return some calls with the parts that they announced."""
    query = (
        select(INVOICE.c.id, INVOICE.c.number, INVOICE.c.year, INVOICE.c.member_name, ShareRow)
        .join(ShareRow, col(ShareRow.invoice_id) == INVOICE.c.id)
        .where(INVOICE.c.id.in_(invoice_ids))
    )
    rows = (await read.session.execute(query)).all()
    parts: dict[UUID, dict[str, Decimal]] = {row.id: {} for row in rows}
    for row in rows:
        parts[row.id][row.ShareRow.beneficiary] = row.ShareRow.amount
    return {
        row.id: Announced(
            invoice_id=row.id, number=row.number, year=row.year, member_name=row.member_name, parts=parts[row.id]
        )
        for row in rows
    }


async def campaign_totals(read: Read, campaign_id: UUID) -> TotalsOut:
    """Return what a campaign has called so far, calls that were voided aside."""
    columns = INVOICE.c
    query = select(
        func.count().label("count"),
        *(func.coalesce(func.sum(columns[name]), Decimal(0)).label(name) for name in ("fixed", "variable", "total")),
    ).where(columns.campaign_id == campaign_id, columns.voided_on.is_(None))
    return TotalsOut.model_validate((await read.session.execute(query)).one())


async def standing_calls(read: Read, member_ids: Collection[UUID]) -> list[DueCall]:
    """Return the calls of some members that were not voided, those issued to records that were duplicates too."""
    records = await records_of(read, member_ids)
    query = select(INVOICE.c.id, INVOICE.c.member_id, INVOICE.c.year, OWED.label("owed"), INVOICE.c.due_on)
    query = query.where(INVOICE.c.member_id.in_(records), INVOICE.c.voided_on.is_(None))
    return [
        DueCall(row.id, records[row.member_id], row.year, row.owed, row.due_on)
        for row in await read.session.execute(query)
    ]


async def calls_around(
    read: Read, *, numbers: Collection[str], amounts: Collection[Decimal], member_ids: Collection[UUID]
) -> list[OwedCall]:
    """Return the calls of these numbers, and those of which something is owed: these amounts, or by these members."""
    by_payer = or_(OWED.in_(amounts), INVOICE.c.member_id.in_(await records_of(read, member_ids)))
    return await _owed_calls(read, or_(INVOICE.c.number.in_(numbers), and_(IS_OWED, by_payer)))


async def owed_calls(read: Read, invoice_ids: Sequence[UUID]) -> list[OwedCall]:
    """Return what is owed of some calls, in the order in which they are named. Raises InvoiceNotFound."""
    found = {call.id: call for call in await _owed_calls(read, INVOICE.c.id.in_(invoice_ids))}
    if len(found) < len(set(invoice_ids)):
        raise InvoiceNotFound("Cet appel de cotisation n'existe pas.")
    return [found[invoice_id] for invoice_id in dict.fromkeys(invoice_ids)]


def owed_by(day: date) -> Select[Any]:
    """Select the calls of which something is owed, due by a day at the latest, for another capability to read on."""
    columns = (
        INVOICE.c.id,
        INVOICE.c.number,
        INVOICE.c.year,
        INVOICE.c.member_id,
        INVOICE.c.due_on,
        OWED.label("owed"),
    )
    return select(*columns).where(IS_OWED, INVOICE.c.due_on <= day)


async def _owed_calls(read: Read, which: ColumnElement[bool]) -> list[OwedCall]:
    member = member_behind(INVOICE.c.member_id).label("member_id")
    columns = (INVOICE.c.id, INVOICE.c.number, member, INVOICE.c.member_name, OWED.label("owed"), INVOICE.c.due_on)
    return [OwedCall(**row) for row in (await read.session.execute(select(*columns).where(which))).mappings()]
