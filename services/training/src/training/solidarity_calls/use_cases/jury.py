"""The jury and what follows: score, decline, spend an award, close it."""

from uuid import UUID

from common.rights import Grant
from common.transaction import Tx
from training.envelopes.use_cases import consume, release
from training.solidarity_calls import domain, queries, repository
from training.solidarity_calls.domain import Application, JurorPart, Score, subject_of
from training.solidarity_calls.schemas import SolidarityRecusalIn, SolidarityScoreIn, SolidaritySpendingIn
from training.solidarity_calls.use_cases.applications import held_application


async def give_score(tx: Tx, grant: Grant, application_id: UUID, given: SolidarityScoreIn) -> None:
    """Give one's score of an application, once and for good.

    Raises SolidarityApplicationNotFound, SolidarityNotScoring, SolidarityScoreGiven, SolidarityJurorRecused,
    SolidarityMarksWrong.
    """
    application = await _judged(tx, grant, application_id)
    domain.require_marks(application.call.said, given.marks)
    score = Score(juror=tx.actor.subject, part=JurorPart.SCORED, marks=given.marks, comment=given.comment)
    await repository.add_score(tx, application_id, score)


async def decline(tx: Tx, grant: Grant, application_id: UUID, given: SolidarityRecusalIn) -> None:
    """Declare a tie with an application, and not score it.

    Raises SolidarityApplicationNotFound, SolidarityNotScoring, SolidarityScoreGiven, SolidarityJurorRecused.
    """
    await _judged(tx, grant, application_id)
    score = Score(juror=tx.actor.subject, part=JurorPart.RECUSED, marks={}, comment=given.reason)
    await repository.add_score(tx, application_id, score)


async def spend(tx: Tx, grant: Grant, application_id: UUID, given: SolidaritySpendingIn) -> None:
    """Note what a part of an award was spent on: it is consumed from the envelope.

    Raises SolidarityApplicationNotFound, SolidarityAwardMissing, SolidarityAwardClosed, SolidarityAwardShort,
    SolidarityDayWrong, EnvelopeNotFound, ReservationNotFound, ReservationShort, EnvelopeShort.
    """
    await queries.reached_application(tx, grant, application_id)
    application = await repository.hold_application(tx, application_id)
    award = domain.require_award(application.award)
    spent = (await repository.spent_of(tx, [application_id]))[application_id]
    spending = given.spending()
    domain.require_spendable(award, spent, spending, tx.today)
    await repository.add_spending(tx, application, spending)
    envelope_id = application.call.said.envelope_id
    await consume(tx, envelope_id, subject_of(application), spending.amount, spending.label)


async def close_award(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None) -> None:
    """Close an award: what is left of it goes back to the envelope.

    Raises SolidarityApplicationNotFound, SolidarityAwardMissing, SolidarityAwardClosed, EnvelopeNotFound,
    ReservationNotFound, ReservationShort, EnvelopeShort, PreconditionMissing, PreconditionFailed.
    """
    application = await held_application(tx, grant, application_id, if_match)
    award = domain.require_award(application.award)
    domain.require_standing(award)
    spent = (await repository.spent_of(tx, [application_id]))[application_id]
    left = award.amount - spent.amount
    if left:
        await release(tx, application.call.said.envelope_id, subject_of(application), left, "Aide close")
    await repository.save_closed(tx, application)


async def _judged(tx: Tx, grant: Grant, application_id: UUID) -> Application:
    """Hold an application that a juror may still judge; its call first, as by who freezes the ranking."""
    application = await queries.reached_application(tx, grant, application_id)
    call = await repository.hold_call(tx, application.call.id)
    domain.require_scoring(call, tx.today)
    domain.require_judged(application)
    domain.require_part_open((await repository.own_scores(tx, [application_id])).get(application_id))
    return application
