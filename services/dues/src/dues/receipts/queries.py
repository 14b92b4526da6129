"""Reads of receipts: what came in, where it went, and what an amount would pay."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import col

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped
from common.sourced import DatumStatus
from common.transaction import Read
from dues.grids.domain import delegation_name
from dues.invoices.queries import find_invoice, numbers_of, open_calls
from dues.members.queries import member_behind, require_member
from dues.receipts import domain, repository
from dues.receipts.domain import ActKind, Receipt, ReceiptMethod, ReceiptNotFound, ReceiptStatus, ReturnReason, propose
from dues.receipts.schemas import (
    ActOut,
    MovementOut,
    PaymentOut,
    PaymentsOut,
    ProposalOut,
    ProposalParams,
    ProposedOut,
    ReceiptDetail,
    ReceiptFilters,
    ReceiptListParams,
    ReceiptOut,
    ReturnReasonOut,
    ReturnReasonsOut,
)
from dues.receipts.tables import ActRow, MovementRow, ReceiptRow
from dues.rights import RIGHTS, Act

_TABLE: Any = ReceiptRow.__table__  # type: ignore[attr-defined]
RECEIPTS: Any = _TABLE.c
MOVEMENTS: Any = MovementRow.__table__.c  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _TABLE.c[name] for name in ("number", "received_on", "amount")},
    default="-received_on",
    unique=_TABLE.c.id,
)

EXPORT_HEADER = (
    "numero", "recu_le", "mode", "adherent", "delegation", "montant", "affecte", "rembourse", "reste", "statut",
    "depose_le", "reference_du_payeur", "reference_bancaire", "numero_du_cheque", "banque_du_cheque", "revenu_le",
    "motif_du_retour",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """Money put on a call, or taken back from it where negative; ``came_back`` with a cheque or a debit unpaid."""

    id: UUID
    invoice_id: UUID
    receipt_number: str
    method: ReceiptMethod
    amount: Decimal
    day: date
    recorded_on: date
    reason: str | None
    came_back: bool


@cache
def return_reasons() -> tuple[ReturnReason, ...]:
    """Return why a cheque or a debit comes back, as the banks code it."""
    kind = TypeAdapter(tuple[ReturnReason, ...])
    return kind.validate_python(shipped("dues.receipts", "return-reasons.toml")["reasons"])


def list_return_reasons() -> ReturnReasonsOut:
    """Return the reasons as the API shows them."""
    return ReturnReasonsOut(items=[_reason(one) for one in return_reasons()])


async def propose_allocations(read: Read, grant: Grant, params: ProposalParams) -> ProposalOut:
    """Return what an amount of a member would pay. Raises MemberUnknown, MemberMerged."""
    await require_member(read, grant, params.member_id)
    calls = {call.id: call for call in await open_calls(read, params.member_id)}
    amounts = propose(params.amount, calls.values())
    return ProposalOut(
        member_id=params.member_id,
        amount=params.amount,
        allocations=[
            ProposedOut(
                invoice_id=call_id,
                number=calls[call_id].number,
                due_on=calls[call_id].due_on,
                owed=calls[call_id].owed,
                amount=amount,
            )
            for call_id, amount in amounts.items()
        ],
        owed=sum((call.owed for call in calls.values()), Decimal("0.00")),
        rest=params.amount - sum(amounts.values(), Decimal("0.00")),
    )


async def find_receipt(read: Read, grant: Grant, receipt_id: UUID) -> ReceiptDetail:
    """Return one receipt within reach, with all that was done with it. Raises ReceiptNotFound."""
    query = select(ReceiptRow).where(_TABLE.c.id == receipt_id, _within(grant))
    row = (await read.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise ReceiptNotFound("Ce règlement n'existe pas, ou n'est pas dans votre périmètre.")
    keeps = _may_keep(read)
    return ReceiptDetail(
        **_fields(row, keeps=keeps), movements=await _movements(read, receipt_id), acts=await _acts(read, receipt_id)
    )


async def standing_of(read: Read, receipt_ids: Collection[UUID]) -> dict[UUID, Receipt]:
    """Return some receipts as they stand, whoever asks."""
    query = select(ReceiptRow).where(_TABLE.c.id.in_(receipt_ids)).execution_options(populate_existing=True)
    return {row.id: repository.to_domain(row) for row in (await read.session.execute(query)).scalars()}


def standing_receipts(*methods: ReceiptMethod) -> Select[Any]:
    """Select the receipts that stand and came in by some methods, for another capability to read on."""
    names = ("id", "number", "method", "amount", "received_on", "deposited_on", "bank_reference", "member_name")
    standing = _TABLE.c.returned_on.is_(None), _TABLE.c.cancelled_on.is_(None)
    return select(*(_TABLE.c[name] for name in names)).where(_TABLE.c.method.in_(methods), *standing)


async def list_receipts(read: Read, grant: Grant, params: ReceiptListParams) -> Page[ReceiptOut]:
    """Return one page of receipts within reach."""
    query = select(ReceiptRow).where(_within(grant), *_conditions(params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    keeps = _may_keep(read)
    return Page(items=[ReceiptOut(**_fields(row, keeps=keeps)) for row in rows], next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: ReceiptFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same receipts as the list with the same filters."""
    query = select(ReceiptRow).where(_within(grant), *_conditions(filters)).order_by(_TABLE.c.number)
    return (_export_line(row) for row in (await read.session.execute(query)).scalars().all())


async def payments_of(read: Read, grant: Grant, invoice_id: UUID) -> PaymentsOut:
    """Return what was paid of a call within reach, and taken back from it. Raises InvoiceNotFound."""
    invoice = await find_invoice(read, grant, invoice_id)
    query = (
        select(MovementRow, _TABLE.c.number, _TABLE.c.method)
        .join(ReceiptRow, _TABLE.c.id == col(MovementRow.receipt_id))
        .where(col(MovementRow.invoice_id) == invoice_id)
        .order_by(col(MovementRow.recorded_at), col(MovementRow.id))
    )
    return PaymentsOut(
        invoice_id=invoice.id,
        number=invoice.number,
        status=invoice.status,
        status_label=invoice.status_label,
        total=invoice.total,
        paid=invoice.paid,
        credited=invoice.credited,
        owed=invoice.owed,
        payments=[_payment(*row) for row in await read.session.execute(query)],
    )


def moved_after(day: date) -> Select[Any]:
    """Select what was put on calls after a day, or taken back from them: the call, and the amount."""
    return select(MOVEMENTS.invoice_id, MOVEMENTS.amount).where(MOVEMENTS.recorded_on > day)


async def moved_until(read: Read, invoice_ids: Collection[UUID], day: date) -> list[Moved]:
    """Return what was put on some calls by the end of a day, and taken back from them, in order."""
    query = (
        select(MovementRow, _TABLE.c.number, _TABLE.c.method, _TABLE.c.returned_on)
        .join(ReceiptRow, _TABLE.c.id == col(MovementRow.receipt_id))
        .where(col(MovementRow.invoice_id).in_(invoice_ids), col(MovementRow.recorded_on) <= day)
        .order_by(col(MovementRow.id))
    )
    return [
        Moved(
            id=row.id,
            invoice_id=row.invoice_id,
            receipt_number=number,
            method=ReceiptMethod(method),
            amount=row.amount,
            day=row.day,
            recorded_on=row.recorded_on,
            reason=row.reason,
            came_back=row.amount < 0 and returned_on == row.day,
        )
        for row, number, method, returned_on in await read.session.execute(query)
    ]


async def advance_of(read: Read, records: Collection[UUID]) -> Decimal:
    """Return what is left today of the money of some records of one member, on no call yet."""
    columns = _TABLE.c
    left = func.coalesce(func.sum(columns.amount - columns.allocated - columns.refunded), Decimal("0.00"))
    query = select(left).where(columns.member_id.in_(records), columns.status == ReceiptStatus.OPEN.value)
    advance: Decimal = (await read.session.execute(query)).scalar_one()
    return advance


async def _movements(read: Read, receipt_id: UUID) -> list[MovementOut]:
    query = select(MovementRow).where(col(MovementRow.receipt_id) == receipt_id)
    query = query.order_by(col(MovementRow.recorded_at), col(MovementRow.id))
    rows = (await read.session.execute(query)).scalars().all()
    numbers = await numbers_of(read, {row.invoice_id for row in rows})
    return [
        MovementOut(
            id=row.id,
            invoice_id=row.invoice_id,
            invoice_number=numbers[row.invoice_id],
            amount=row.amount,
            day=row.day,
            reason=row.reason,
            recorded_on=row.recorded_on,
            recorded_by=row.recorded_by,
        )
        for row in rows
    ]


async def _acts(read: Read, receipt_id: UUID) -> list[ActOut]:
    query = select(ActRow).where(col(ActRow.receipt_id) == receipt_id)
    rows = (await read.session.execute(query.order_by(col(ActRow.recorded_at), col(ActRow.id)))).scalars()
    return [
        ActOut(
            kind=ActKind(row.kind),
            kind_label=ActKind(row.kind).label,
            day=row.day,
            amount=row.amount,
            member_id=row.member_id,
            reference=row.reference,
            reason=row.reason,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
        )
        for row in rows
    ]


def _payment(row: MovementRow, number: str, method: str) -> PaymentOut:
    return PaymentOut(
        receipt_id=row.receipt_id,
        receipt_number=number,
        method=ReceiptMethod(method),
        method_label=ReceiptMethod(method).label,
        amount=row.amount,
        day=row.day,
        reason=row.reason,
    )


def _reason(reason: ReturnReason) -> ReturnReasonOut:
    data = (reason.label, reason.methods, reason.action)
    return ReturnReasonOut(
        code=reason.code,
        label=reason.label.value,
        label_status=reason.label.status,
        methods=list(reason.methods.value),
        methods_status=reason.methods.status,
        action=reason.action.value,
        action_label=reason.action.value.label,
        action_status=reason.action.status,
        source=reason.label.source,
        notes=[datum.note for datum in data if datum.status is DatumStatus.ASSUMED],
    )


def _may_keep(read: Read) -> bool:
    return grant_for(RIGHTS, Act.KEEP_RECEIPTS, read.actor) is not None


def _within(grant: Grant) -> ColumnElement[bool]:
    return grant.covers(member=member_behind(_TABLE.c.member_id), delegation=_TABLE.c.delegation)


def _conditions(filters: ReceiptFilters) -> list[ColumnElement[bool]]:
    columns = _TABLE.c
    conditions: list[ColumnElement[bool]] = [
        columns[name].in_(values) for name in ("delegation", "method", "status") if (values := getattr(filters, name))
    ]
    if filters.member_id:  # the record itself too: whoever holds an old identifier finds what was entered under it
        of_members = member_behind(columns.member_id).in_(filters.member_id)
        conditions.append(or_(columns.member_id.in_(filters.member_id), of_members))
    conditions += [*_days(filters.received_from, filters.received_to), *_states(filters)]
    if filters.q:
        texts = ("number", "member_name", "payer_reference", "bank_reference", "cheque_number")
        conditions.append(or_(*(columns[name].icontains(filters.q, autoescape=True) for name in texts)))
    return conditions


def _days(since: date | None, until: date | None) -> Iterator[ColumnElement[bool]]:
    if since:
        yield _TABLE.c.received_on >= since
    if until:
        yield _TABLE.c.received_on <= until


def _states(filters: ReceiptFilters) -> Iterator[ColumnElement[bool]]:
    """Return the conditions on what became of money; of money that is open something is left, of no other."""
    columns = _TABLE.c
    to_deposit = and_(
        columns.method.in_(domain.TAKEN_TO_THE_BANK),
        columns.deposited_on.is_(None),
        columns.returned_on.is_(None),
        columns.cancelled_on.is_(None),
    )
    for wanted, condition in (
        (filters.has_rest, columns.status == ReceiptStatus.OPEN.value),
        (filters.attributed, columns.member_id.is_not(None)),
        (filters.deposited, ~to_deposit),
    ):
        if wanted is not None:
            yield condition if wanted else ~condition


def _export_line(row: ReceiptRow) -> Sequence[object]:
    receipt = repository.to_domain(row)
    return (
        row.number,
        row.received_on,
        receipt.method.label,
        row.member_name,
        delegation_name(row.delegation),
        row.amount,
        row.allocated,
        row.refunded,
        receipt.rest,
        receipt.status.label,
        row.deposited_on,
        row.payer_reference,
        row.bank_reference,
        row.cheque_number,
        row.cheque_bank,
        row.returned_on,
        row.return_reason,
    )


def _fields(row: ReceiptRow, *, keeps: bool) -> dict[str, Any]:
    receipt = repository.to_domain(row)
    action = _action(receipt)
    actions, blockers = tried(_attempts(receipt)) if keeps else ([], {})
    return {
        "id": row.id,
        "number": row.number,
        "method": receipt.method,
        "method_label": receipt.method.label,
        "status": receipt.status,
        "status_label": receipt.status.label,
        "member_id": row.member_id,
        "member_name": row.member_name,
        "delegation": row.delegation,
        "amount": row.amount,
        "allocated": row.allocated,
        "refunded": row.refunded,
        "rest": receipt.rest,
        "to_recover": receipt.to_recover,
        "received_on": row.received_on,
        "deposited_on": row.deposited_on,
        "payer_reference": row.payer_reference,
        "bank_reference": row.bank_reference,
        "cheque_number": row.cheque_number,
        "cheque_bank": row.cheque_bank,
        "returned_on": row.returned_on,
        "return_reason": row.return_reason,
        "return_action": action,
        "return_action_label": action.label if action else None,
        "cancelled_on": row.cancelled_on,
        "note": row.note if keeps else None,
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by,
        "version": row.version,
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _action(receipt: Receipt) -> domain.ReturnAction | None:
    reasons = {reason.code: reason for reason in return_reasons()}
    return reasons[receipt.return_reason].action.value if receipt.return_reason else None


def _attempts(receipt: Receipt) -> dict[str, Any]:
    return {
        "allocate": partial(domain.require_usable, receipt),
        "take_back": partial(domain.require_allocated, receipt),
        "attribute": partial(domain.require_attributable, receipt),
        "deposit": partial(domain.require_depositable, receipt),
        "refund": partial(domain.require_refundable, receipt),
        "return": partial(domain.require_returnable, receipt),
        "cancel": partial(domain.require_cancellable, receipt),
    }
