"""Reads of the calls for dues for who looks at them: one, a page, an export."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    not_,
    or_,
    select,
)
from sqlmodel import col

from common.blockers import tried
from common.invoicing.einvoice import EInvoiceMissing
from common.invoicing.numbers import payment_reference
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped
from common.sourced import Datum
from common.transaction import Read
from dues.grids.domain import delegation_name
from dues.grids.schemas import written_steps
from dues.invoices.domain import InvoiceStatus, issue_again, require_voidable
from dues.invoices.queries.reach import INVOICE, IS_OWED, of_members, reached, visible, within
from dues.invoices.repository import balance_of, particulars_of, terms_of, to_called
from dues.invoices.schemas import (
    EInvoiceDefectOut,
    InvoiceDetail,
    InvoiceFilters,
    InvoiceListParams,
    InvoiceOut,
    ShareOut,
)
from dues.invoices.tables import InvoiceRow, ShareRow
from dues.members.queries import member_behind
from dues.rights import RIGHTS, Act

_OTHER: Any = INVOICE.alias("other")
_ORDER = Order(
    columns={name: INVOICE.c[name] for name in ("number", "issued_on", "due_on", "total", "member_name")},
    default="-number",
    unique=INVOICE.c.id,
)
EXPORT_HEADER = (
    "numero", "adherent", "delegation", "activite", "annee", "part_fixe", "part_variable", "total", "regle", "credite",
    "reste_du", "emis_le", "echeance", "statut", "autres_appels_de_l_annee",
)  # fmt: skip


@cache
def shipped_retention() -> Datum[int]:
    """Return how many years a call is kept after the one of its issue."""
    return TypeAdapter(Datum[int]).validate_python(shipped("dues.invoices", "retention.toml"))


async def find_invoice(read: Read, grant: Grant, invoice_id: UUID) -> InvoiceDetail:
    """Return one call within reach, explained and shared out. Raises InvoiceNotFound."""
    row = await reached(read, grant, invoice_id)
    shares = await read.session.execute(
        select(ShareRow).where(col(ShareRow.invoice_id) == invoice_id).order_by(col(ShareRow.percent).desc())
    )
    return InvoiceDetail(
        **_fields(row, await _also_called(read, grant, [row]), credits_=_credits(read)),
        explanation=await _explanation(read, row),
        shares=[ShareOut.model_validate(share) for share in shares.scalars()],
        einvoice_defects=[EInvoiceDefectOut(**defect) for defect in row.einvoice_defects],
        kept_until=date(row.issued_on.year + shipped_retention().value, 12, 31),
    )


async def number_with_einvoice(read: Read, grant: Grant, invoice_id: UUID) -> str:
    """Return the number of a call within reach that has an e-invoice, or none yet: its file is not there either.

    Raises InvoiceNotFound, EInvoiceMissing.
    """
    row = await reached(read, grant, invoice_id)
    if row.einvoice is None and row.document is not None:
        rules = [defect["rule"] for defect in row.einvoice_defects]
        why = f" : elle ne respecterait pas {', '.join(rules)}" if rules else ""
        raise EInvoiceMissing(
            f"L'appel {row.number} a été émis sans facture électronique{why}.", extra={"defects": row.einvoice_defects}
        )
    return row.number


async def printed_calls(read: Read, grant: Grant, filters: InvoiceFilters) -> list[tuple[UUID, str]]:
    """Return the calls of a list whose document is stored, by number: their identifiers alone, however many."""
    query = select(INVOICE.c.id, INVOICE.c.number).where(
        within(grant), INVOICE.c.pdf_sha256.is_not(None), *_conditions(read.today, filters)
    )
    return [(row.id, row.number) for row in await read.session.execute(query.order_by(INVOICE.c.number))]


async def list_invoices(read: Read, grant: Grant, params: InvoiceListParams) -> Page[InvoiceOut]:
    """Return one page of calls within reach."""
    query = select(InvoiceRow).where(within(grant), *_conditions(read.today, params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    found = list(rows)
    others, credits_ = await _also_called(read, grant, found), _credits(read)
    items = [InvoiceOut(**_fields(row, others, credits_=credits_)) for row in found]
    return Page(items=items, next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: InvoiceFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same calls as the list with the same filters."""
    query = select(InvoiceRow).where(within(grant), *_conditions(read.today, filters)).order_by(INVOICE.c.number)
    rows = (await read.session.execute(query)).scalars().all()
    others = await _also_called(read, grant, rows)
    return (
        (
            row.number,
            row.member_name,
            delegation_name(row.delegation),
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


async def _explanation(read: Read, row: InvoiceRow) -> list[dict[str, Any]]:
    """Return how a call was computed: as it was written, or as it will be."""
    if row.explanation is not None:
        return row.explanation
    terms = await terms_of(read, [row.terms_id])
    invoice = issue_again(to_called(row), particulars_of(row), terms[row.terms_id])
    return written_steps(invoice.assessment.explanation)


async def _also_called(read: Read, grant: Grant, rows: Sequence[InvoiceRow]) -> dict[UUID, list[str]]:
    """Return the other calls within reach of the same structures for the same years, by call."""
    query = select(INVOICE.c.id, _OTHER.c.number).where(
        _is_another(), INVOICE.c.id.in_([row.id for row in rows]), _OTHER.c.id.in_(visible(grant).correlate(None))
    )
    found: dict[UUID, list[str]] = {}
    for row in await read.session.execute(query.order_by(_OTHER.c.number)):
        found.setdefault(row.id, []).append(row.number)
    return found


def _is_another() -> ColumnElement[bool]:
    """Return the condition that two calls are of one structure, known under one record or two, for one year."""
    same = member_behind(_OTHER.c.member_id) == member_behind(INVOICE.c.member_id)
    both_stand = and_(_OTHER.c.voided_on.is_(None), INVOICE.c.voided_on.is_(None))
    return and_(_OTHER.c.year == INVOICE.c.year, _OTHER.c.id != INVOICE.c.id, same, both_stand)


def _conditions(today: date, filters: InvoiceFilters) -> list[ColumnElement[bool]]:
    columns = INVOICE.c
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
    columns = INVOICE.c
    flags: list[tuple[bool | None, ColumnElement[bool]]] = [
        (filters.overdue, and_(columns.due_on < today, IS_OWED)),
        (filters.called_twice, exists().where(_is_another()).correlate(INVOICE)),
        (filters.einvoice, columns.einvoice.is_not(None)),
        # Of a call that is not written yet, nobody knows: it is neither with nor without.
        (None if filters.einvoice is None else True, columns.document.is_not(None)),
    ]
    return [condition if asked else not_(condition) for asked, condition in flags if asked is not None]


def _credits(read: Read) -> bool:
    return grant_for(RIGHTS, Act.CREDIT_INVOICES, read.actor) is not None


def _fields(row: InvoiceRow, others: Mapping[UUID, list[str]], *, credits_: bool) -> dict[str, Any]:
    status, balance = InvoiceStatus(row.status), balance_of(row)
    actions, blockers = tried({"void": partial(require_voidable, balance)} if credits_ else {})
    return {
        "id": row.id,
        "number": row.number,
        "payment_reference": payment_reference(row.number),
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
        "owed": balance.owed,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "also_called": others.get(row.id, []),
        "pdf_ready": row.pdf_sha256 is not None,
        "einvoice": row.einvoice is not None,
        "allowed_actions": [*_downloads(row), *actions],
        "blockers": blockers,
    }


def _downloads(row: InvoiceRow) -> list[str]:
    if row.pdf_sha256 is None:
        return []
    return ["download"] if row.einvoice is None else ["download", "download_xml"]
