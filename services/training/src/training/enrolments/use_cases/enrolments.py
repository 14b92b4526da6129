"""What is done with one seat: give it back, give it to another person of the same buyer."""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.rights import Grant, Scope
from common.transaction import Tx
from training.enrolments import domain
from training.enrolments.domain import AlreadyEnrolled, NotOfBuyer, WithdrawalReason
from training.enrolments.queries.enrolments import enrolment_within, find_enrolment
from training.enrolments.repository import seats
from training.enrolments.use_cases.book import opened, shut
from training.enrolments.use_cases.leaving import leave
from training.trainees.queries import require_trainees


async def withdraw(tx: Tx, grant: Grant, enrolment_id: UUID, if_match: str | None, reason: WithdrawalReason) -> None:
    """Give a seat back, or wait for it no more; what is free goes to whom is next.

    Raises EnrolmentNotFound, ReasonNotYours, NotLive, OfferPending, PoolNotFound.
    """
    known = await enrolment_within(tx, grant, enrolment_id)
    domain.require_reason(reason, by_staff=grant.scope is Scope.ALL)
    book = await opened(tx, known.session_id)
    seat = await seats.get_seat(tx, enrolment_id)
    await check_version(if_match, seat.version, partial(find_enrolment, tx, grant, enrolment_id))
    await leave(book, await seats.get_request(tx, seat.request_id), seat, reason)
    await shut(book)


async def substitute(tx: Tx, grant: Grant, enrolment_id: UUID, if_match: str | None, trainee_id: UUID) -> None:
    """Give a seat to another person of its buyer, or name one; who had it before is kept.

    Raises EnrolmentNotFound, TraineeNotFound, NotOfBuyer, NotLive, SessionBegun, AlreadyEnrolled, PoolNotFound.
    """
    known = await enrolment_within(tx, grant, enrolment_id)
    person = (await require_trainees(tx, grant, [trainee_id]))[trainee_id]
    book = await opened(tx, known.session_id)
    seat = await seats.get_seat(tx, enrolment_id)
    await check_version(if_match, seat.version, partial(find_enrolment, tx, grant, enrolment_id))
    request = await seats.get_request(tx, seat.request_id)
    if request.individual or person.member_id != request.member_id:
        raise NotOfBuyer("La place passe à une autre personne de la structure qui l'a achetée.")
    domain.require_substitutable(seat, book.session, tx.now, by_staff=grant.scope is Scope.ALL)
    after = domain.substitute(seat, trainee_id)
    if await seats.already_in(tx, seat.session_id, [trainee_id]):
        raise AlreadyEnrolled("Cette personne a déjà une place dans cette session, ou en attend une.")
    await seats.save_seat(tx, after)
    await seats.note_occupant(tx, enrolment_id, trainee_id)
    await seats.touch(tx, request.id)
    await shut(book)
