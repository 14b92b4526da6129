"""Run the seats of a session: the order of its waiting list; and what a decision on the session does with them."""

from dataclasses import replace
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.transaction import Tx
from training.enrolments.domain import OfferStatus, Policy, SeatEventKind, WithdrawalReason, choose, end
from training.enrolments.queries.seats import find_seats
from training.enrolments.queries.sessions import open_session
from training.enrolments.repository import seats
from training.enrolments.use_cases.book import cancel_seats, opened, opened_first, shut
from training.enrolments.use_cases.leaving import leave


async def open_seats(tx: Tx, session_id: UUID) -> None:
    """Have the seats of a session counted, before anybody asks. Raises SessionNotFound, SessionNotOpen."""
    await shut(await opened_first(tx, await open_session(tx, session_id)))


async def choose_policy(tx: Tx, session_id: UUID, if_match: str | None, policy: Policy) -> None:
    """Say who is next from now on; what is free goes accordingly at once.

    Raises PoolNotFound, PoolClosed, SessionNotFound, SessionNotOpen.
    """
    book = await opened(tx, session_id)
    await check_version(if_match, book.pool.version, partial(find_seats, tx, session_id))
    book.pool = choose(book.pool, policy)
    book.write(SeatEventKind.POLICY, policy=policy)
    await shut(book)


async def release_all(tx: Tx, session_id: UUID, reason: WithdrawalReason) -> list[UUID]:
    """Give back every seat of a session that is not held, and close it; return the requests that had or awaited one.

    For what decides on sessions. Nothing is offered any more, nothing is due. Raises PoolNotFound.
    """
    book = await opened(tx, session_id)
    if not book.pool.closed:
        book.pool = replace(book.pool, closed=True)
        book.write(SeatEventKind.CLOSED)
    touched = set()
    for offer in await seats.open_offers(tx, session_id):
        await seats.close_offer(tx, end(offer, OfferStatus.WITHDRAWN))
        await cancel_seats(book, await seats.get_request(tx, offer.request_id), offer, reason)
        touched.add(offer.request_id)
    for seat in await seats.live_seats(tx, session_id):
        await leave(book, await seats.get_request(tx, seat.request_id), seat, reason)
        touched.add(seat.request_id)
    await shut(book)
    return sorted(touched)
