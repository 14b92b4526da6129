"""Loads and saves receipts, their movements and their acts; the only writer of their tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.members.domain import KnownMember
from dues.receipts.domain import BankReferenceTaken, Entered, Receipt, ReceiptAct, ReceiptMethod, ReceiptNotFound
from dues.receipts.tables import ActRow, MovementRow, ReceiptRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Money of a receipt put on a call, or taken back from it where negative."""

    id: UUID
    receipt_id: UUID
    invoice_id: UUID
    amount: Decimal
    paid_after: Decimal
    day: date
    reason: str | None


async def add(tx: Tx, receipt: Receipt, entered: Entered, member: KnownMember | None) -> None:
    """Insert a receipt as it was entered. Raises BankReferenceTaken."""
    values = {
        **_values(receipt),
        **_member(member),
        "id": receipt.id,
        "number": receipt.number,
        "entity": receipt.entity,
        "method": receipt.method.value,
        "amount": receipt.amount,
        "received_on": receipt.received_on,
        "payer_reference": entered.payer_reference,
        "bank_reference": entered.bank_reference,
        "cheque_number": entered.cheque_number,
        "cheque_bank": entered.cheque_bank,
        "note": entered.note,
        "recorded_at": tx.now,
        "recorded_by": tx.actor.subject,
    }
    statement = postgresql.insert(ReceiptRow).values(**values).on_conflict_do_nothing().returning(col(ReceiptRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        taken = await _entered_as(tx, receipt.entity, entered.bank_reference)
        raise BankReferenceTaken(
            f"Cette ligne de banque est déjà saisie : {taken.number}.",
            extra={"receipt_id": str(taken.id), "number": taken.number},
        )


async def hold(tx: Tx, receipt_id: UUID) -> Receipt:
    """Load a receipt and hold it until the end of the transaction. Raises ReceiptNotFound."""
    row = await tx.session.get(ReceiptRow, receipt_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ReceiptNotFound("Ce règlement n'existe pas.")
    return to_domain(row)


async def save(tx: Tx, receipt: Receipt) -> Receipt:
    """Save what became of a held receipt, which is thereby in its next version."""
    saved = replace(receipt, version=receipt.version + 1)
    await tx.session.execute(update(ReceiptRow).where(col(ReceiptRow.id) == receipt.id).values(**_values(saved)))
    return saved


async def save_member(tx: Tx, receipt: Receipt, member: KnownMember) -> Receipt:
    """Save whose money a held receipt is."""
    await tx.session.execute(update(ReceiptRow).where(col(ReceiptRow.id) == receipt.id).values(**_member(member)))
    return await save(tx, receipt)


async def add_movements(tx: Tx, movements: Sequence[Movement]) -> None:
    """Insert where money went."""
    common = {"recorded_on": tx.today, "recorded_at": tx.now, "recorded_by": tx.actor.subject}
    values = [
        {
            "id": one.id,
            "receipt_id": one.receipt_id,
            "invoice_id": one.invoice_id,
            "amount": one.amount,
            "paid_after": one.paid_after,
            "day": one.day,
            "reason": one.reason,
            **common,
        }
        for one in movements
    ]
    await tx.session.execute(insert(MovementRow), values)


async def add_act(tx: Tx, receipt_id: UUID, act: ReceiptAct) -> UUID:
    """Insert what else was done with a receipt; return its id."""
    act_id = new_id()
    await tx.session.execute(
        insert(ActRow).values(
            id=act_id,
            receipt_id=receipt_id,
            kind=act.kind.value,
            day=act.day,
            amount=act.amount,
            member_id=act.member_id,
            reference=act.reference,
            reason=act.reason,
            recorded_at=tx.now,
            recorded_by=tx.actor.subject,
        )
    )
    return act_id


async def placed(read: Read, receipt_id: UUID) -> dict[UUID, Decimal]:
    """Return what of a receipt stands on which call."""
    total = func.sum(col(MovementRow.amount))
    query = select(col(MovementRow.invoice_id), total).where(col(MovementRow.receipt_id) == receipt_id)
    query = query.group_by(col(MovementRow.invoice_id)).having(total != 0)
    return {row[0]: row[1] for row in await read.session.execute(query)}


async def placed_on(read: Read, invoice_id: UUID) -> list[tuple[UUID, Decimal]]:
    """Return which receipts stand on a call, and with how much, the last first; what the fund paid aside."""
    total = func.sum(col(MovementRow.amount))
    query = select(col(MovementRow.receipt_id), total).join(ReceiptRow, col(ReceiptRow.id) == MovementRow.receipt_id)
    query = query.where(col(MovementRow.invoice_id) == invoice_id, col(ReceiptRow.method) != ReceiptMethod.FUND.value)
    query = query.group_by(col(MovementRow.receipt_id)).having(total > 0)
    return [(row[0], row[1]) for row in await read.session.execute(query.order_by(col(MovementRow.receipt_id).desc()))]


def to_domain(row: ReceiptRow) -> Receipt:
    """Read a row as the rules know a receipt."""
    return Receipt(
        id=row.id,
        number=row.number,
        entity=row.entity,
        method=ReceiptMethod(row.method),
        amount=row.amount,
        received_on=row.received_on,
        member_id=row.member_id,
        member_name=row.member_name,
        deposited_on=row.deposited_on,
        allocated=row.allocated,
        refunded=row.refunded,
        returned_on=row.returned_on,
        return_reason=row.return_reason,
        cancelled_on=row.cancelled_on,
        version=row.version,
    )


async def _entered_as(tx: Tx, entity: str, bank_reference: str | None) -> ReceiptRow:
    query = select(ReceiptRow).where(
        col(ReceiptRow.entity) == entity,
        col(ReceiptRow.bank_reference) == bank_reference,
        col(ReceiptRow.cancelled_on).is_(None),
    )
    return (await tx.session.execute(query)).scalar_one()


def _member(member: KnownMember | None) -> Mapping[str, object]:
    if member is None:
        return {"member_id": None, "member_name": None, "delegation": None}
    return {"member_id": member.id, "member_name": member.name, "delegation": member.delegation}


def _values(receipt: Receipt) -> dict[str, object]:
    """Return what of a receipt its acts change."""
    return {
        "deposited_on": receipt.deposited_on,
        "allocated": receipt.allocated,
        "refunded": receipt.refunded,
        "returned_on": receipt.returned_on,
        "return_reason": receipt.return_reason,
        "cancelled_on": receipt.cancelled_on,
        "status": receipt.status.value,
        "version": receipt.version,
    }
