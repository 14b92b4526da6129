"""Saves the calls for dues; the only writer of their tables. Set-based: a campaign issues hundreds at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import bindparam, func, insert, select, update
from sqlmodel import col

from common.db import copy_rows, json_text
from common.identifiers import new_id
from common.invoicing.conformity import Defect
from common.invoicing.einvoice import EInvoice
from common.invoicing.keeping import from_kept, to_kept
from common.transaction import Read, Tx
from dues.invoices.domain import (
    NOTHING,
    Balance,
    Called,
    Invoice,
    InvoiceNotFound,
    InvoiceStatus,
    Particulars,
    Parts,
    Terms,
)
from dues.invoices.tables import InvoiceRow, ShareRow, TermsRow
from dues.members.queries import among

_TERMS: Final = TypeAdapter(Terms)
_PARTICULARS: Final = TypeAdapter(Particulars)
_CALL, _COMPLEMENT = "call", "complement"


@dataclass(frozen=True, slots=True)
class Issued:
    """A call for dues with its identity."""

    id: UUID
    campaign_id: UUID
    invoice: Invoice


@dataclass(frozen=True, slots=True)
class Paper:
    """What a call says: how it was computed, what is on the page, and in its e-invoice where it can have one."""

    explanation: list[dict[str, Any]]
    document: Mapping[str, Any]
    einvoice: EInvoice | None


async def last_issued_on(tx: Tx) -> date | None:
    """Return the day of the last call issued. Once numbers are taken nobody else issues before the end."""
    last: date | None = (await tx.session.execute(select(func.max(col(InvoiceRow.issued_on))))).scalar_one()
    return last


async def add(tx: Tx, issued: Sequence[Issued], terms: Terms) -> None:
    """Insert calls with their shares. The database refuses a second call for one member and campaign."""
    terms_id = new_id()
    await tx.session.execute(insert(TermsRow).values(id=terms_id, terms=terms))
    await copy_rows(tx.session, InvoiceRow.__tablename__, (_values(item, terms_id) for item in issued))
    shares = (
        {"invoice_id": item.id, "beneficiary": part.code, "percent": part.percent, "amount": part.amount}
        for item in issued
        for part in item.invoice.parts
    )
    await copy_rows(tx.session, ShareRow.__tablename__, shares)


async def hold(tx: Tx, invoice_ids: Collection[UUID]) -> dict[UUID, InvoiceRow]:
    """Load calls and hold them, each time in the same order. Raises InvoiceNotFound."""
    query = select(InvoiceRow).where(col(InvoiceRow.id).in_(invoice_ids)).order_by(col(InvoiceRow.id))
    query = query.with_for_update().execution_options(populate_existing=True)
    rows = {row.id: row for row in (await tx.session.execute(query)).scalars()}
    if len(rows) < len(set(invoice_ids)):
        raise InvoiceNotFound("Cet appel de cotisation n'existe pas.")
    return rows


async def hold_all(tx: Tx, invoice_ids: Collection[UUID]) -> None:
    """Hold calls until the end of the transaction, each time in the same order, without loading them."""
    query = select(col(InvoiceRow.id)).where(col(InvoiceRow.id) == among(invoice_ids)).order_by(col(InvoiceRow.id))
    await tx.session.execute(query.with_for_update())


def balance_of(row: InvoiceRow) -> Balance:
    """Return what became of a call."""
    return Balance(row.number, row.total, row.paid, row.credited)


def to_called(row: InvoiceRow) -> Called:
    """Read a row as others know a call."""
    return Called(
        id=row.id,
        number=row.number,
        rank=row.rank,
        member_id=row.member_id,
        member_name=row.member_name,
        delegation=row.delegation,
        activity=row.activity,
        year=row.year,
        parts=Parts(row.fixed, row.variable),
        issued_on=row.issued_on,
        due_on=row.due_on,
        balance=balance_of(row),
        voided=row.voided_on is not None,
    )


async def terms_of(read: Read, terms_ids: Collection[UUID | None]) -> dict[UUID | None, Terms]:
    """Return what calls have in common with those that were issued with them."""
    rows = (await read.session.execute(select(TermsRow).where(col(TermsRow.id).in_(terms_ids)))).scalars()
    return {row.id: _TERMS.validate_python(row.terms) for row in rows}


def particulars_of(row: InvoiceRow) -> Particulars:
    """Return what is proper to a call beside what everybody knows of it."""
    return _PARTICULARS.validate_python(row.particulars)


def paper_of(row: InvoiceRow) -> Paper:
    """Return what a call says, once it is written."""
    if row.explanation is None or row.document is None:
        raise ValueError(f"{row.number} is not written yet")
    return Paper(row.explanation, row.document, from_kept(row.einvoice))


def save_paper(row: InvoiceRow, paper: Paper, defects: Sequence[Defect]) -> None:
    """Write what a held call says on it, and which rules its e-invoice would break."""
    row.explanation = paper.explanation
    row.document = dict(paper.document)
    row.einvoice = None if paper.einvoice is None else to_kept(paper.einvoice)
    row.einvoice_defects = [asdict(defect) for defect in defects]


async def save(tx: Tx, row: InvoiceRow, balance: Balance) -> None:
    """Save what became of a held call."""
    row.paid, row.credited = balance.paid, balance.credited
    row.status = to_called(row).status.value
    await tx.session.flush()


async def to_print(tx: Tx, campaign_id: UUID, limit: int) -> list[InvoiceRow]:
    """Return the next calls of a campaign whose document is not stored yet, by number."""
    query = (
        select(InvoiceRow)
        .where(col(InvoiceRow.campaign_id) == campaign_id, col(InvoiceRow.pdf_sha256).is_(None))
        .order_by(col(InvoiceRow.number))
        .limit(limit)
    )
    return list((await tx.session.execute(query)).scalars())


async def note_printed(tx: Tx, digests: Mapping[UUID, str]) -> None:
    """Note that these documents are stored, and what each is."""
    statement = update(InvoiceRow.__table__).where(col(InvoiceRow.id) == bindparam("invoice_id"))  # type: ignore[attr-defined]
    connection = await tx.session.connection()
    await connection.execute(
        statement.values(pdf_sha256=bindparam("digest")),
        [{"invoice_id": invoice_id, "digest": digest} for invoice_id, digest in digests.items()],
    )


def pdf_path(invoice_id: UUID) -> str:
    """Return where the document of a call is stored."""
    return f"invoices/{invoice_id}.pdf"


def _values(item: Issued, terms_id: UUID) -> dict[str, object]:
    invoice, buyer, due = item.invoice, item.invoice.buyer, item.invoice.assessment
    particulars = Particulars(
        siren=buyer.siren,
        address=buyer.address,
        mail_address=buyer.mail_address,
        base=due.base,
        activities=due.case.activities,
        joined_on=due.case.joined_on,
        category=due.category,
    )
    return {
        "id": item.id,
        "number": invoice.number,
        "campaign_id": item.campaign_id,
        "member_id": buyer.member_id,
        "kind": _COMPLEMENT if invoice.rank else _CALL,
        "rank": invoice.rank,
        "year": invoice.year,
        "status": InvoiceStatus.ISSUED.value,
        "member_name": buyer.name,
        "delegation": buyer.delegation,
        "activity": due.kind,
        "fixed": invoice.called.fixed,
        "variable": invoice.called.variable,
        "total": invoice.total,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "terms_id": terms_id,
        "particulars": json_text(particulars),
        "pdf_sha256": None,
        "paid": NOTHING,
        "credited": NOTHING,
    }
