"""Give a seat back: what it leaves due is decided by the texts, and kept with it."""

from training.enrolments import domain
from training.enrolments.domain import Enrolment, EnrolmentStatus, SeatEventKind, SeatRequest, WithdrawalReason
from training.enrolments.events import given_back
from training.enrolments.queries.rules import due_for
from training.enrolments.repository import seats
from training.enrolments.use_cases.book import Book


async def leave(book: Book, request: SeatRequest, seat: Enrolment, reason: WithdrawalReason) -> None:
    """Give a seat back, or wait for it no more. Raises NotLive, OfferPending."""
    tx = book.tx
    after = domain.withdraw(seat, reason, tx.now)
    had_a_seat = seat.status is EnrolmentStatus.CONFIRMED
    due = due_for(request, book.session, reason, tx.now, had_a_seat=had_a_seat)
    await seats.save_seat(tx, after, due)
    await seats.touch(tx, request.id)
    if had_a_seat:
        book.count(taken=-1)
        book.write(SeatEventKind.FREED, request, seats=1)
        tx.publish(given_back(after, request, book.session, tx.today), reason=reason.value)
    else:
        book.count(waiting=-1)
        book.write(SeatEventKind.LEFT, request, seats=1)
