"""Reads of invoices and of credit notes, and the dated rules of an invoice."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, null, or_, select

from common.blockers import tried
from common.dated import rule_on
from common.invoicing.einvoice import EInvoiceMissing
from common.invoicing.numbers import payment_reference
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped, shipped_rules
from common.transaction import Read
from training.billings.domain import PayerKind
from training.invoices import domain
from training.invoices.documents import invoice_line
from training.invoices.domain import Audience, InstalmentRule, InvoiceNotFound, InvoiceStatus, Mention, Terms
from training.invoices.repository import balance_of
from training.invoices.schemas import (
    InvoiceDefectOut,
    InvoiceFilters,
    InvoiceLine,
    InvoiceListParams,
    InvoiceOut,
    InvoiceRuleOut,
    InvoiceRulesOut,
    SettlementOut,
)
from training.invoices.tables import CreditNoteRow, InvoiceRow, SettlementRow
from training.rights import RIGHTS, Act

INVOICE: Any = InvoiceRow.__table__  # type: ignore[attr-defined]
_NOTE: Any = CreditNoteRow.__table__  # type: ignore[attr-defined]
_SETTLEMENT: Any = SettlementRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: INVOICE.c[name] for name in ("issued_on", "number", "due_on", "total")},
    default="-issued_on",
    unique=INVOICE.c.id,
)
_SAME = (
    "id", "number", "billing_id", "share_id", "session_id", "member_id", "individual", "payer_siren", "total", "paid",
    "credited", "issued_on", "due_on",
)  # fmt: skip
_PACKAGE = "training.invoices"
_PERSON = "une personne à ses frais"


@cache
def shipped_terms() -> tuple[Terms, ...]:
    """Return the terms of invoices, as shipped with the service."""
    return tuple(
        Terms(
            **{
                **rule,
                "audience": Audience(rule["audience"]),
                "mentions": tuple(Mention(**one) for one in rule["mentions"]),
            }
        )
        for rule in shipped(_PACKAGE, "terms.toml")["rules"]
    )


@cache
def _instalment_rules() -> tuple[InstalmentRule, ...]:
    return shipped_rules(_PACKAGE, "instalments.toml", InstalmentRule)


def instalment_rule(day: date) -> InstalmentRule:
    """Return how much a person may be asked on a day. Raises RuleMissing."""
    return rule_on(_instalment_rules(), day)


def rules_of(day: date) -> InvoiceRulesOut:
    """Return the rules of an invoice of a day, with where each comes from. Raises RuleMissing."""
    items = [one for audience in Audience for one in _told(domain.terms_on(shipped_terms(), audience, day))]
    rule = instalment_rule(day)
    text = f"Rien avant la fin du délai de rétractation, {rule.first_percent} % au plus ensuite, le solde au fil."
    told = InvoiceRuleOut(
        audience=Audience.INDIVIDUAL, code="instalments", text=text, since=rule.since, status=rule.status,
        source=rule.source,
    )  # fmt: skip
    return InvoiceRulesOut(items=[*items, told])


async def require_invoice(read: Read, grant: Grant, invoice_id: UUID) -> InvoiceRow:
    """Return an invoice within reach. Raises InvoiceNotFound."""
    query = _reached(grant).where(INVOICE.c.id == invoice_id).execution_options(populate_existing=True)
    row: InvoiceRow | None = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise InvoiceNotFound("Cette facture n'existe pas, ou n'est pas dans votre périmètre.")
    return row


async def require_paper(read: Read, grant: Grant, invoice_id: UUID) -> InvoiceRow:
    """Return an invoice whose paper may be read: that of a person names them, and is for who bills.

    Raises InvoiceNotFound.
    """
    row = await require_invoice(read, grant, invoice_id)
    if row.individual and not _bills(read):
        raise InvoiceNotFound("Cette facture n'existe pas, ou n'est pas dans votre périmètre.")
    return row


async def require_einvoice(read: Read, grant: Grant, invoice_id: UUID) -> InvoiceRow:
    """Return an invoice within reach that has an e-invoice. Raises InvoiceNotFound, EInvoiceMissing."""
    row = await require_paper(read, grant, invoice_id)
    if row.einvoice is None:
        raise EInvoiceMissing(f"{row.number} n'a pas de facture électronique.")
    return row


async def find_invoice(read: Read, grant: Grant, invoice_id: UUID) -> InvoiceOut:
    """Return an invoice within reach, as it is shown. Raises InvoiceNotFound."""
    row = await require_invoice(read, grant, invoice_id)
    notes = select(_NOTE.c.number).where(_NOTE.c.invoice_id == row.id).order_by(_NOTE.c.number)
    paid = select(SettlementRow).where(_SETTLEMENT.c.invoice_id == row.id).order_by(_SETTLEMENT.c.id)
    settlements = (await read.session.execute(paid)).scalars()
    allowed, blockers = tried(_attempts(read, row))
    return InvoiceOut(
        **_line(row, read.today).model_dump(),
        payment_reference=payment_reference(row.number),
        lines=[line["label"] for line in row.document["lines"]],
        mentions=row.document["mentions"],
        registration=row.document["registration"],
        einvoice_defects=[InvoiceDefectOut.model_validate(one) for one in row.einvoice_defects],
        paper_only=row.individual,
        credit_notes=list((await read.session.execute(notes)).scalars()),
        settlements=[SettlementOut.model_validate(one) for one in settlements],
        allowed_actions=[*allowed, *_downloads(read, row)],
        blockers=blockers,
    )


async def list_invoices(read: Read, grant: Grant, params: InvoiceListParams) -> Page[InvoiceLine]:
    """Return one page of the invoices within reach."""
    rows, cursor, total = await paginate(read, _filtered(read, grant, params), _ORDER, params)
    return Page(items=[_line(row, read.today) for row in rows], next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: InvoiceFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same invoices as the list with the same filters."""
    rows = await read.session.execute(_filtered(read, grant, filters).order_by(INVOICE.c.number))
    return (invoice_line(_line(row, read.today)) for row in rows.scalars().all())


def shown_payer(row: InvoiceRow) -> str:
    """Return what a payer is called in lists: never a person's name."""
    return row.payer_name or _PERSON


def _told(terms: Terms) -> Iterator[InvoiceRuleOut]:
    same: dict[str, Any] = {"audience": terms.audience, "since": terms.since}
    text = f"À régler sous {terms.due_days} jours."
    yield InvoiceRuleOut(**same, code="due_days", text=text, status=terms.status, source=terms.source)
    for one in terms.mentions:
        yield InvoiceRuleOut(**same, code=one.code, text=one.text, status=one.status, source=one.source)


def _bills(read: Read) -> bool:
    return grant_for(RIGHTS, Act.BILL, read.actor) is not None


def _attempts(read: Read, row: InvoiceRow) -> dict[str, Callable[[], object]]:
    balance, cent = balance_of(row), Decimal("0.01")
    acts: dict[str, Callable[[], object]] = {}
    if _bills(read):
        acts["settle"] = partial(domain.settle, balance, cent)
    if grant_for(RIGHTS, Act.CREDIT_INVOICES, read.actor):
        acts["credit"] = partial(domain.credit, balance, None)
    return acts


def _downloads(read: Read, row: InvoiceRow) -> list[str]:
    if row.pdf_sha256 is None or (row.individual and not _bills(read)):
        return []
    return ["download"] if row.einvoice is None else ["download", "download_xml"]


def _reached(grant: Grant) -> Select[Any]:
    return select(InvoiceRow).where(grant.covers(member=INVOICE.c.member_id, delegation=null()))


def _filtered(read: Read, grant: Grant, params: InvoiceFilters) -> Select[Any]:
    query = _reached(grant)
    wanted = {
        INVOICE.c.member_id: params.member_id,
        INVOICE.c.payer_kind: params.payer,
        INVOICE.c.payer_siren: params.payer_siren,
        INVOICE.c.session_id: params.session_id,
        INVOICE.c.billing_id: params.billing_id,
    }
    for column, values in wanted.items():
        if values:
            query = query.where(column.in_(values))
    if params.status:
        query = query.where(or_(*map(_is, params.status)))
    if params.issued_from:
        query = query.where(INVOICE.c.issued_on >= params.issued_from)
    if params.issued_to:
        query = query.where(INVOICE.c.issued_on <= params.issued_to)
    if params.overdue is not None:
        late = and_(_OWES, INVOICE.c.due_on < read.today)
        query = query.where(late if params.overdue else ~late)
    return query


_OWES = INVOICE.c.paid + INVOICE.c.credited < INVOICE.c.total


def _is(status: InvoiceStatus) -> ColumnElement[bool]:
    owes = _OWES if status in (InvoiceStatus.ISSUED, InvoiceStatus.PARTLY_PAID) else ~_OWES
    touched = INVOICE.c.paid > 0
    return and_(owes, touched if status in (InvoiceStatus.PARTLY_PAID, InvoiceStatus.PAID) else ~touched)


def _line(row: InvoiceRow, today: date) -> InvoiceLine:
    balance = balance_of(row)
    return InvoiceLine(
        **{name: getattr(row, name) for name in _SAME},
        payer_kind=PayerKind(row.payer_kind),
        payer_name=shown_payer(row),
        status=balance.status,
        status_label=balance.status.label,
        owed=balance.owed,
        overdue=bool(balance.owed) and row.due_on < today,
        pdf_ready=row.pdf_sha256 is not None,
        einvoice=row.einvoice is not None,
    )
