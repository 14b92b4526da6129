"""Tell the other services what was followed on a seat, once attendance says so."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from common.transaction import Tx
from training.enrolments import events
from training.enrolments.queries.sessions import open_session
from training.enrolments.repository import seats


async def tell_followed(tx: Tx, enrolment_id: UUID, hours: Decimal, last_day: date) -> None:
    """Tell that a training was followed; told again, it corrects. Raises SessionNotFound, SessionNotOpen."""
    seat = await seats.get_seat(tx, enrolment_id)
    request = await seats.get_request(tx, seat.request_id)
    session = await open_session(tx, seat.session_id)
    tx.publish(events.followed(seat, request, session, hours, last_day))


async def tell_not_followed(tx: Tx, enrolment_id: UUID) -> None:
    """Tell that a training told as followed was not. Raises SessionNotFound, SessionNotOpen."""
    seat = await seats.get_seat(tx, enrolment_id)
    request = await seats.get_request(tx, seat.request_id)
    session = await open_session(tx, seat.session_id)
    tx.publish(events.not_followed(seat, request, session, tx.today))
