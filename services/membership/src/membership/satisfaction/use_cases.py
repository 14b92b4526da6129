"""What a structure does with its opinion: give, change it, no longer be quoted; and the job that makes it anonymous."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

from common.clock import legal_day
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.bookings import queries as bookings
from membership.bookings.domain import require_rateable
from membership.bookings.use_cases import forget_answers, hold_booking, note_answer
from membership.satisfaction import domain, queries, repository
from membership.satisfaction.domain import (
    Satisfaction,
    SatisfactionNotFound,
    require_changeable,
    require_complete,
)
from membership.satisfaction.schemas import SatisfactionIn


async def rate(tx: Tx, grant: Grant, booking_id: UUID, given: SatisfactionIn) -> None:
    """Say what was thought of an accompaniment that was held: once.

    Raises BookingNotFound, AccompanimentNotHeld, SatisfactionGiven, SatisfactionTooLate, RatingsIncomplete,
    RuleMissing.
    """
    await bookings.booking_of(tx, grant, booking_id)
    booking, slot = await hold_booking(tx, booking_id)
    rule = bookings.survey_on(tx.today)
    require_rateable(booking, legal_day(booking.outcome_at or tx.now), rule, tx.today)
    require_complete(given.ratings, rule.questions)
    answer = Satisfaction(
        id=new_id(),
        booking_id=booking.id,
        offer_id=booking.offer_id,
        kind=booking.kind,
        delegation=booking.delegation,
        year=legal_day(slot.starts_at).year,
        ratings=given.ratings,
        comment=given.comment,
        quotable=given.quotable,
        answered_at=tx.now,
    )
    await repository.add(tx, answer)
    await note_answer(tx, booking)


async def change(tx: Tx, grant: Grant, booking_id: UUID, if_match: str | None, given: SatisfactionIn) -> None:
    """Change one's answer in time.

    Raises BookingNotFound, SatisfactionNotFound, SatisfactionFixed, RatingsIncomplete, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    answer, answered_on = await _held(tx, grant, booking_id, if_match)
    rule = bookings.survey_on(answered_on)
    require_changeable(answered_on, rule, tx.today)
    require_complete(given.ratings, rule.questions)
    await repository.save(tx, domain.change(answer, given.ratings, given.comment, quotable=given.quotable))


async def withdraw_quote(tx: Tx, grant: Grant, booking_id: UUID, if_match: str | None) -> None:
    """Take back one's agreement to be quoted; the days to change an answer do not count.

    Raises BookingNotFound, SatisfactionNotFound, NotQuotable, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    answer, _ = await _held(tx, grant, booking_id, if_match)
    await repository.save(tx, domain.withdraw_quote(answer))


async def make_anonymous(tx: Tx, limit: int) -> int:
    """Take from the answers that were named long enough what says whose they are; return how many. Raises RuleMissing.

    Their ratings stay, and the figures with them.
    """
    until = tx.now - timedelta(days=bookings.survey_on(tx.today).named_days)
    told = await repository.make_anonymous(tx, until, limit)
    await forget_answers(tx, told)
    return len(told)


async def _held(tx: Tx, grant: Grant, booking_id: UUID, if_match: str | None) -> tuple[Satisfaction, date]:
    """Return one's own answer, held, in the version that was read, and the day it was given."""
    await bookings.booking_of(tx, grant, booking_id)
    answer = await repository.answer_of(tx, booking_id, for_update=True)
    if answer is None or answer.answered_at is None:
        raise SatisfactionNotFound("Aucun avis n'est donné sur cette réservation.")
    await check_version(if_match, answer.version, partial(queries.find_answer, tx, grant, booking_id))
    return answer, legal_day(answer.answered_at)
