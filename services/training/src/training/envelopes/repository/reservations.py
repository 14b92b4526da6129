"""What is reserved on the envelopes, subject by subject, as it is kept."""

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from training.envelopes.domain import (
    FundedSubjectKind,
    Reservation,
    ReservationNotFound,
    Subject,
    Use,
)
from training.envelopes.tables import ReservationRow

_RESERVATION: Any = ReservationRow.__table__  # type: ignore[attr-defined]


async def reserve_for(tx: Tx, envelope_id: UUID, subject: Subject, amount: Decimal) -> UUID:
    """Set money of a held envelope aside for a subject, beside what is already; return the reservation's id."""
    values = {
        **asdict(Use(reserved=amount)),
        "id": new_id(),
        "envelope_id": envelope_id,
        "subject_kind": subject.kind.value,
        "subject_id": subject.id,
        "label": subject.label,
        "member_id": subject.member_id,
        "reserved_on": tx.today,
        "version": 1,
    }
    statement = insert(ReservationRow).values(**values)
    added = statement.on_conflict_do_update(
        constraint="uq_envelope_reservation_subject",
        set_={"reserved": _RESERVATION.c.reserved + amount, "version": _RESERVATION.c.version + 1},
    )
    reservation_id: UUID = (await tx.session.execute(added.returning(_RESERVATION.c.id))).scalar_one()
    return reservation_id


async def get_reservation(read: Read, reservation_id: UUID) -> Reservation:
    """Load a reservation. Raises ReservationNotFound."""
    return await _one(read, _RESERVATION.c.id == reservation_id)


async def reservation_for(read: Read, envelope_id: UUID, subject: Subject) -> Reservation:
    """Load what is reserved on an envelope for a subject. Raises ReservationNotFound."""
    return await _one(
        read,
        _RESERVATION.c.envelope_id == envelope_id,
        _RESERVATION.c.subject_kind == subject.kind.value,
        _RESERVATION.c.subject_id == subject.id,
    )


async def save_use(tx: Tx, reservation: Reservation) -> Reservation:
    """Save what became of a reservation of a held envelope; return it, one version later."""
    statement = update(ReservationRow).where(col(ReservationRow.id) == reservation.id)
    version = reservation.version + 1
    await tx.session.execute(statement.values(**asdict(reservation.use), version=version))
    return replace(reservation, version=version)


def reservation_of(row: ReservationRow) -> Reservation:
    """Read a row as the rules know a reservation."""
    subject = Subject(
        kind=FundedSubjectKind(row.subject_kind), id=row.subject_id, label=row.label, member_id=row.member_id
    )
    use = Use(reserved=row.reserved, released=row.released, consumed=row.consumed, returned=row.returned)
    return Reservation(
        id=row.id,
        envelope_id=row.envelope_id,
        subject=subject,
        use=use,
        reserved_on=row.reserved_on,
        version=row.version,
    )


async def _one(read: Read, *conditions: Any) -> Reservation:
    query = select(ReservationRow).where(*conditions).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise ReservationNotFound("Rien n'est réservé à ce titre.")
    return reservation_of(row)
