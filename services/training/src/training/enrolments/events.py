"""What other services are told of a seat: never who has it, nor anything that tells one person from another."""

from datetime import date
from decimal import Decimal

from common.clock import legal_day
from common.contracts.training import EnrolmentCancelled, EnrolmentConfirmed, EnrolmentState, TrainingCompleted
from training.enrolments.domain import Enrolment, OpenSession, SeatRequest


def told(seat: Enrolment, request: SeatRequest, session: OpenSession, today: date) -> EnrolmentConfirmed:
    """Tell that a seat is taken."""
    return EnrolmentConfirmed(state=_state(seat, request, session, today))


def given_back(seat: Enrolment, request: SeatRequest, session: OpenSession, today: date) -> EnrolmentCancelled:
    """Tell that a seat is given back."""
    return EnrolmentCancelled(state=_state(seat, request, session, today))


def followed(
    seat: Enrolment, request: SeatRequest, session: OpenSession, hours: Decimal, last_day: date
) -> TrainingCompleted:
    """Tell that the training was followed: how many hours, and until when."""
    state = _state(seat, request, session, last_day)
    return TrainingCompleted(
        state=state.model_copy(update={"status": "completed", "completed_on": last_day, "hours": hours})
    )


def not_followed(seat: Enrolment, request: SeatRequest, session: OpenSession, today: date) -> EnrolmentCancelled:
    """Tell that a presence was counted by mistake."""
    return EnrolmentCancelled(state=_state(seat, request, session, today).model_copy(update={"status": "cancelled"}))


def _state(seat: Enrolment, request: SeatRequest, session: OpenSession, today: date) -> EnrolmentState:
    return EnrolmentState(
        id=seat.id,
        session_id=seat.session_id,
        action_code=request.programme_code,
        member_id=request.member_id,
        delegation=session.delegation,
        status=seat.status.value,
        confirmed_on=legal_day(seat.confirmed_at) if seat.confirmed_at else today,
        completed_on=None,
        hours=None,
    )
