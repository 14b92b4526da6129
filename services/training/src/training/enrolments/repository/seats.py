"""Requests, the seats of each, and the offers made to those who wait."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Read, Tx
from training.enrolments.domain import (
    Due,
    Enrolment,
    EnrolmentStatus,
    Offer,
    OfferStatus,
    SeatRequest,
    WithdrawalReason,
)
from training.enrolments.tables import EnrolmentRow, OccupantRow, OfferRow, RequestRow

DUE: TypeAdapter[Due | None] = TypeAdapter(Due | None)
_ADD_REQUEST: Any = insert(RequestRow.__table__)  # type: ignore[attr-defined]
_ADD_SEATS: Any = insert(EnrolmentRow.__table__)  # type: ignore[attr-defined]
_SEAT = [name for name in Enrolment.__dataclass_fields__ if name not in ("status", "reason")]
_OFFER = [name for name in Offer.__dataclass_fields__ if name != "status"]


def to_request(row: RequestRow) -> SeatRequest:
    """Read a row as the rules know a request."""
    return SeatRequest(**row.model_dump())


def to_enrolment(row: EnrolmentRow) -> Enrolment:
    """Read a row as the rules know a seat asked for."""
    reason = None if row.reason is None else WithdrawalReason(row.reason)
    same = {name: getattr(row, name) for name in _SEAT}
    return Enrolment(**same, status=EnrolmentStatus(row.status), reason=reason)


def to_offer(row: OfferRow) -> Offer:
    """Read a row as the rules know an offer."""
    return Offer(**{name: getattr(row, name) for name in _OFFER}, status=OfferStatus(row.status))


async def add_request(tx: Tx, request: SeatRequest, seats: Sequence[Enrolment]) -> None:
    """Insert a request with its seats."""
    await tx.session.execute(_ADD_REQUEST, asdict(request))
    shared = {"programme_code": request.programme_code, "member_id": request.member_id}
    rows = [{**_values(seat), **shared, "cancelled_by": None, "due": None} for seat in seats]
    await tx.session.execute(_ADD_SEATS, rows)
    named = [seat for seat in seats if seat.trainee_id is not None]
    if named:
        await _note_occupants(tx, [(seat.id, 1, seat.trainee_id) for seat in named])


async def get_request(read: Read, request_id: UUID) -> SeatRequest:
    """Load a request that is known to be."""
    query = select(RequestRow).where(col(RequestRow.id) == request_id).execution_options(populate_existing=True)
    return to_request((await read.session.execute(query)).scalar_one())


async def touch(tx: Tx, request_id: UUID) -> None:
    """Write that something of a request changed, so that who had read it before reads it again."""
    statement = update(RequestRow).where(col(RequestRow.id) == request_id)
    await tx.session.execute(statement.values(version=col(RequestRow.version) + 1))


async def seats_of(read: Read, request_id: UUID) -> list[Enrolment]:
    """Return the seats of a request, in order."""
    query = select(EnrolmentRow).where(col(EnrolmentRow.request_id) == request_id).order_by(col(EnrolmentRow.rank))
    rows = await read.session.execute(query.execution_options(populate_existing=True))
    return [to_enrolment(row) for row in rows.scalars()]


async def get_seat(read: Read, enrolment_id: UUID) -> Enrolment:
    """Load a seat that is known to be, as it is now: its pool is held."""
    query = select(EnrolmentRow).where(col(EnrolmentRow.id) == enrolment_id)
    return to_enrolment((await read.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def save_seat(tx: Tx, seat: Enrolment, due: Due | None = None) -> None:
    """Write a seat whose pool is held, and what it leaves due when it is given back."""
    values: dict[str, Any] = _values(seat)
    if seat.status is EnrolmentStatus.CANCELLED:
        values |= {"cancelled_by": tx.actor.subject, "due": DUE.dump_python(due, mode="json")}
    await tx.session.execute(update(EnrolmentRow).where(col(EnrolmentRow.id) == seat.id).values(**values))


async def already_in(read: Read, session_id: UUID, trainee_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some people who have a seat of a session, or wait for one."""
    seat = EnrolmentRow
    query = select(col(seat.trainee_id)).where(col(seat.session_id) == session_id)
    query = query.where(col(seat.trainee_id).in_(trainee_ids), col(seat.status) != EnrolmentStatus.CANCELLED.value)
    return {found for found in (await read.session.execute(query)).scalars() if found is not None}


async def other_sessions_of(read: Read, seat: Enrolment) -> list[UUID]:
    """Return the other sessions in which the person of a seat has one, or is offered or waits for one."""
    row = EnrolmentRow
    query = select(col(row.session_id)).where(col(row.trainee_id) == seat.trainee_id)
    live = (col(row.session_id) != seat.session_id, col(row.status) != EnrolmentStatus.CANCELLED.value)
    return list((await read.session.execute(query.where(*live))).scalars())


async def note_occupant(tx: Tx, enrolment_id: UUID, trainee_id: UUID) -> None:
    """Keep that a seat was given to somebody, after whoever had it before."""
    query = select(func.count()).where(col(OccupantRow.enrolment_id) == enrolment_id)
    before = (await tx.session.execute(query)).scalar_one()
    await _note_occupants(tx, [(enrolment_id, before + 1, trainee_id)])


async def add_offer(tx: Tx, offer: Offer) -> None:
    """Insert an offer."""
    values = {**asdict(offer), "status": offer.status.value, "closed_at": None, "closed_by": None}
    await tx.session.execute(insert(OfferRow).values(**values))


async def get_offer(read: Read, offer_id: UUID) -> Offer:
    """Load an offer that is known to be, as it is now."""
    query = select(OfferRow).where(col(OfferRow.id) == offer_id).execution_options(populate_existing=True)
    return to_offer((await read.session.execute(query)).scalar_one())


async def close_offer(tx: Tx, offer: Offer) -> bool:
    """Write how an offer ended; tell whether it was still open, however many answer at once."""
    values = {
        "status": offer.status.value,
        "closed_at": tx.now,
        "closed_by": tx.actor.subject,
        "version": offer.version,
    }
    statement = update(OfferRow).where(col(OfferRow.id) == offer.id, col(OfferRow.status) == OfferStatus.OPEN.value)
    closed = await tx.session.execute(statement.values(**values).returning(col(OfferRow.id)))
    return closed.scalar_one_or_none() is not None


async def open_offers(read: Read, session_id: UUID) -> list[Offer]:
    """Return the offers of a session that are not answered."""
    query = select(OfferRow).where(col(OfferRow.session_id) == session_id, col(OfferRow.status) == "open")
    return [to_offer(row) for row in (await read.session.execute(query.order_by(col(OfferRow.id)))).scalars()]


async def overdue_offers(read: Read, now: datetime, limit: int) -> list[Offer]:
    """Return open offers whose time is over."""
    query = select(OfferRow).where(col(OfferRow.status) == "open", col(OfferRow.expires_at) <= now)
    query = query.order_by(col(OfferRow.expires_at), col(OfferRow.id)).limit(limit)
    return [to_offer(row) for row in (await read.session.execute(query)).scalars()]


async def live_seats(read: Read, session_id: UUID) -> list[Enrolment]:
    """Return the seats of a session that are taken, offered or waited for."""
    seat = EnrolmentRow
    query = select(seat).where(col(seat.session_id) == session_id, col(seat.status) != EnrolmentStatus.CANCELLED.value)
    rows = await read.session.execute(query.order_by(col(seat.id)).execution_options(populate_existing=True))
    return [to_enrolment(row) for row in rows.scalars()]


async def _note_occupants(tx: Tx, given: Sequence[tuple[UUID, int, UUID | None]]) -> None:
    rows = [
        {"enrolment_id": seat, "number": number, "trainee_id": who, "given_at": tx.now, "given_by": tx.actor.subject}
        for seat, number, who in given
    ]
    await tx.session.execute(insert(OccupantRow).values(rows))


def _values(seat: Enrolment) -> dict[str, Any]:
    return {
        **{name: getattr(seat, name) for name in _SEAT},
        "status": seat.status.value,
        "reason": seat.reason.value if seat.reason else None,
    }
