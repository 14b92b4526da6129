"""Reads of the calls for dues."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    Uuid,
    and_,
    any_,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlmodel import col

from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.shipped import shipped
from common.transaction import Read, Tx
from dues.apportionment.domain import Announced
from dues.einvoices.domain import EInvoiceMissing
from dues.grids.domain import Datum
from dues.invoices.domain import (
    Called,
    DueCall,
    InvoiceNotFound,
    InvoiceStatus,
    Mentions,
    OwedCall,
)
from dues.invoices.repository import balance_of, to_called
from dues.invoices.schemas import (
    EInvoiceDefectOut,
    InvoiceDetail,
    InvoiceFilters,
    InvoiceListParams,
    InvoiceOut,
    ShareOut,
    TotalsOut,
)
from dues.invoices.tables import InvoiceRow, ShareRow
from dues.members.queries import member_behind, records_of

_TABLE: Any = InvoiceRow.__table__  # type: ignore[attr-defined]
CALLS = _TABLE.c
_OTHER: Any = _TABLE.alias("other")
_OWED: Any = _TABLE.c.total - _TABLE.c.paid - _TABLE.c.credited
_IS_OWED: Any = _TABLE.c.paid + _TABLE.c.credited < _TABLE.c.total  # as its index has it
_ORDER = Order(
    columns={name: _TABLE.c[name] for name in ("number", "issued_on", "due_on", "total", "member_name")},
    default="-number",
    unique=_TABLE.c.id,
)

EXPORT_HEADER = (
    "numero", "adherent", "delegation", "activite", "annee", "part_fixe", "part_variable", "total", "regle", "credite",
    "reste_du", "emis_le", "echeance", "statut", "autres_appels_de_l_annee",
)  # fmt: skip


@cache
def shipped_mentions() -> tuple[Mentions, ...]:
    """Return what a call says of VAT and of late payment, by regime and day."""
    return TypeAdapter(tuple[Mentions, ...]).validate_python(shipped("dues.invoices", "mentions.toml")["mentions"])


@cache
def shipped_retention() -> Datum[int]:
    """Return how many years a call is kept after the one of its issue."""
    return TypeAdapter(Datum[int]).validate_python(shipped("dues.invoices", "retention.toml"))


def visible(grant: Grant) -> Select[tuple[UUID]]:
    """Select the ids of the calls within reach."""
    return select(_TABLE.c.id).where(_within(grant))


def joined_with_call(query: Select[Any], invoice_id: ColumnElement[UUID], grant: Grant) -> Select[Any]:
    """Add to another capability's query the call that each row is about, within reach.

    The row's last column is read with ``called_of``; ``CALLS`` are its columns, to filter and sort by.
    """
    return query.add_columns(InvoiceRow).join(InvoiceRow, _TABLE.c.id == invoice_id).where(_within(grant))


def called_of(row: Any) -> Called:
    """Return the call that ``joined_with_call`` added to a row."""
    return to_called(row[-1])


def of_members(member_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Return the condition that a call is of some members, or was issued to a record that was their duplicate.

    The record itself too: whoever holds an old identifier finds what was issued to it.
    """
    return or_(_TABLE.c.member_id.in_(member_ids), member_behind(_TABLE.c.member_id).in_(member_ids))


async def find_invoice(read: Read, grant: Grant, invoice_id: UUID) -> InvoiceDetail:
    """Return one call within reach, explained and shared out. Raises InvoiceNotFound."""
    row = await reached(read, grant, invoice_id)
    shares = await read.session.execute(
        select(ShareRow).where(col(ShareRow.invoice_id) == invoice_id).order_by(col(ShareRow.percent).desc())
    )
    return InvoiceDetail(
        **_fields(row, await _also_called(read, grant, [row])),
        explanation=row.explanation,
        shares=[ShareOut.model_validate(share) for share in shares.scalars()],
        einvoice_defects=[EInvoiceDefectOut(**defect) for defect in row.einvoice_defects],
        kept_until=date(row.issued_on.year + shipped_retention().value, 12, 31),
    )


async def number_with_einvoice(read: Read, grant: Grant, invoice_id: UUID) -> str:
    """Return the number of a call within reach that has an e-invoice. Raises InvoiceNotFound, EInvoiceMissing."""
    row = await reached(read, grant, invoice_id)
    if row.einvoice is None:
        rules = [defect["rule"] for defect in row.einvoice_defects]
        why = f" : elle ne respecterait pas {', '.join(rules)}" if rules else ""
        raise EInvoiceMissing(
            f"L'appel {row.number} a été émis sans facture électronique{why}.", extra={"defects": row.einvoice_defects}
        )
    return row.number


async def printed_calls(read: Read, grant: Grant, filters: InvoiceFilters) -> list[tuple[UUID, str]]:
    """Return the calls of a list whose document is stored, by number: their identifiers alone, however many."""
    query = select(_TABLE.c.id, _TABLE.c.number).where(
        _within(grant), _TABLE.c.pdf_sha256.is_not(None), *_conditions(read.today, filters)
    )
    return [(row.id, row.number) for row in await read.session.execute(query.order_by(_TABLE.c.number))]


async def list_invoices(read: Read, grant: Grant, params: InvoiceListParams) -> Page[InvoiceOut]:
    """Return one page of calls within reach."""
    query = select(InvoiceRow).where(_within(grant), *_conditions(read.today, params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    found = list(rows)
    others = await _also_called(read, grant, found)
    return Page(items=[InvoiceOut(**_fields(row, others)) for row in found], next_cursor=cursor, total=total)


async def billed_members(read: Read, year: int, member_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these members were called for the dues of a year, be it under a record that was a duplicate."""
    records = await records_of(read, member_ids)
    standing = (_TABLE.c.year == year, _TABLE.c.voided_on.is_(None))  # one that was voided is to be called again
    query = select(_TABLE.c.member_id).where(*standing, _TABLE.c.member_id.in_(records))
    return {records[record] for record in (await read.session.execute(query)).scalars()}


async def called_years(read: Read) -> set[int]:
    """Return the years for which somebody was called here."""
    return set((await read.session.execute(select(_TABLE.c.year).distinct())).scalars())


async def called_in(
    read: Read, campaign_id: UUID, after: UUID | None = None, limit: int | None = None
) -> dict[UUID, list[Called]]:
    """Return what stands of a campaign by member, the call first, then its complements; members in the order of ids."""
    of_members = select(_TABLE.c.member_id).where(_TABLE.c.campaign_id == campaign_id).distinct()
    if after is not None:
        of_members = of_members.where(_TABLE.c.member_id > after)
    standing = (_TABLE.c.campaign_id == campaign_id, _TABLE.c.voided_on.is_(None))
    slice_ = of_members.order_by(_TABLE.c.member_id).limit(limit)
    query = select(InvoiceRow).where(*standing, _TABLE.c.member_id.in_(slice_))
    found: dict[UUID, list[Called]] = {}
    for row in (await read.session.execute(query.order_by(_TABLE.c.member_id, _TABLE.c.rank))).scalars():
        found.setdefault(row.member_id, []).append(to_called(row))
    return found


def called_for(year: int) -> Select[Any]:
    """Select the members that hold a call for the dues of a year, be it under a record that was a duplicate."""
    return select(member_behind(_TABLE.c.member_id)).where(_TABLE.c.year == year, _TABLE.c.voided_on.is_(None))


def owed_on(day: date, since: FromClause) -> CompoundSelect[Any]:
    """Select what was owed of each call at the end of a day, from what was done to some ``since``: call, amount.

    Each call is there once: those of which something is owed now, then the others that were settled since. Two parts,
    so that what was settled long ago is not read; a call of which nothing was owed may be there, with nothing.
    """
    columns = (_TABLE.c.member_id, _TABLE.c.year, _TABLE.c.due_on)
    undone = func.coalesce(since.c.amount, Decimal("0.00"))
    issued = _TABLE.c.issued_on <= day
    still = select(*columns, (_OWED + undone).label("owed")).outerjoin(since, since.c.invoice_id == _TABLE.c.id)
    settled = select(*columns, since.c.amount.label("owed")).join(since, since.c.invoice_id == _TABLE.c.id)
    return union_all(still.where(_IS_OWED, issued), settled.where(~_IS_OWED, issued))


async def calls_of(read: Read, records: Collection[UUID], until: date) -> list[Called]:
    """Return the calls that were issued to some records by the end of a day, those that were voided too."""
    query = select(InvoiceRow).where(_TABLE.c.member_id.in_(records), _TABLE.c.issued_on <= until)
    rows = (await read.session.execute(query.order_by(_TABLE.c.issued_on, _TABLE.c.number))).scalars()
    return [to_called(row) for row in rows]


async def open_calls(read: Read, member_id: UUID) -> list[OwedCall]:
    """Return the calls of which a member still owes something, be it under a record that was a duplicate."""
    return await _owed_calls(read, and_(_IS_OWED, _TABLE.c.member_id.in_(await records_of(read, [member_id]))))


async def calls_due_by(read: Read, day: date) -> list[OwedCall]:
    """Return the calls of which something is still owed and that fall due by a day."""
    return await _owed_calls(read, and_(_IS_OWED, _TABLE.c.due_on <= day))


async def numbers_of(read: Read, invoice_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what people call some calls by."""
    query = select(_TABLE.c.id, _TABLE.c.number).where(_TABLE.c.id.in_(invoice_ids))
    return {row.id: row.number for row in await read.session.execute(query)}


async def announced(read: Read, invoice_ids: Collection[UUID]) -> dict[UUID, Announced]:
    """Return some calls with the parts that they announced."""
    query = (
        select(_TABLE.c.id, _TABLE.c.number, _TABLE.c.year, _TABLE.c.member_name, ShareRow)
        .join(ShareRow, col(ShareRow.invoice_id) == _TABLE.c.id)
        .where(_TABLE.c.id.in_(invoice_ids))
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
    columns = _TABLE.c
    query = select(
        func.count().label("count"),
        *(func.coalesce(func.sum(columns[name]), Decimal(0)).label(name) for name in ("fixed", "variable", "total")),
    ).where(columns.campaign_id == campaign_id, columns.voided_on.is_(None))
    return TotalsOut.model_validate((await read.session.execute(query)).one())


async def export_rows(read: Read, grant: Grant, filters: InvoiceFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same calls as the list with the same filters."""
    query = select(InvoiceRow).where(_within(grant), *_conditions(read.today, filters)).order_by(_TABLE.c.number)
    rows = (await read.session.execute(query)).scalars().all()
    others = await _also_called(read, grant, rows)
    return (
        (
            row.number,
            row.member_name,
            row.delegation,
            row.activity,
            row.year,
            row.fixed,
            row.variable,
            row.total,
            row.paid,
            row.credited,
            balance_of(row).owed,
            row.issued_on,
            row.due_on,
            InvoiceStatus(row.status).label,
            " ; ".join(others.get(row.id, ())),
        )
        for row in rows
    )


async def standing_calls(read: Read, member_ids: Collection[UUID]) -> list[DueCall]:
    """Return the calls of some members that were not voided, those issued to records that were duplicates too."""
    records = await records_of(read, member_ids)
    query = select(_TABLE.c.id, _TABLE.c.member_id, _TABLE.c.year, _OWED.label("owed"), _TABLE.c.due_on)
    query = query.where(_TABLE.c.member_id.in_(records), _TABLE.c.voided_on.is_(None))
    return [
        DueCall(row.id, records[row.member_id], row.year, row.owed, row.due_on)
        for row in await read.session.execute(query)
    ]


async def calls_around(
    read: Read, *, numbers: Collection[str], amounts: Collection[Decimal], member_ids: Collection[UUID]
) -> list[OwedCall]:
    """Return the calls of these numbers, and those of which something is owed: these amounts, or by these members."""
    by_payer = or_(_OWED.in_(amounts), _TABLE.c.member_id.in_(await records_of(read, member_ids)))
    return await _owed_calls(read, or_(_TABLE.c.number.in_(numbers), and_(_IS_OWED, by_payer)))


async def owed_calls(read: Read, invoice_ids: Sequence[UUID]) -> list[OwedCall]:
    """Return what is owed of some calls, in the order in which they are named. Raises InvoiceNotFound."""
    found = {call.id: call for call in await _owed_calls(read, _TABLE.c.id.in_(invoice_ids))}
    if len(found) < len(set(invoice_ids)):
        raise InvoiceNotFound("Cet appel de cotisation n'existe pas.")
    return [found[invoice_id] for invoice_id in dict.fromkeys(invoice_ids)]


def owed_by(day: date) -> Select[Any]:
    """Select the calls of which something is owed, due by a day at the latest, for another capability to read on."""
    columns = (_TABLE.c.id, _TABLE.c.number, _TABLE.c.year, _TABLE.c.member_id, _TABLE.c.due_on, _OWED.label("owed"))
    return select(*columns).where(_IS_OWED, _TABLE.c.due_on <= day)


async def hold_calls(tx: Tx, invoice_ids: Collection[UUID]) -> None:
    """Hold calls until the end of the transaction, each time in the same order: what is owed of them stays."""
    named = any_(literal(list(invoice_ids), ARRAY(Uuid)))  # one parameter, however many they are
    query = select(_TABLE.c.id).where(_TABLE.c.id == named).order_by(_TABLE.c.id).with_for_update()
    await tx.session.execute(query)


async def _owed_calls(read: Read, which: ColumnElement[bool]) -> list[OwedCall]:
    member = member_behind(_TABLE.c.member_id).label("member_id")
    columns = (_TABLE.c.id, _TABLE.c.number, member, _TABLE.c.member_name, _OWED.label("owed"), _TABLE.c.due_on)
    return [OwedCall(**row) for row in (await read.session.execute(select(*columns).where(which))).mappings()]


async def reached(read: Read, grant: Grant, invoice_id: UUID) -> InvoiceRow:
    """Return a call within reach. Raises InvoiceNotFound."""
    query = select(InvoiceRow).where(_TABLE.c.id == invoice_id, _within(grant))
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise InvoiceNotFound("Cet appel de cotisation n'existe pas, ou n'est pas dans votre périmètre.")
    return row


async def _also_called(read: Read, grant: Grant, rows: Sequence[InvoiceRow]) -> dict[UUID, list[str]]:
    """Return the other calls within reach of the same structures for the same years, by call."""
    query = select(_TABLE.c.id, _OTHER.c.number).where(
        _is_another(), _TABLE.c.id.in_([row.id for row in rows]), _OTHER.c.id.in_(visible(grant).correlate(None))
    )
    found: dict[UUID, list[str]] = {}
    for row in await read.session.execute(query.order_by(_OTHER.c.number)):
        found.setdefault(row.id, []).append(row.number)
    return found


def _is_another() -> ColumnElement[bool]:
    """Return the condition that two calls are of one structure, known under one record or two, for one year."""
    same = member_behind(_OTHER.c.member_id) == member_behind(_TABLE.c.member_id)
    both_stand = and_(_OTHER.c.voided_on.is_(None), _TABLE.c.voided_on.is_(None))
    return and_(_OTHER.c.year == _TABLE.c.year, _OTHER.c.id != _TABLE.c.id, same, both_stand)


def _within(grant: Grant) -> ColumnElement[bool]:
    return grant.covers(member=member_behind(_TABLE.c.member_id), delegation=_TABLE.c.delegation)


def _conditions(today: date, filters: InvoiceFilters) -> list[ColumnElement[bool]]:
    columns = _TABLE.c
    conditions: list[ColumnElement[bool]] = [
        columns[name].in_(values) for name in ("year", "delegation", "activity") if (values := getattr(filters, name))
    ]
    if filters.member_id:
        conditions.append(of_members(filters.member_id))
    if filters.issued_from:
        conditions.append(columns.issued_on >= filters.issued_from)
    if filters.issued_to:
        conditions.append(columns.issued_on <= filters.issued_to)
    if filters.status:
        conditions.append(columns.status.in_([status.value for status in filters.status]))
    if filters.q:
        conditions.append(
            or_(
                columns.number.icontains(filters.q, autoescape=True),
                columns.member_name.icontains(filters.q, autoescape=True),
            )
        )
    return conditions + _flags(today, filters)


def _flags(today: date, filters: InvoiceFilters) -> list[ColumnElement[bool]]:
    columns = _TABLE.c
    flags = (
        (filters.overdue, and_(columns.due_on < today, _IS_OWED)),
        (filters.called_twice, exists().where(_is_another()).correlate(_TABLE)),
        (filters.einvoice, columns.einvoice.is_not(None)),
    )
    return [condition if asked else not_(condition) for asked, condition in flags if asked is not None]


def _fields(row: InvoiceRow, others: Mapping[UUID, list[str]]) -> dict[str, Any]:
    status = InvoiceStatus(row.status)
    return {
        "id": row.id,
        "number": row.number,
        "member_id": row.member_id,
        "member_name": row.member_name,
        "delegation": row.delegation,
        "activity": row.activity,
        "year": row.year,
        "status": status,
        "status_label": status.label,
        "fixed": row.fixed,
        "variable": row.variable,
        "total": row.total,
        "paid": row.paid,
        "credited": row.credited,
        "owed": balance_of(row).owed,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "also_called": others.get(row.id, []),
        "pdf_ready": row.pdf_sha256 is not None,
        "einvoice": row.einvoice is not None,
        "allowed_actions": _actions(row),
    }


def _actions(row: InvoiceRow) -> list[str]:
    if row.pdf_sha256 is None:
        return []
    return ["download"] if row.einvoice is None else ["download", "download_xml"]
