"""The book of a session's seats, held for one act: what is written in it, and who is next when it is shut.

Every act on the seats of a session opens its book, which holds the pool's row, and shuts it: what is free by then goes
to whom the policy says. So that somebody who leaves and somebody who asks at once never miss each other.
"""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from common.identifiers import new_id
from common.mail import post
from common.transaction import Tx
from training.enrolments import documents, domain
from training.enrolments.domain import (
    EnrolmentStatus,
    Offer,
    OfferStatus,
    OpenSession,
    Policy,
    Pool,
    SeatEvent,
    SeatEventKind,
    SeatRequest,
    Share,
)
from training.enrolments.queries.rules import offer_rule
from training.enrolments.queries.sessions import open_session
from training.enrolments.repository import pools, seats


@dataclass(slots=True)
class Book:
    """The seats of a session during one act."""

    tx: Tx
    session: OpenSession
    pool: Pool
    written: Pool
    """The pool as the database has it."""
    lines: list[SeatEvent] = field(default_factory=list)

    def write(self, kind: SeatEventKind, request: SeatRequest | None = None, **said: Any) -> None:
        """Add a line to the log."""
        who: dict[str, Any] = {"request_id": request.id, "buyer": request.buyer} if request else {}
        self.pool = replace(self.pool, events=self.pool.events + 1)
        act = self.lines[0].act if self.lines else self.pool.events
        self.lines.append(SeatEvent(number=self.pool.events, act=act, kind=kind, **who, **said))

    def count(self, *, taken: int = 0, waiting: int = 0) -> None:
        """Count seats more, or less."""
        self.pool = replace(self.pool, taken=self.pool.taken + taken, waiting=self.pool.waiting + waiting)


async def opened(tx: Tx, session_id: UUID) -> Book:
    """Open the book of a session that has one, held until the end of the transaction. Raises PoolNotFound."""
    pool = await pools.hold(tx, session_id)
    book = Book(tx, await open_session(tx, session_id), pool, pool)
    _follow_session(book)
    return book


async def opened_first(tx: Tx, session: OpenSession) -> Book:
    """Open the book of a session, made where there was none."""
    new = await pools.open_pool(tx, session.id, session.seats)
    pool = await pools.hold(tx, session.id)
    book = Book(tx, session, pool, pool)
    if new:
        book.write(SeatEventKind.OPENED, seats=session.seats, policy=book.pool.policy)
    _follow_session(book)
    return book


async def shut(book: Book) -> None:
    """Offer what is free to whom is next, then write the book."""
    for share in await next_shares(book):
        await _offer(book, share)
    if book.pool != book.written:
        await pools.save(book.tx, replace(book.pool, version=book.pool.version + 1))
    if book.lines:
        await pools.log(book.tx, book.session.id, book.lines)


async def next_shares(book: Book) -> tuple[Share, ...]:
    """Return to whom free seats go now."""
    pool = book.pool
    if pool.closed or not pool.free or not pool.waiting:
        return ()
    waiting = await pools.waiting(book.tx, book.session.id)
    seated = await pools.seated(book.tx, book.session.id) if pool.policy is Policy.ONE_EACH_FIRST else ()
    return domain.shares(pool.free, waiting, pool.policy, seated)


def _follow_session(book: Book) -> None:
    """Have as many seats as the session, never fewer than are taken; close them once it has begun, or is not held."""
    pool, session = book.pool, book.session
    capacity = max(session.seats, pool.taken)
    if capacity != pool.capacity and not pool.closed:
        book.pool = replace(pool, capacity=capacity)
        book.write(SeatEventKind.CAPACITY, seats=capacity)
    if not session.gives_seats_at(book.tx.now) and not book.pool.closed:
        book.pool = replace(book.pool, closed=True)
        book.write(SeatEventKind.CLOSED)


async def _offer(book: Book, share: Share) -> None:
    """Hold seats for a request until a day, and tell who asked."""
    tx = book.tx
    request = await seats.get_request(tx, share.request_id)
    offer = Offer(
        id=new_id(),
        session_id=book.session.id,
        request_id=request.id,
        seats=share.seats,
        status=OfferStatus.OPEN,
        opened_at=tx.now,
        expires_at=domain.expires_at(tx.today, book.session.first_starts_at, offer_rule(tx.today)),
    )
    await seats.add_offer(tx, offer)
    waiting = await seats.seats_of(tx, request.id)
    for seat in domain.to_offer(waiting, share.seats):
        await seats.save_seat(tx, domain.offered(seat, offer.id))
    await seats.touch(tx, request.id)
    book.count(taken=share.seats, waiting=-share.seats)
    book.write(SeatEventKind.OFFERED, request, seats=share.seats)
    if request.contact_email is not None:
        await post(tx, [documents.seats_offered(request, offer, book.session)])


async def cancel_seats(book: Book, request: SeatRequest, offer: Offer, reason: domain.WithdrawalReason) -> None:
    """Take back the seats of an offer that was not accepted."""
    for seat in await seats.seats_of(book.tx, request.id):
        if seat.offer_id == offer.id and seat.status is EnrolmentStatus.OFFERED:
            await seats.save_seat(book.tx, domain.lose(seat, reason, book.tx.now))
    await seats.touch(book.tx, request.id)
    book.count(taken=-offer.seats)
    book.write(SeatEventKind.FREED, request, seats=offer.seats)
