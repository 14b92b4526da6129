"""Loads and saves bookings and deliverables; the only writer of their tables."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, or_, select, update
from sqlmodel import col

from common.transaction import Read, Tx
from membership.bookings.domain import (
    Booking,
    BookingCancellation,
    BookingReopening,
    BookingState,
    CancelledBy,
    Deliverable,
    DeliverableFile,
    DeliverableKind,
    DeliverableNotFound,
    DeliverableWithdrawal,
)
from membership.bookings.tables import BookingRow, DeliverableFileRow, DeliverableRow

_SAME = Booking.__dataclass_fields__.keys() - {"state", "cancellation", "reopenings"}
_REOPENINGS = TypeAdapter(tuple[BookingReopening, ...])


async def hold(tx: Tx, booking_id: UUID) -> Booking:
    """Load a booking that was reached, whose slot is held, and hold it until the end of the transaction."""
    query = select(BookingRow).where(col(BookingRow.id) == booking_id).with_for_update()
    return to_booking((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def slot_id_of(read: Read, booking_id: UUID) -> UUID:
    """Return the slot of a booking that was reached; it never changes."""
    query = select(col(BookingRow.slot_id)).where(col(BookingRow.id) == booking_id)
    return (await read.session.execute(query)).scalar_one()


async def members_in(source: Read, slot_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Return the structures that are in each slot, or were until it was cancelled under them."""
    row = BookingRow
    in_it = or_(col(row.state) != BookingState.CANCELLED.value, col(row.cancelled_side) == CancelledBy.SLOT.value)
    query = select(col(row.slot_id), col(row.member_id)).distinct().where(col(row.slot_id).in_(slot_ids), in_it)
    found: dict[UUID, list[UUID]] = {slot_id: [] for slot_id in slot_ids}
    for slot_id, member_id in await source.session.execute(query.order_by(col(row.member_id))):
        found[slot_id].append(member_id)
    return found


async def hold_booked(tx: Tx, slot_id: UUID) -> list[Booking]:
    """Load the bookings of a held slot that have no outcome, and hold them."""
    wanted = (col(BookingRow.slot_id) == slot_id, col(BookingRow.state) == BookingState.BOOKED.value)
    query = select(BookingRow).where(*wanted).order_by(col(BookingRow.id)).with_for_update()
    rows = (await tx.session.execute(query.execution_options(populate_existing=True))).scalars()
    return [to_booking(row) for row in rows]


async def bookings_of(read: Read, member_ids: Collection[UUID]) -> list[Booking]:
    """Return the bookings of some structures."""
    rows = (await read.session.execute(select(BookingRow).where(col(BookingRow.member_id).in_(member_ids)))).scalars()
    return [to_booking(row) for row in rows]


async def add(tx: Tx, booking: Booking) -> None:
    """Insert a booking."""
    await tx.session.execute(insert(BookingRow).values(**_values(booking)))


async def save(tx: Tx, booking: Booking) -> None:
    """Write a booking that was held."""
    await tx.session.execute(update(BookingRow).where(col(BookingRow.id) == booking.id).values(**_values(booking)))


async def forget_answers(tx: Tx, booking_ids: Collection[UUID]) -> None:
    """Write that some bookings have no answer with a name."""
    await tx.session.execute(update(BookingRow).where(col(BookingRow.id).in_(booking_ids)).values(answered=False))


async def add_deliverable(tx: Tx, deliverable: Deliverable) -> None:
    """Insert a deliverable."""
    values = asdict(deliverable)
    del values["withdrawal"]
    await tx.session.execute(insert(DeliverableRow).values(**{**values, "kind": deliverable.kind.value}))


async def hold_deliverable(tx: Tx, booking_id: UUID, deliverable_id: UUID) -> Deliverable:
    """Load a deliverable of a booking, and hold it. Raises DeliverableNotFound."""
    wanted = (col(DeliverableRow.id) == deliverable_id, col(DeliverableRow.booking_id) == booking_id)
    query = select(DeliverableRow).where(*wanted).with_for_update().execution_options(populate_existing=True)
    row = (await tx.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise DeliverableNotFound("Ce livrable n'est pas de cette réservation.")
    return to_deliverable(row)


async def save_withdrawal(tx: Tx, deliverable_id: UUID, withdrawal: DeliverableWithdrawal) -> None:
    """Write who took a deliverable back."""
    values = {"withdrawn_at": withdrawal.at, "withdrawn_by": withdrawal.by, "withdrawn_reason": withdrawal.reason}
    await tx.session.execute(update(DeliverableRow).where(col(DeliverableRow.id) == deliverable_id).values(**values))


async def deliverables_of(read: Read, booking_ids: Collection[UUID]) -> list[Deliverable]:
    """Return what some bookings left, in the order in which it was delivered."""
    query = select(DeliverableRow).where(col(DeliverableRow.booking_id).in_(booking_ids))
    query = query.order_by(col(DeliverableRow.delivered_on), col(DeliverableRow.id))
    return [to_deliverable(row) for row in (await read.session.execute(query)).scalars()]


async def deliverable_of(read: Read, booking_id: UUID, deliverable_id: UUID) -> Deliverable:
    """Load a deliverable of a booking. Raises DeliverableNotFound."""
    found = [one for one in await deliverables_of(read, [booking_id]) if one.id == deliverable_id]
    if not found:
        raise DeliverableNotFound("Ce livrable n'est pas de cette réservation.")
    return found[0]


async def add_file(tx: Tx, file: DeliverableFile) -> None:
    """Insert a file that was stored."""
    await tx.session.execute(insert(DeliverableFileRow).values(**asdict(file)))


async def files_of(read: Read, deliverable_ids: Collection[UUID]) -> dict[UUID, list[DeliverableFile]]:
    """Return the files of some deliverables, in the order in which they were sent."""
    query = select(DeliverableFileRow).where(col(DeliverableFileRow.deliverable_id).in_(deliverable_ids))
    found: dict[UUID, list[DeliverableFile]] = {one: [] for one in deliverable_ids}
    ordered = query.order_by(col(DeliverableFileRow.sent_at), col(DeliverableFileRow.id))
    for row in (await read.session.execute(ordered)).scalars():
        found[row.deliverable_id].append(DeliverableFile(**row.model_dump()))
    return found


def to_booking(row: BookingRow) -> Booking:
    """Read a row as the rules know a booking."""
    cancellation = None
    if row.cancelled_at is not None:
        side = CancelledBy(row.cancelled_side or "")
        cancellation = BookingCancellation(row.cancelled_at, row.cancelled_by or "", side, row.cancel_reason)
    same = {name: getattr(row, name) for name in _SAME}
    reopenings = _REOPENINGS.validate_python(row.reopenings)
    return Booking(**same, state=BookingState(row.state), cancellation=cancellation, reopenings=reopenings)


def to_deliverable(row: DeliverableRow) -> Deliverable:
    """Read a row as the rules know a deliverable."""
    withdrawal = None
    if row.withdrawn_at is not None:
        withdrawal = DeliverableWithdrawal(row.withdrawn_at, row.withdrawn_by or "", row.withdrawn_reason or "")
    names = Deliverable.__dataclass_fields__.keys() - {"kind", "withdrawal"}
    same = {name: getattr(row, name) for name in names}
    return Deliverable(**same, kind=DeliverableKind(row.kind), withdrawal=withdrawal)


def _values(booking: Booking) -> dict[str, Any]:
    cancellation = booking.cancellation
    return {
        **{name: getattr(booking, name) for name in _SAME},
        "state": booking.state.value,
        "reopenings": _REOPENINGS.dump_python(booking.reopenings, mode="json"),
        "cancelled_at": cancellation.at if cancellation else None,
        "cancelled_by": cancellation.by if cancellation else None,
        "cancelled_side": cancellation.side.value if cancellation else None,
        "cancel_reason": cancellation.reason if cancellation else None,
    }
