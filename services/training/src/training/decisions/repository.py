"""Saves and loads what was decided; the only writer of its tables."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Read, Tx
from training.decisions.domain import Decision, DecisionAct, Figures, Reseat
from training.decisions.tables import DecisionRow, ReseatRow
from training.sessions.domain import CancelReason

_FIGURES = TypeAdapter(Figures)


async def add(tx: Tx, decision: Decision) -> None:
    """Keep a decision, for ever."""
    values = {
        "id": decision.id,
        "session_id": decision.session_id,
        "act": decision.act.value,
        "reason": decision.reason,
        "reason_code": decision.reason_code.value if decision.reason_code else None,
        "postponed_to": decision.postponed_to,
        "into": [str(one) for one in decision.into],
        "figures": _FIGURES.dump_python(decision.figures, mode="json"),
        "decided_at": tx.now,
        "decided_by": tx.actor.subject,
    }
    await tx.session.execute(insert(DecisionRow).values(**values))


async def add_reseats(tx: Tx, reseats: Sequence[Reseat]) -> None:
    """Keep which seats were carried to another session."""
    if reseats:
        await tx.session.execute(insert(ReseatRow).values([asdict(one) for one in reseats]))


async def decided(read: Read, decision_id: UUID) -> DecisionRow:
    """Load a decision that is known to be."""
    return (await read.session.execute(select(DecisionRow).where(col(DecisionRow.id) == decision_id))).scalar_one()


def to_decision(row: DecisionRow) -> Decision:
    """Read a row as the rules know a decision."""
    return Decision(
        id=row.id,
        session_id=row.session_id,
        act=DecisionAct(row.act),
        reason=row.reason,
        figures=_FIGURES.validate_python(row.figures),
        reason_code=CancelReason(row.reason_code) if row.reason_code else None,
        postponed_to=row.postponed_to,
        into=tuple(map(UUID, row.into)),
    )


def to_reseat(row: ReseatRow) -> Reseat:
    """Read a row as the rules know a seat that was carried."""
    return Reseat(**row.model_dump())
