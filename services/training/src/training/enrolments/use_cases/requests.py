"""Ask for seats: at the price of a quote, for people named now or later; taken at once, or waited for in turn."""

from dataclasses import replace
from functools import partial
from typing import NamedTuple
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.mail import post
from common.money import round_to_cents
from common.numbering import Series, take_numbers
from common.rights import Grant, Scope
from common.transaction import Tx
from training.enrolments import documents, domain
from training.enrolments.domain import (
    AlreadyEnrolled,
    Enrolment,
    EnrolmentStatus,
    NotOfBuyer,
    OpenSession,
    QuoteOfAnother,
    SeatEventKind,
    SeatRequest,
    SessionNotOpen,
    WithdrawalReason,
)
from training.enrolments.events import told
from training.enrolments.queries.requests import find_request, request_within
from training.enrolments.queries.sessions import as_open
from training.enrolments.repository import pools, seats
from training.enrolments.schemas import RequestIn
from training.enrolments.use_cases.book import Book, next_shares, opened, opened_first, shut
from training.enrolments.use_cases.leaving import leave
from training.quotes import use_cases as quotes
from training.quotes.domain import BuyerKind, Quote
from training.quotes.queries import session_within
from training.trainees.queries import require_trainees


class Asked(NamedTuple):
    """A request just made, and its seats."""

    request: SeatRequest
    seats: list[Enrolment]


async def ask(tx: Tx, grant: Grant, given: RequestIn) -> Asked:
    """Ask for the seats of a quote; return the request with its seats. What is free is taken, the rest is waited for.

    Raises QuoteNotFound, QuoteAccepted, QuoteExpired, QuoteOutdated, QuoteOfAnother, SessionNotFound, SessionNotOpen,
    EnrolmentsClosed, SessionReserved, TraineesMismatch, TraineeNotFound, NotOfBuyer, AlreadyEnrolled, and what a quote
    that is asked for in the same act refuses.
    """
    quote_id = given.quote_id or (await quotes.ask(tx, grant, given.asked_quote)).id
    quote = await quotes.take(tx, grant, quote_id)
    session = await _session_of(tx, grant, quote, given.session_id)
    domain.require_open(session, quote.buyer.member_id, tx.today)
    await _require_people(tx, grant, quote, given, session)
    request = SeatRequest(
        id=new_id(),
        reference="",
        session_id=session.id,
        quote_id=quote.id,
        programme_code=quote.programme_code,
        buyer=quote.buyer.key,
        buyer_name=quote.buyer_name,
        individual=quote.buyer.kind is BuyerKind.INDIVIDUAL,
        member_id=quote.buyer.member_id,
        seats=quote.seats,
        together=given.together,
        place=0,
        unit_price=round_to_cents(quote.priced.total / quote.seats),
        names_by=given.names_by,
        contact_email=given.contact_email,
        asked_at=tx.now,
        asked_by=tx.actor.subject,
    )
    return await _seat(tx, session, request, given.trainees)


async def withdraw(tx: Tx, grant: Grant, request_id: UUID, if_match: str | None, reason: WithdrawalReason) -> None:
    """Give back all the seats of a request that are not offered, and wait for none any more.

    Raises RequestNotFound, ReasonNotYours, NotLive, PoolNotFound.
    """
    request = await request_within(tx, grant, request_id)
    domain.require_reason(reason, by_staff=grant.scope is Scope.ALL)
    book = await opened(tx, request.session_id)
    held = await seats.get_request(tx, request_id)
    await check_version(if_match, held.version, partial(find_request, tx, grant, request_id))
    for seat in domain.to_give_back(await seats.seats_of(tx, request_id)):
        await leave(book, held, seat, reason)
    await shut(book)


async def _session_of(tx: Tx, grant: Grant, quote: Quote, wanted: UUID | None) -> OpenSession:
    """Return the session that a quote is for, or the one chosen now. Raises SessionNotFound, QuoteOfAnother."""
    chosen = quote.session_id or wanted
    if chosen is None or (wanted is not None and wanted != chosen):
        raise QuoteOfAnother("Dites la session : ce devis n'en nomme pas, ou en nomme une autre.")
    session = await session_within(tx, grant, chosen)
    if (session.programme_code, session.programme_number) != (quote.programme_code, quote.programme_number):
        raise QuoteOfAnother(
            "Cette session suit un autre programme, ou une autre version : demandez un devis pour elle."
        )
    return as_open(session)


async def _require_people(tx: Tx, grant: Grant, quote: Quote, given: RequestIn, session: OpenSession) -> None:
    """Have the people be the buyer's. Raises TraineesMismatch, TraineeNotFound, NotOfBuyer."""
    domain.require_names(quote.seats, given.trainees, given.names_by, session)
    people = await require_trainees(tx, grant, given.trainees) if given.trainees else {}
    buyer = quote.buyer
    if buyer.kind is BuyerKind.INDIVIDUAL and list(given.trainees) != [buyer.trainee_id]:
        raise NotOfBuyer("Qui paie à ses frais prend une place pour soi.")
    if buyer.kind is not BuyerKind.INDIVIDUAL and any(one.member_id != buyer.member_id for one in people.values()):
        raise NotOfBuyer("Une place est pour une personne de la structure qui l'achète.")


async def _seat(tx: Tx, session: OpenSession, request: SeatRequest, named: list[UUID]) -> Asked:
    """Take what is free, wait for the rest, keep both."""
    book, placed, given = await _joined(tx, session, request)
    # The pool is held by now: nobody else seats one of them meanwhile.
    if named and await seats.already_in(tx, session.id, named):
        raise AlreadyEnrolled("Une de ces personnes a déjà une place dans cette session, ou en attend une.")
    [reference] = await take_numbers(tx, Series("training", "INS", tx.today.year), 1)
    placed = replace(placed, reference=reference)
    asked = [_asked(placed, rank, named) for rank in range(1, placed.seats + 1)]
    taken = [domain.confirm(seat, tx.now) for seat in asked[:given]]
    await seats.add_request(tx, placed, [*taken, *asked[given:]])
    more = await _given_in_turn(book, placed)
    for seat in asked[given : given + more]:
        taken.append(domain.confirm(seat, tx.now))
        await seats.save_seat(tx, taken[-1])
    book.count(taken=more, waiting=-more)
    book.write(SeatEventKind.ASKED, placed, seats=placed.seats, given=given + more, together=placed.together)
    for seat in taken:
        tx.publish(told(seat, placed, session, tx.today))
    await shut(book)
    if placed.contact_email is not None:
        await post(tx, [documents.asked(placed, len(taken), session)])
    return Asked(placed, [*taken, *asked[len(taken) :]])


async def _joined(tx: Tx, session: OpenSession, request: SeatRequest) -> tuple[Book, SeatRequest, int]:
    """Take seats or wait for them in one statement; where the pool is not as the session is, mend it, then again."""
    joined = await pools.join(tx, session.id, session.seats, request.seats, together=request.together)
    if joined is None:
        book = await opened_first(tx, session)
        await shut(book)
        joined = await pools.join(tx, session.id, book.pool.capacity, request.seats, together=request.together)
    if joined is None:
        raise SessionNotOpen("Les places de cette session ne se demandent plus.")
    # The line that is about to be written is counted already, so that the pool is written once.
    uncounted = replace(joined.pool, events=joined.pool.events - 1)
    book = Book(tx, session, uncounted, joined.pool)
    return book, replace(request, place=joined.pool.places), joined.given


async def _given_in_turn(book: Book, request: SeatRequest) -> int:
    """Return how many seats a newcomer gets where others wait and the policy passes them."""
    return sum(share.seats for share in await next_shares(book) if share.request_id == request.id)


def _asked(request: SeatRequest, rank: int, named: list[UUID]) -> Enrolment:
    return Enrolment(
        id=new_id(),
        request_id=request.id,
        session_id=request.session_id,
        rank=rank,
        status=EnrolmentStatus.WAITING,
        trainee_id=named[rank - 1] if rank <= len(named) else None,
    )
