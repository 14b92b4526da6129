"""What people do with a self-assessment: open, answer alone or in a group, submit, follow the plan, review, close.

An assessment is held before all that belongs to it: who gives answers and who ends their gathering do not miss each
other.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.assessments import domain, queries, repository
from membership.assessments.domain import (
    Answer,
    AssessmentNotFound,
    PeerUnfit,
    PlanAction,
    QuestionUnknown,
    Remark,
    Review,
    ReviewKind,
    ReviewNotFound,
    SelfAssessment,
    Sheet,
    amend,
    build,
    fill,
    give,
    give_review,
    peer,
    proposals,
    record,
    require_another,
    require_followed,
    require_gathering,
    require_usable,
    write,
)
from membership.assessments.schemas import ActionAmend, ActionIn, AssessmentIn, QuestionAnswerIn, ReviewIn
from membership.banks.domain import score
from membership.banks.queries import bank_of
from membership.members import use_cases as members
from membership.members.domain import MemberNotFound, NotAMember, belongs
from membership.members.queries import structures_of


async def open_assessment(tx: Tx, grant: Grant, opened: AssessmentIn) -> UUID:
    """Begin an assessment of one's own structure; return its id.

    Raises MemberNotFound, NotAMember, BankNotFound, BankClosed, AssessmentAlreadyOpen.
    """
    if tx.actor.member_id is None:
        raise MemberNotFound("Votre jeton ne dit pas quelle est votre structure.")
    structure = await members.hold_within(tx, grant, tx.actor.member_id)
    if not belongs(structure):
        raise NotAMember(f"{structure.name} n'est pas adhérente.")
    bank = bank_of(opened.bank)
    require_usable(bank, tx.today)
    assessment = SelfAssessment(new_id(), structure.id, bank.code, bank.family, opened.mode, tx.today)
    await repository.add(tx, assessment)
    return assessment.id


async def answer(
    tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None, answers: Sequence[QuestionAnswerIn]
) -> None:
    """Write some of the structure's answers; in a group, those that it settles.

    Raises AssessmentNotFound, BankNotFound, AssessmentSubmitted, AnswersBeingGathered, AnswersUnfit,
    PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    await repository.save(tx, record(assessment, bank_of(assessment.bank), _written(tx, answers)))


async def open_sheet(tx: Tx, grant: Grant, assessment_id: UUID) -> None:
    """Begin one's own answers in a group. Raises AssessmentNotFound, AssessmentSubmitted, NoGathering, SheetExists."""
    assessment = await _held(tx, grant, assessment_id)
    require_gathering(assessment)
    await repository.add_sheet(tx, Sheet(new_id(), assessment.id, tx.actor.subject))


async def fill_sheet(
    tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None, answers: Sequence[QuestionAnswerIn]
) -> None:
    """Write some of one's own answers.

    Raises AssessmentNotFound, SheetNotFound, BankNotFound, AssessmentSubmitted, NoGathering, SheetGiven, AnswersUnfit,
    PreconditionMissing, PreconditionFailed.
    """
    assessment, sheet = await _own_sheet(tx, grant, assessment_id, if_match)
    await repository.save_sheet(tx, fill(sheet, assessment, bank_of(assessment.bank), _written(tx, answers)))


async def give_sheet(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """Give one's own answers to the group, for good.

    Raises AssessmentNotFound, SheetNotFound, AssessmentSubmitted, NoGathering, SheetGiven, SheetEmpty,
    PreconditionMissing, PreconditionFailed.
    """
    assessment, sheet = await _own_sheet(tx, grant, assessment_id, if_match)
    await repository.save_sheet(tx, give(sheet, assessment, tx.now))


async def end_gathering(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """End the time in which each gives answers of their own: the group settles from then.

    Raises AssessmentNotFound, AssessmentSubmitted, NoGathering, PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    await repository.save(tx, domain.end_gathering(assessment, tx.today))


async def submit(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """Settle the answers for good, and propose a progress plan from them.

    Raises AssessmentNotFound, BankNotFound, AssessmentSubmitted, AnswersBeingGathered, AnswersMissing, QuestionPlanned,
    PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    structure = (await structures_of(tx, [assessment.member_id]))[assessment.member_id]
    bank = bank_of(assessment.bank)
    submitted = domain.submit(assessment, bank, structure.delegation, tx.today)
    plan = [
        PlanAction(new_id(), submitted.id, rank, one.text, one.due_on, one.question, one.level, one.target)
        for rank, one in enumerate(build(bank, submitted.answers, tx.today), start=1)
    ]
    await repository.save_submitted(tx, submitted, queries.SCORES.dump_python(score(bank, submitted.answers)))
    await repository.add_actions(tx, plan)


async def close(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """End the follow-up of an assessment and of its plan.

    Raises AssessmentNotFound, AssessmentNotSubmitted, PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    await repository.save(tx, domain.close(assessment, tx.today))


async def abandon(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """Give an assessment up before it is submitted.

    Raises AssessmentNotFound, AssessmentSubmitted, PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    await repository.save(tx, domain.abandon(assessment))


async def add_action(tx: Tx, grant: Grant, assessment_id: UUID, added: ActionIn) -> UUID:
    """Add an action to the plan, of the structure's own or as proposed for a question; return its id.

    Raises AssessmentNotFound, BankNotFound, AssessmentNotSubmitted, QuestionUnknown, QuestionPlanned.
    """
    assessment = await _held(tx, grant, assessment_id)
    require_followed(assessment)
    last = max((action.rank for action in await repository.plan_of(tx, assessment.id)), default=0)
    action = replace(_planned(tx, assessment, added), id=new_id(), rank=last + 1, owner=added.owner)
    await repository.add_actions(tx, [action])
    return action.id


async def amend_action(
    tx: Tx, grant: Grant, assessment_id: UUID, action_id: UUID, if_match: str | None, amendment: ActionAmend
) -> None:
    """Change an action of the plan; what it said before stays with it.

    Raises AssessmentNotFound, ActionNotFound, AssessmentNotSubmitted, ReasonNeeded, PreconditionMissing,
    PreconditionFailed.
    """
    assessment = await _held(tx, grant, assessment_id)
    action = await repository.action_of(tx, assessment.id, action_id)
    await check_version(if_match, action.version, partial(queries.find_action, tx, grant, assessment_id, action_id))
    require_followed(assessment)
    await repository.save_action(tx, amend(action, amendment.fields(), tx.now, tx.actor.subject))


async def open_review(tx: Tx, grant: Grant, assessment_id: UUID) -> UUID:
    """Begin to review an assessment as a third party, for the network or one's delegation; return the review's id.

    Raises AssessmentNotFound, OwnAssessment, AssessmentNotSubmitted, ReviewExists.
    """
    found = await queries.reached(tx, grant, assessment_id)
    require_another(found.member_id, tx.actor.member_id)
    author = queries.third_party(grant)
    if author is None:  # a structure that was invited has its review already
        raise AssessmentNotFound(queries.NOT_WITHIN_REACH)
    assessment = await repository.get_for_update(tx, assessment_id)
    require_followed(assessment)
    review = Review(new_id(), assessment.id, ReviewKind.THIRD_PARTY, author, tx.today)
    await repository.add_review(tx, review)
    return review.id


async def invite_peer(tx: Tx, grant: Grant, assessment_id: UUID, peer_id: UUID) -> UUID:
    """Ask another structure to review; it sees this assessment from then. Return the review's id.

    Raises AssessmentNotFound, AssessmentNotSubmitted, PeerUnfit, ReviewExists.
    """
    assessment = await _held(tx, grant, assessment_id)
    require_followed(assessment)
    invited = (await structures_of(tx, [peer_id])).get(peer_id)
    if invited is None or not belongs(invited) or invited.id == assessment.member_id:
        raise PeerUnfit("Invitez une autre structure, adhérente.")
    review = Review(new_id(), assessment.id, ReviewKind.PEER, peer(peer_id), tx.today, peer_id=peer_id)
    await repository.add_review(tx, review)
    return review.id


async def write_review(
    tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None, written: ReviewIn
) -> None:
    """Write some remarks of one's review, or its conclusion.

    Raises AssessmentNotFound, ReviewNotFound, BankNotFound, AssessmentNotSubmitted, ReviewClosed, AnswersUnfit,
    PreconditionMissing, PreconditionFailed.
    """
    assessment, review = await _own_review(tx, grant, assessment_id, review_id, if_match)
    remarks = {one.question: Remark(level=one.level, comment=one.comment) for one in written.remarks}
    await repository.save_review(tx, write(review, bank_of(assessment.bank), remarks, written.conclusion))


async def give_review_of(tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None) -> None:
    """Give one's review to the structure.

    Raises AssessmentNotFound, ReviewNotFound, AssessmentNotSubmitted, ReviewClosed, ConclusionNeeded,
    PreconditionMissing, PreconditionFailed.
    """
    assessment, review = await _own_review(tx, grant, assessment_id, review_id, if_match)
    given = give_review(review, tx.today)
    await repository.save_review(tx, given)
    await repository.save(tx, domain.reviewed(assessment))


async def withdraw_review(
    tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None, reason: str
) -> None:
    """Take back one's review before it is given; the structure takes back its invitation.

    Raises AssessmentNotFound, ReviewNotFound, ReviewClosed, PreconditionMissing, PreconditionFailed.
    """
    assessment = await queries.reached(tx, grant, assessment_id)
    await repository.get_for_update(tx, assessment_id)
    review = await repository.review_of(tx, assessment_id, review_id)
    if not queries.reviewer(tx).may_withdraw(review, assessment.member_id):
        raise ReviewNotFound(queries.REVIEW_NOT_WITHIN_REACH)
    current = partial(queries.find_review, tx, grant, assessment_id, review_id)
    await check_version(if_match, review.version, current)
    await repository.save_review(tx, domain.withdraw(review, reason))


def _written(tx: Tx, answers: Sequence[QuestionAnswerIn]) -> dict[str, Answer]:
    return {
        one.question: Answer(
            level=one.level,
            not_applicable=one.not_applicable,
            comment=one.comment,
            evidence=one.evidence,
            recorded_at=tx.now,
            recorded_by=tx.actor.subject,
        )
        for one in answers
    }


def _planned(tx: Tx, assessment: SelfAssessment, added: ActionIn) -> PlanAction:
    """Return an action to add, without its place. Raises BankNotFound, QuestionUnknown."""
    blank = PlanAction(new_id(), assessment.id, 0, added.text or "", added.due_on or tx.today)
    if added.question is None:
        return blank
    bank = bank_of(assessment.bank)
    proposed = {one.question: one for one in proposals(bank, assessment.answers, tx.today)}
    if added.question not in proposed:
        raise QuestionUnknown(f"Rien n'est à proposer pour « {added.question} » : elle est inconnue, ou au plus haut.")
    one = proposed[added.question]
    return replace(
        blank,
        text=added.text or one.text,
        due_on=added.due_on or one.due_on,
        question=one.question,
        level=one.level,
        target=one.target,
    )


async def _held(tx: Tx, grant: Grant, assessment_id: UUID) -> SelfAssessment:
    """Return one's own assessment, held. Raises AssessmentNotFound."""
    found = await queries.reached(tx, grant, assessment_id)
    if found.member_id != tx.actor.member_id:
        raise AssessmentNotFound(queries.NOT_WITHIN_REACH)
    return await repository.get_for_update(tx, assessment_id)


async def _own(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> SelfAssessment:
    assessment = await _held(tx, grant, assessment_id)
    await check_version(if_match, assessment.version, partial(queries.find_assessment, tx, grant, assessment_id))
    return assessment


async def _own_sheet(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> tuple[SelfAssessment, Sheet]:
    assessment = await _held(tx, grant, assessment_id)
    sheet = await repository.own_sheet(tx, assessment.id)
    await check_version(if_match, sheet.version, partial(queries.find_sheet, tx, grant, assessment_id))
    return assessment, sheet


async def _own_review(
    tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None
) -> tuple[SelfAssessment, Review]:
    """Return a review of one's own and its assessment, held. Raises AssessmentNotFound, ReviewNotFound."""
    await queries.reached(tx, grant, assessment_id)
    assessment = await repository.get_for_update(tx, assessment_id)
    review = await repository.review_of(tx, assessment_id, review_id)
    if not queries.reviewer(tx).writes(review):
        raise ReviewNotFound(queries.REVIEW_NOT_WITHIN_REACH)
    current = partial(queries.find_review, tx, grant, assessment_id, review_id)
    await check_version(if_match, review.version, current)
    require_followed(assessment)
    return assessment, review
