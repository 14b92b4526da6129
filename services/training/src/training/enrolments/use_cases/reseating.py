"""Empty a session that is not held: its people go to other sessions, in order and at their price, or are let go.

For what decides on sessions. Every book is opened before anything is written, in one order for everybody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from common.clock import legal_day
from common.etags import check_version
from common.identifiers import new_id
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from training.enrolments import domain
from training.enrolments.domain import (
    Enrolment,
    EnrolmentStatus,
    Leaving,
    OfferStatus,
    Placing,
    Reseated,
    ReseatOutcome,
    SeatEventKind,
    SeatRequest,
    SessionBegun,
    WithdrawalReason,
    head_place,
)
from training.enrolments.events import told
from training.enrolments.queries.enrolments import enrolment_within, find_enrolment
from training.enrolments.queries.sessions import open_session
from training.enrolments.repository import pools, seats
from training.enrolments.use_cases.book import Book, cancel_seats, opened, opened_first, shut
from training.enrolments.use_cases.leaving import leave

_OUTCOMES = {
    EnrolmentStatus.CONFIRMED: ReseatOutcome.MOVED,
    EnrolmentStatus.OFFERED: ReseatOutcome.OFFERED,
    EnrolmentStatus.WAITING: ReseatOutcome.WAITING,
}


async def open_books(tx: Tx, session_ids: Collection[UUID]) -> dict[UUID, Book]:
    """Hold the seats of several sessions, counted from now on where nobody had asked for any.

    In the order of their ids: two who do so at once never wait for each other. Raises SessionNotFound, SessionNotOpen.
    """
    return {one: await opened_first(tx, await open_session(tx, one)) for one in sorted(session_ids)}


async def empty(tx: Tx, book: Book, into: Sequence[Book], reason: WithdrawalReason) -> list[Reseated]:
    """Close the seats of a session that is held by its book, and seat its people in others, the first one first.

    Prices and quotes stay; of a session that has begun, what was carried out alone is due. A person who is in one of
    the others already is not seated twice.
    Raises SessionBegun: nobody is moved out of a session that has begun.
    """
    if into and tx.now >= book.session.first_starts_at:
        raise SessionBegun("La session a commencé : ses places ne se reportent plus.")
    before = await seats.live_seats(tx, book.session.id)
    requests = {one: await seats.get_request(tx, one) for one in sorted({seat.request_id for seat in before})}
    await _give_up(book, requests, before, reason)
    await shut(book)
    if not into:
        return [_left(seat, requests, ReseatOutcome.RELEASED) for seat in before]
    staying = await _already_in(tx, before, into)
    moving = [seat for seat in before if seat.trainee_id not in staying]
    placings = domain.place(_leaving(moving, requests), [one.pool.free for one in into])
    moved = await _seat(tx, placings, into)
    return [
        *moved,
        *(_left(seat, requests, ReseatOutcome.NOT_MOVED) for seat in before if seat.trainee_id in staying),
    ]


async def give_back_reseated(tx: Tx, grant: Grant, enrolment_id: UUID, if_match: str | None) -> None:
    """Give a seat back that was asked for in another session: nothing is due, the body changed the date.

    Raises EnrolmentNotFound, NotLive, OfferPending, PoolNotFound, PreconditionMissing, PreconditionFailed.
    """
    known = await enrolment_within(tx, grant, enrolment_id)
    book = await opened(tx, known.session_id)
    seat = await seats.get_seat(tx, enrolment_id)
    await check_version(if_match, seat.version, partial(find_enrolment, tx, grant, enrolment_id))
    await leave(book, await seats.get_request(tx, seat.request_id), seat, WithdrawalReason.DATE_MOVED)
    await shut(book)


async def _give_up(
    book: Book, requests: Mapping[UUID, SeatRequest], live: Sequence[Enrolment], reason: WithdrawalReason
) -> None:
    """Give back every seat, and offer nothing any more."""
    if not book.pool.closed:
        book.pool = replace(book.pool, closed=True)
        book.write(SeatEventKind.CLOSED)
    for offer in await seats.open_offers(book.tx, book.session.id):
        await seats.close_offer(book.tx, domain.end(offer, OfferStatus.WITHDRAWN))
        await cancel_seats(book, requests[offer.request_id], offer, reason)
    for seat in live:
        if seat.status is not EnrolmentStatus.OFFERED:
            await leave(book, requests[seat.request_id], seat, reason)


async def _already_in(tx: Tx, live: Sequence[Enrolment], into: Sequence[Book]) -> set[UUID]:
    """Return those of some people who have a seat of one of the other sessions, or wait for one."""
    people = {seat.trainee_id for seat in live if seat.trainee_id}
    found: set[UUID] = set()
    for book in into:
        found |= await seats.already_in(tx, book.session.id, people) if people else set()
    return found


def _leaving(moving: Sequence[Enrolment], requests: Mapping[UUID, SeatRequest]) -> list[Leaving]:
    """Return what is left of each request: those named first, then in the order in which they were asked for."""
    found = []
    for request in requests.values():
        own = [seat for seat in moving if seat.request_id == request.id]
        own.sort(key=lambda seat: (seat.trainee_id is None, seat.rank))
        had = tuple(seat for seat in own if seat.status is EnrolmentStatus.CONFIRMED)
        waited = tuple(seat for seat in own if seat.status is not EnrolmentStatus.CONFIRMED)
        found += [Leaving(request=request, had=had, waited=waited)] if own else []
    return found


async def _seat(tx: Tx, placings: Sequence[Placing], into: Sequence[Book]) -> list[Reseated]:
    """Write who goes where, then offer what is still free to whom is next."""
    year = Series("training", "INS", tx.today.year)
    references = await take_numbers(tx, year, len(placings)) if placings else []
    written = [
        await _place(into[one.sister], one, reference) for one, reference in zip(placings, references, strict=True)
    ]
    for book in into:
        await shut(book)
    return [seat for placed, request in written for seat in await _became(tx, placed, request)]


async def _place(book: Book, placing: Placing, reference: str) -> tuple[Placing, SeatRequest]:
    """Have a request carried on in another session, at its price and in its turn."""
    tx, old = book.tx, placing.request
    last_day = legal_day(book.session.first_starts_at) - timedelta(1)
    request = replace(
        old,
        id=new_id(),
        reference=reference,
        session_id=book.session.id,
        seats=len(placing.seats),
        place=head_place(book.pool.events + 1),
        names_by=min(old.names_by, last_day) if old.names_by else None,
        reseats=old.id,
        version=1,
    )
    asked = [_carried(request, rank, seat) for rank, seat in enumerate(placing.seats, start=1)]
    taken = [domain.confirm(seat, tx.now) for seat in asked[: len(placing.taken)]]
    await seats.add_request(tx, request, [*taken, *asked[len(taken) :]])
    had, waited = len(placing.taken) + len(placing.lacking), len(placing.waited)
    book.count(taken=len(taken), waiting=len(asked) - len(taken))
    if had:
        book.write(SeatEventKind.RESEATED, request, seats=had, given=len(taken), together=request.together)
    if waited:
        book.write(SeatEventKind.CARRIED, request, seats=waited, together=request.together)
    for seat in taken:
        tx.publish(told(seat, request, book.session, tx.today))
    return placing, request


def _carried(request: SeatRequest, rank: int, seat: Enrolment) -> Enrolment:
    return Enrolment(
        id=new_id(),
        request_id=request.id,
        session_id=request.session_id,
        rank=rank,
        status=EnrolmentStatus.WAITING,
        trainee_id=seat.trainee_id,
    )


async def _became(tx: Tx, placing: Placing, request: SeatRequest) -> list[Reseated]:
    """Tell what became of each seat, once everybody is placed."""
    now = await seats.seats_of(tx, request.id)
    waits = any(seat.status is EnrolmentStatus.WAITING for seat in now)
    rank = (await pools.rank_of(tx, request))[0] if waits else None
    return [
        Reseated(
            seat=before,
            request=placing.request,
            outcome=_OUTCOMES[after.status],
            to=after,
            to_request=request,
            rank=rank if after.status is EnrolmentStatus.WAITING else None,
        )
        for before, after in zip(placing.seats, now, strict=True)
    ]


def _left(seat: Enrolment, requests: Mapping[UUID, SeatRequest], outcome: ReseatOutcome) -> Reseated:
    return Reseated(seat=seat, request=requests[seat.request_id], outcome=outcome)
