"""Answer an offer, or let its time pass: it ends once, and what it held goes to whom is next."""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.mail import post
from common.rights import Grant
from common.transaction import Tx
from training.enrolments import documents, domain
from training.enrolments.domain import EnrolmentStatus, Offer, OfferClosed, OfferStatus, SeatEventKind, WithdrawalReason
from training.enrolments.events import told
from training.enrolments.queries.offers import find_offer, offer_within
from training.enrolments.repository import seats
from training.enrolments.use_cases.book import Book, cancel_seats, opened, shut


async def accept(tx: Tx, grant: Grant, offer_id: UUID, if_match: str | None) -> None:
    """Take the seats that were held. Raises OfferNotFound, OfferClosed, OfferExpired, PoolNotFound."""
    book, offer = await _held(tx, grant, offer_id, if_match)
    await _close(tx, domain.accept(offer, tx.now))
    request = await seats.get_request(tx, offer.request_id)
    for seat in await seats.seats_of(tx, request.id):
        if seat.offer_id == offer.id and seat.status is EnrolmentStatus.OFFERED:
            taken = domain.confirm(seat, tx.now)
            await seats.save_seat(tx, taken)
            tx.publish(told(taken, request, book.session, tx.today))
    await seats.touch(tx, request.id)
    book.write(SeatEventKind.ACCEPTED, request, seats=offer.seats)
    await shut(book)
    if request.contact_email is not None:
        await post(tx, [documents.asked(request, offer.seats, book.session)])


async def decline(tx: Tx, grant: Grant, offer_id: UUID, if_match: str | None) -> None:
    """Leave the seats to whom is next. Raises OfferNotFound, OfferClosed, PoolNotFound."""
    book, offer = await _held(tx, grant, offer_id, if_match)
    await _end(book, offer, OfferStatus.DECLINED, WithdrawalReason.DECLINED)
    await shut(book)


async def expire_slice(tx: Tx, limit: int) -> int:
    """End the next offers whose time is over, and offer on; return how many were found."""
    overdue = await seats.overdue_offers(tx, tx.now, limit)
    for session_id in sorted({offer.session_id for offer in overdue}):
        book = await opened(tx, session_id)
        for offer in await seats.open_offers(tx, session_id):
            if offer.expires_at <= tx.now:
                await _end(book, offer, OfferStatus.EXPIRED, WithdrawalReason.EXPIRED)
        await shut(book)
    return len(overdue)


async def _held(tx: Tx, grant: Grant, offer_id: UUID, if_match: str | None) -> tuple[Book, Offer]:
    known = await offer_within(tx, grant, offer_id)
    book = await opened(tx, known.session_id)
    offer = await seats.get_offer(tx, offer_id)
    await check_version(if_match, offer.version, partial(find_offer, tx, grant, offer_id))
    return book, offer


async def _end(book: Book, offer: Offer, status: OfferStatus, reason: WithdrawalReason) -> None:
    await _close(book.tx, domain.end(offer, status))
    await cancel_seats(book, await seats.get_request(book.tx, offer.request_id), offer, reason)


async def _close(tx: Tx, offer: Offer) -> None:
    if not await seats.close_offer(tx, offer):
        raise OfferClosed("Cette proposition vient d'être close.")
