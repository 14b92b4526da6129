"""What is done with evaluations: ask, recall, close, answer by a secret link.

The asking is replayed from what is: whom a step has dealt with is not found by the next, so a day's run that is killed
is taken up where it was committed, and a day on which nothing ran is made good the day after.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.mail import post
from common.secret_addresses import new_secret
from common.transaction import Tx
from common.workdays import FRANCE
from training.evaluations import documents, domain, repository
from training.evaluations.domain import AskingRule, Evaluation, EvaluationKind, Said
from training.evaluations.queries import forms
from training.evaluations.queries.rules import asking_rule, questionnaire_on
from training.evaluations.schemas import EvaluationAnswerIn
from training.sessions.queries.outline import outline_of
from training.trainees.queries import addresses_of


async def ask_positioning(tx: Tx, limit: int) -> int:
    """Ask the next people who have a seat where they stand; return how many. Raises RuleMissing."""
    seats = await repository.unpositioned(tx, limit)
    rule = asking_rule(tx.today)
    await _ask(tx, [_asked(tx, EvaluationKind.POSITIONING, seat, rule, None) for seat in seats])
    return len(seats)


async def ask_sessions(tx: Tx, kind: EvaluationKind, limit: int) -> int:
    """Ask the people of the next sessions that are over, hot or cold; return how many sessions. Raises RuleMissing."""
    rule = asking_rule(tx.today)
    sessions = await repository.unasked(tx, kind, rule, limit)
    for session_id in sessions:
        seats = await repository.seats_of(tx, session_id)
        round_id = await repository.open_round(
            tx,
            {
                "session_id": session_id,
                "kind": kind.value,
                "programme_code": seats[0].programme_code,
                "year": seats[0].last_day.year,
                "questionnaire": questionnaire_on(kind, tx.today).since,
                "closes_on": domain.last_to_answer(rule, tx.today),
                "asked": len(seats),
            },
        )
        if round_id is not None:
            await _ask(tx, [_asked(tx, kind, seat, rule, round_id) for seat in seats])
    return len(sessions)


async def chase(tx: Tx, limit: int) -> int:
    """Recall the next evaluations that nobody answered; return how many. Raises RuleMissing."""
    rule = asking_rule(tx.today)
    found = await repository.to_chase(tx, limit)
    chased = [domain.chase(one, rule, tx.today) for one in found]
    for one in chased:
        await repository.save(tx, one)
    await _send(tx, chased)
    return len(found)


async def retire(tx: Tx, limit: int) -> int:
    """Ask no more of people who gave their seat back; return how many."""
    return await repository.retire(tx, limit)


async def close(tx: Tx, limit: int) -> int:
    """Close what is over, and decide what is shown; return how many sessions. Raises RuleMissing."""
    await repository.close_positioning(tx)
    return await repository.close_rounds(tx, asking_rule(tx.today).minimum, limit)


async def answer(tx: Tx, key: str, if_match: str | None, given: EvaluationAnswerIn) -> None:
    """Answer by a link, once: what is anonymous is counted, and who answered is noted elsewhere.

    Raises EvaluationLinkNotFound, AlreadyAnswered, EvaluationClosed, AnswersUnfit, ProgrammeNotFound, VersionNotFound,
    RuleMissing.
    """
    evaluation = await repository.hold(tx, await repository.by_key(tx, key))
    answered = domain.answer(evaluation, tx.today)
    await check_version(if_match, evaluation.version, partial(forms.open_form, tx, key))
    said = Said(given.marks, given.texts)
    domain.require_fit(said, await forms.questions_of(tx, evaluation))
    await repository.save(tx, answered)
    if evaluation.round_id is None:
        await repository.keep_positioning(tx, evaluation.id, said)
    else:
        await repository.count(tx, evaluation.round_id, said)


async def new_link(tx: Tx, evaluation_id: UUID) -> str:
    """Return the key of a new link to an evaluation, for who has no address.

    Raises EvaluationNotFound, AlreadyAnswered, EvaluationClosed.
    """
    evaluation = await forms.evaluation_of(tx, evaluation_id)
    domain.require_open(evaluation, tx.today)
    key = new_secret()
    await repository.add_link(tx, evaluation.id, key)
    return key


def _asked(tx: Tx, kind: EvaluationKind, seat: Any, rule: AskingRule, round_id: UUID | None) -> Evaluation:
    return Evaluation(
        id=new_id(),
        kind=kind,
        enrolment_id=seat.enrolment_id,
        session_id=seat.session_id,
        trainee_id=seat.trainee_id,
        programme_code=seat.programme_code,
        programme_number=seat.programme_number,
        questionnaire=questionnaire_on(kind, tx.today).since,
        round_id=round_id,
        asked_on=tx.today,
        closes_on=domain.last_to_answer(rule, tx.today) if kind.is_anonymous else seat.first_day,
        next_on=FRANCE.after(tx.today, rule.chase_working_days),
    )


async def _ask(tx: Tx, evaluations: Sequence[Evaluation]) -> None:
    if evaluations:
        added = await repository.add(tx, evaluations)
        await _send(tx, [one for one in evaluations if one.id in added])


async def _send(tx: Tx, evaluations: Sequence[Evaluation]) -> None:
    """Write to those who gave an address; the others are asked by a link from hand to hand."""
    addresses = await addresses_of(tx, {one.trainee_id for one in evaluations})
    titles = {one: (await outline_of(tx, one)).title for one in {each.session_id for each in evaluations}}
    mails = []
    for one in evaluations:
        if one.trainee_id in addresses:
            key = new_secret()
            await repository.add_link(tx, one.id, key)
            address, title = addresses[one.trainee_id], titles[one.session_id]
            mails.append(documents.question(one, address, title, key, tx.public_url))
    await post(tx, mails)
