"""Loads and saves solidarity requests; the only writer of their tables."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.dialects import postgresql

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.invoices.queries import CALLS
from dues.reliefs.domain import (
    UNDER_STUDY,
    Opinion,
    Relief,
    ReliefCall,
    ReliefKind,
    ReliefNotFound,
    ReliefStatus,
    ReliefStepKind,
    ReliefUnderStudy,
)
from dues.reliefs.tables import ReliefAttachmentRow, ReliefCallRow, ReliefRow, ReliefStepRow

RELIEF: Any = ReliefRow.__table__  # type: ignore[attr-defined]
CALL: Any = ReliefCallRow.__table__  # type: ignore[attr-defined]
_STEP: Any = ReliefStepRow.__table__  # type: ignore[attr-defined]
_ATTACHMENT: Any = ReliefAttachmentRow.__table__  # type: ignore[attr-defined]
STUDIED: Any = RELIEF.c.status.in_([status.value for status in UNDER_STUDY])


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to note of a request."""

    kind: ReliefStepKind
    text: str
    opinion: Opinion | None = None
    decided_by: str | None = None


async def add(
    tx: Tx, relief: Relief, owed: Mapping[UUID, Decimal], reason: str, wish: Mapping[str, Any] | None
) -> None:
    """Insert a request with its calls. Raises ReliefUnderStudy."""
    values = {
        "id": relief.id,
        "reference": relief.reference,
        "member_id": relief.member_id,
        "asks": relief.asks.value,
        "amount": relief.amount,
        "wish": wish,
        "reason": reason,
        "submitted_on": relief.submitted_on,
        "advice_by": relief.advice_by,
        "status": relief.status.value,
        "version": 1,
    }
    statement = postgresql.insert(ReliefRow).values(**values).on_conflict_do_nothing().returning(RELIEF.c.id)
    if (await tx.session.execute(statement)).one_or_none() is None:
        query = select(RELIEF.c.reference).where(RELIEF.c.member_id == relief.member_id, STUDIED)
        reference = (await tx.session.execute(query)).scalar_one()
        raise ReliefUnderStudy(
            f"Une demande de cette structure est déjà à l'étude : {reference}.", extra={"reference": reference}
        )
    calls = [
        {"relief_id": relief.id, "invoice_id": invoice_id, "owed": amount, "granted": Decimal("0.00")}
        for invoice_id, amount in owed.items()
    ]
    await tx.session.execute(insert(ReliefCallRow), calls)


async def hold(tx: Tx, relief_id: UUID) -> Relief:
    """Load a request and hold it until the end of the transaction. Raises ReliefNotFound."""
    row = await tx.session.get(ReliefRow, relief_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ReliefNotFound("Cette demande n'existe pas.")
    calls = (await calls_of(tx, [relief_id]))[relief_id]
    return to_domain(row, tuple(call.invoice_id for call in calls))


async def note(tx: Tx, relief: Relief, step: Step, **changes: object) -> None:
    """Save what became of a held request, one version later, and the step that made it so."""
    statement = update(RELIEF).where(RELIEF.c.id == relief.id)
    await tx.session.execute(statement.values(version=relief.version + 1, **changes))
    await add_step(tx, relief.id, step)


async def add_step(tx: Tx, relief_id: UUID, step: Step) -> None:
    """Note what was done with a request, beside all that was done before."""
    values = {
        "id": new_id(),
        "relief_id": relief_id,
        "kind": step.kind.value,
        "day": tx.today,
        "opinion": step.opinion.value if step.opinion else None,
        "decided_by": step.decided_by,
        "text": step.text,
        "recorded_at": tx.now,
        "recorded_by": tx.actor.subject,
    }
    await tx.session.execute(insert(ReliefStepRow).values(**values))


async def save_granted(tx: Tx, relief_id: UUID, amounts: Mapping[UUID, Decimal]) -> None:
    """Save what the fund pays of each call of a held request."""
    amount = case(amounts, value=CALL.c.invoice_id)
    statement = update(CALL).where(CALL.c.relief_id == relief_id, CALL.c.invoice_id.in_(amounts))
    await tx.session.execute(statement.values(granted=amount))


async def save_letter(tx: Tx, relief_id: UUID, letter: Mapping[str, Any]) -> None:
    """Keep what tells the decision of a held request, word for word."""
    statement = update(RELIEF).where(RELIEF.c.id == relief_id)
    await tx.session.execute(statement.values(letter=dict(letter), letter_on=tx.today))


async def add_attachment(tx: Tx, attachment: ReliefAttachmentRow) -> None:
    """Keep a document beside those sent before."""
    tx.session.add(attachment)
    await tx.session.flush()


async def delete_attachment(tx: Tx, attachment_id: UUID) -> None:
    """Forget a document of a held request; the store keeps the file."""
    await tx.session.execute(delete(_ATTACHMENT).where(_ATTACHMENT.c.id == attachment_id))


async def attachments_of(read: Read, relief_id: UUID) -> list[ReliefAttachmentRow]:
    """Return the documents of a request, in the order in which they were sent."""
    query = select(ReliefAttachmentRow).where(_ATTACHMENT.c.relief_id == relief_id).order_by(_ATTACHMENT.c.id)
    return list((await read.session.execute(query)).scalars())


async def steps_of(read: Read, relief_id: UUID) -> list[ReliefStepRow]:
    """Return what was done with a request, in order."""
    query = select(ReliefStepRow).where(_STEP.c.relief_id == relief_id).order_by(_STEP.c.recorded_at, _STEP.c.id)
    return list((await read.session.execute(query)).scalars())


async def calls_of(read: Read, relief_ids: Collection[UUID]) -> dict[UUID, list[ReliefCall]]:
    """Return the calls of some requests, the oldest due first, with what is owed of each now."""
    query = (
        select(CALL, CALLS.number, CALLS.year, CALLS.due_on, (CALLS.total - CALLS.paid - CALLS.credited).label("now"))
        .where(CALL.c.relief_id.in_(relief_ids), CALLS.id == CALL.c.invoice_id)
        .order_by(CALLS.due_on, CALLS.number)
    )
    found: dict[UUID, list[ReliefCall]] = {relief_id: [] for relief_id in relief_ids}
    for row in await read.session.execute(query):
        call = ReliefCall(
            invoice_id=row.invoice_id,
            number=row.number,
            year=row.year,
            due_on=row.due_on,
            asked_owed=row.owed,
            granted=row.granted,
            owed=row.now,
        )
        found[row.relief_id].append(call)
    return found


def to_domain(row: ReliefRow, invoice_ids: tuple[UUID, ...]) -> Relief:
    """Read a row as the rules know a request."""
    return Relief(
        id=row.id,
        reference=row.reference,
        member_id=row.member_id,
        asks=ReliefKind(row.asks),
        amount=row.amount,
        invoice_ids=invoice_ids,
        submitted_on=row.submitted_on,
        advice_by=row.advice_by,
        status=ReliefStatus(row.status),
        opinion=Opinion(row.opinion) if row.opinion else None,
        granted=row.granted,
        receipt_id=row.receipt_id,
        version=row.version,
    )
