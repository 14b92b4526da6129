"""Reads of credit notes. Who reads a call reads what takes it back; a draft is finance's own."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from common.blockers import tried
from common.invoicing.einvoice import EInvoiceMissing
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from dues.credit_notes.domain import CreditNotFound, CreditReason, CreditStatus, require_draft
from dues.credit_notes.schemas import CreditFilters, CreditListParams, CreditOut
from dues.credit_notes.tables import CreditRow
from dues.grids.domain import delegation_name
from dues.invoices.domain import NO_PARTS, Called, Parts
from dues.invoices.queries import CALLS, called_of, joined_with_call, of_members
from dues.rights import RIGHTS, Act

_CREDIT: Any = CreditRow.__table__  # type: ignore[attr-defined]
CREDITS: Any = _CREDIT.c
_ORDER = Order(
    columns={name: _CREDIT.c[name] for name in ("drafted_at", "reference", "total")},
    default="-drafted_at",
    unique=_CREDIT.c.id,
)

EXPORT_HEADER = (
    "reference", "statut", "appel", "adherent", "delegation", "annee", "part_fixe", "part_variable", "total", "raison",
    "precision", "emis_le",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CreditNote:
    """An issued credit note, for whoever follows what is owed of the call that it takes back."""

    reference: str
    invoice_id: UUID
    total: Decimal
    reason: CreditReason
    issued_on: date


async def find_credit(read: Read, grant: Grant, credit_id: UUID) -> CreditOut:
    """Return one credit note within reach. Raises CreditNotFound."""
    row = (await read.session.execute(_query(read, grant).where(_CREDIT.c.id == credit_id))).one_or_none()
    if row is None:
        raise CreditNotFound("Cet avoir n'existe pas, ou n'est pas dans votre périmètre.")
    return _out(row[0], called_of(row), credits_=_credits(read))


async def reference_with_einvoice(read: Read, grant: Grant, credit_id: UUID) -> str:
    """Return the number of a credit note within reach that has an e-invoice. Raises CreditNotFound, EInvoiceMissing."""
    found = await find_credit(read, grant, credit_id)
    if not found.einvoice:
        raise EInvoiceMissing(f"{found.reference} n'a pas de facture électronique, comme l'appel qu'il reprend.")
    return found.reference


async def list_credits(read: Read, grant: Grant, params: CreditListParams) -> Page[CreditOut]:
    """Return one page of credit notes within reach."""
    rows, cursor, total = await paginate(read, _filtered(read, grant, params), _ORDER, params)
    credits_ = _credits(read)
    return Page(
        items=[_out(row[0], called_of(row), credits_=credits_) for row in rows], next_cursor=cursor, total=total
    )


async def credited_parts(
    source: Read, invoice_ids: Collection[UUID], reasons: Collection[CreditReason] = tuple(CreditReason)
) -> dict[UUID, Parts]:
    """Return what was credited so far of each part of some calls, whoever asks; drafts take nothing off yet."""
    query = (
        select(_CREDIT.c.invoice_id, func.sum(_CREDIT.c.fixed), func.sum(_CREDIT.c.variable))
        .where(_CREDIT.c.invoice_id.in_(invoice_ids), _CREDIT.c.status == CreditStatus.ISSUED.value)
        .where(_CREDIT.c.reason.in_([reason.value for reason in reasons]))
        .group_by(_CREDIT.c.invoice_id)
    )
    found = {invoice_id: Parts(fixed, variable) for invoice_id, fixed, variable in await source.session.execute(query)}
    return {invoice_id: found.get(invoice_id, NO_PARTS) for invoice_id in invoice_ids}


def credited_after(day: date) -> Select[Any]:
    """Select what was credited after a day: the call, and the amount."""
    query = select(_CREDIT.c.invoice_id, _CREDIT.c.total.label("amount"))
    return query.where(_CREDIT.c.issued_on > day, _CREDIT.c.status == CreditStatus.ISSUED.value)


async def credited_until(read: Read, invoice_ids: Collection[UUID], day: date) -> list[CreditNote]:
    """Return the credit notes that were issued for some calls by the end of a day."""
    columns = (_CREDIT.c.reference, _CREDIT.c.invoice_id, _CREDIT.c.total, _CREDIT.c.reason, _CREDIT.c.issued_on)
    query = select(*columns).where(_CREDIT.c.invoice_id.in_(invoice_ids), _CREDIT.c.issued_on <= day)
    rows = await read.session.execute(query.order_by(_CREDIT.c.reference))
    return [
        CreditNote(row.reference, row.invoice_id, row.total, CreditReason(row.reason), row.issued_on) for row in rows
    ]


async def export_rows(read: Read, grant: Grant, filters: CreditFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same credit notes as the list with the same filters."""
    rows = await read.session.execute(_filtered(read, grant, filters).order_by(_CREDIT.c.reference))
    return (
        (
            row.reference,
            CreditStatus(row.status).label,
            invoice.number,
            invoice.member_name,
            delegation_name(invoice.delegation),
            invoice.year,
            row.fixed,
            row.variable,
            row.total,
            CreditReason(row.reason).label,
            row.note,
            row.issued_on,
        )
        for row, invoice in ((row[0], called_of(row)) for row in rows.all())
    )


def _query(read: Read, grant: Grant) -> Select[Any]:
    query = joined_with_call(select(CreditRow), _CREDIT.c.invoice_id, grant)
    return query if _credits(read) else query.where(_CREDIT.c.status == CreditStatus.ISSUED.value)


def _filtered(read: Read, grant: Grant, filters: CreditFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (_CREDIT.c.status, [one.value for one in filters.status]),
        (_CREDIT.c.reason, [one.value for one in filters.reason]),
        (_CREDIT.c.invoice_id, filters.invoice_id),
        (CALLS.year, filters.year),
        (CALLS.delegation, filters.delegation),
    ):
        if values:
            conditions.append(column.in_(values))
    if filters.member_id:
        conditions.append(of_members(filters.member_id))
    if filters.issued_from:
        conditions.append(_CREDIT.c.issued_on >= filters.issued_from)
    if filters.issued_to:
        conditions.append(_CREDIT.c.issued_on <= filters.issued_to)
    if filters.q:
        words = (_CREDIT.c.reference, CALLS.number, CALLS.member_name)
        conditions.append(or_(*(column.icontains(filters.q, autoescape=True) for column in words)))
    return _query(read, grant).where(*conditions)


def _credits(read: Read) -> bool:
    return grant_for(RIGHTS, Act.CREDIT_INVOICES, read.actor) is not None


def _out(row: CreditRow, invoice: Called, *, credits_: bool) -> CreditOut:
    status = CreditStatus(row.status)
    acts = dict.fromkeys(("change", "delete", "issue"), partial(require_draft, status))
    actions, blockers = tried(acts) if credits_ else ([], {})
    return CreditOut(
        id=row.id,
        reference=row.reference,
        status=status,
        status_label=status.label,
        invoice_id=invoice.id,
        invoice_number=invoice.number,
        member_id=invoice.member_id,
        member_name=invoice.member_name,
        delegation=invoice.delegation,
        year=invoice.year,
        fixed=row.fixed,
        variable=row.variable,
        total=row.total,
        reason=CreditReason(row.reason),
        reason_label=CreditReason(row.reason).label,
        note=row.note,
        voids=row.voids,
        drafted_at=row.drafted_at,
        issued_on=row.issued_on,
        pdf_ready=row.pdf_sha256 is not None,
        einvoice=row.einvoice is not None,
        version=row.version,
        allowed_actions=[*actions, *_downloads(row)],
        blockers=blockers,
    )


def _downloads(row: CreditRow) -> list[str]:
    if row.pdf_sha256 is None:
        return []
    return ["download"] if row.einvoice is None else ["download", "download_xml"]
