"""Loads and saves sittings with their decisions; the only writer of their tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, false, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.transaction import Read, Tx
from membership.applications.domain import reservation_kept, reservation_of
from membership.matters.domain import MatterKind, Outcome
from membership.sittings.domain import (
    AgendaItem,
    Attendance,
    Attendee,
    Cancellation,
    Decision,
    MinutesReferenceTaken,
    Presence,
    Sitting,
    SittingNotFound,
    SittingStatus,
)
from membership.sittings.tables import DecisionRow, SittingRow

_INSERTED = upsert(DecisionRow)
_DECIDED = _INSERTED.on_conflict_do_update(
    index_elements=["sitting_id", "matter_id"],
    set_={
        name: _INSERTED.excluded[name]
        for name in ("outcome", "votes_for", "votes_against", "abstentions", "effective_on", "reservations")
    },
)
"""Written once: to name every column again takes longer than to send it."""


async def get(read: Read, sitting_id: UUID, *, for_update: bool = False) -> Sitting:
    """Load a sitting with its decisions. Raises SittingNotFound."""
    row = await read.session.get(SittingRow, sitting_id, with_for_update=for_update or None, populate_existing=True)
    if row is None:
        raise SittingNotFound("Cette séance n'existe pas.")
    [sitting] = await with_decisions(read, [row])
    return sitting


async def with_decisions(read: Read, rows: Sequence[SittingRow]) -> list[Sitting]:
    """Make sittings of their rows, loading the decisions of all at once."""
    query = (
        select(DecisionRow)
        .where(col(DecisionRow.sitting_id).in_([row.id for row in rows]))
        .order_by(col(DecisionRow.matter_id))
    )
    decisions: dict[UUID, dict[UUID, Decision]] = {row.id: {} for row in rows}
    for decision in (await read.session.execute(query)).scalars():
        decisions[decision.sitting_id][decision.matter_id] = _decision(decision)
    return [
        Sitting(
            id=row.id,
            held_on=row.held_on,
            attendance=Attendance(row.in_office, row.present, row.represented),
            minutes_reference=row.minutes_reference,
            status=SittingStatus(row.status),
            decisions=decisions[row.id],
            attendees=tuple(_attendee(one) for one in row.attendees),
            agenda=tuple(
                AgendaItem(one["title"], UUID(one["matter_id"]) if one["matter_id"] else None, one["record"])
                for one in row.agenda
            ),
            takes_over=row.takes_over,
            in_office_reason=row.in_office_reason,
            cancellation=_cancellation(row),
            version=row.version,
        )
        for row in rows
    ]


async def naming(read: Read, mandate_ids: Collection[UUID]) -> list[Sitting]:
    """Load the sittings at which some mandates of the board are listed, the first one first."""
    listed = or_(false(), *(col(SittingRow.attendees).contains([{"mandate_id": str(one)}]) for one in mandate_ids))
    query = select(SittingRow).where(listed).order_by(col(SittingRow.held_on), col(SittingRow.id))
    return await with_decisions(read, list((await read.session.execute(query)).scalars()))


async def add(tx: Tx, sitting: Sitting) -> None:
    """Insert a new sitting, without decisions yet. Raises MinutesReferenceTaken."""
    statement = upsert(SittingRow).values(**_values(sitting)).on_conflict_do_nothing().returning(col(SittingRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise MinutesReferenceTaken(f"Une séance porte déjà la référence {sitting.minutes_reference}.")


async def require_reference_free(tx: Tx, reference: str) -> None:
    """Refuse a reference that another sitting bears, unless cancelled. Raises MinutesReferenceTaken."""
    query = select(col(SittingRow.id)).where(
        col(SittingRow.minutes_reference) == reference, col(SittingRow.status) != SittingStatus.CANCELLED.value
    )
    if (await tx.session.execute(query)).first():
        raise MinutesReferenceTaken(f"Une séance porte déjà la référence {reference}.")


async def save(tx: Tx, sitting: Sitting) -> None:
    """Write a sitting that was loaded for update, and its decisions."""
    await tx.session.execute(update(SittingRow).where(col(SittingRow.id) == sitting.id).values(**_values(sitting)))
    gone = delete(DecisionRow).where(col(DecisionRow.sitting_id) == sitting.id)
    await tx.session.execute(gone.where(col(DecisionRow.matter_id).not_in(list(sitting.decisions))))
    if not sitting.decisions:
        return
    await tx.session.execute(
        _DECIDED,
        [
            {
                "sitting_id": sitting.id,
                "matter_id": decision.matter_id,
                "kind": decision.kind.value,
                "outcome": decision.outcome.value,
                "votes_for": decision.votes_for,
                "votes_against": decision.votes_against,
                "abstentions": decision.abstentions,
                "effective_on": decision.effective_on,
                "reservations": [reservation_kept(one) for one in decision.reservations],
            }
            for decision in sitting.decisions.values()
        ],
    )


async def keep_minutes(tx: Tx, sitting_id: UUID, minutes: Mapping[str, Any]) -> None:
    """Keep what the minutes of a closed sitting say: they are printed from it, and never again from anything else."""
    statement = update(SittingRow).where(col(SittingRow.id) == sitting_id)
    await tx.session.execute(statement.values(minutes=dict(minutes)))


async def minutes_of(source: Read, sitting_id: UUID) -> dict[str, Any] | None:
    """Return what the minutes of a sitting say, None until it is closed."""
    query = select(col(SittingRow.minutes)).where(col(SittingRow.id) == sitting_id)
    kept: dict[str, Any] | None = (await source.session.execute(query)).scalar_one()
    return kept


def minutes_path(sitting_id: UUID) -> str:
    """Return where the printed minutes of a sitting are kept."""
    return f"sittings/{sitting_id}.pdf"


def _values(sitting: Sitting) -> dict[str, object]:
    return {
        "id": sitting.id,
        "held_on": sitting.held_on,
        "in_office": sitting.attendance.in_office,
        "in_office_reason": sitting.in_office_reason,
        "present": sitting.attendance.present,
        "represented": sitting.attendance.represented,
        "minutes_reference": sitting.minutes_reference,
        "status": sitting.status.value,
        "takes_over": sitting.takes_over,
        "attendees": [_attendee_kept(attendee) for attendee in sitting.attendees],
        "agenda": [
            {**asdict(item), "matter_id": str(item.matter_id) if item.matter_id else None} for item in sitting.agenda
        ],
        "cancelled_reason": sitting.cancellation.reason if sitting.cancellation else None,
        "cancelled_on": sitting.cancellation.on if sitting.cancellation else None,
        "fallen_votes": sitting.cancellation.fallen_votes if sitting.cancellation else None,
        "version": sitting.version,
    }


def _attendee_kept(attendee: Attendee) -> dict[str, str | None]:
    return {name: str(value) if value is not None else None for name, value in asdict(attendee).items()}


def _attendee(kept: Mapping[str, str | None]) -> Attendee:
    """A version before this one kept no mandates."""
    mandate_id, proxy_mandate_id = (kept.get(name) for name in ("mandate_id", "proxy_mandate_id"))
    return Attendee(
        name=str(kept["name"]),
        capacity=kept["capacity"],
        presence=Presence(str(kept["presence"])),
        proxy=kept["proxy"],
        mandate_id=UUID(mandate_id) if mandate_id else None,
        proxy_mandate_id=UUID(proxy_mandate_id) if proxy_mandate_id else None,
    )


def _cancellation(row: SittingRow) -> Cancellation | None:
    if row.cancelled_reason is None or row.cancelled_on is None:
        return None
    return Cancellation(row.cancelled_reason, row.cancelled_on, row.fallen_votes or 0)


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        matter_id=row.matter_id,
        kind=MatterKind(row.kind),
        outcome=Outcome(row.outcome),
        votes_for=row.votes_for,
        votes_against=row.votes_against,
        abstentions=row.abstentions,
        effective_on=row.effective_on,
        reservations=tuple(reservation_of(one) for one in row.reservations),
    )


async def ids_since(source: Read, day: date) -> list[UUID]:
    """Return those of a day or later, in one order."""
    query = select(col(SittingRow.id)).where(col(SittingRow.held_on) >= day).order_by(col(SittingRow.id))
    return list((await source.session.execute(query)).scalars())
