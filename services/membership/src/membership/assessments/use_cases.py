"""What people do with a self-assessment: open, answer alone or in a group, submit, follow the plan, review, close.

An assessment is held before all that belongs to it: who gives answers and who ends their gathering do not miss each
other.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from sqlalchemy import select

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.assessments import domain, queries, repository
from membership.assessments.domain import (
    Answer,
    AssessmentAct,
    AssessmentNotFound,
    PeerUnfit,
    Remark,
    Review,
    ReviewKind,
    ReviewNotFound,
    ReviewState,
    SelfAssessment,
    Sheet,
    amended,
    fill,
    give,
    give_review,
    lapse,
    peer,
    record,
    require_another,
    require_closable,
    require_followed,
    require_gathering,
    require_usable,
    write,
)
from membership.assessments.schemas import AssessmentIn, PeerIn, QuestionAnswerIn, ReviewIn
from membership.banks.domain import score
from membership.banks.queries import bank_of
from membership.members import use_cases as members
from membership.members.domain import Member, MemberNotFound, belongs, require_member
from membership.members.queries import MEMBER_ID, MEMBER_REFERENCE, structures_of


async def open_assessment(tx: Tx, grant: Grant, opened: AssessmentIn) -> UUID:
    """Begin an assessment of one's own structure; return its id.

    Raises MemberNotFound, NotAMember, BankNotFound, BankClosed, AssessmentAlreadyOpen.
    """
    if tx.actor.member_id is None:
        raise MemberNotFound("Votre jeton ne dit pas quelle est votre structure.")
    structure = await members.hold_within(tx, grant, tx.actor.member_id)
    require_member(structure)
    bank = bank_of(opened.bank)
    require_usable(bank, tx.today)
    assessment = SelfAssessment(new_id(), structure.id, bank.code, bank.family, opened.mode, tx.today)
    await repository.add(tx, assessment)
    await repository.add_event(tx, assessment.id, AssessmentAct.OPEN)
    return assessment.id


async def answer(
    tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None, answers: Sequence[QuestionAnswerIn]
) -> None:
    """Write some of the structure's answers; in a group, those that it settles.

    Raises AssessmentNotFound, BankNotFound, AssessmentSubmitted, AnswersBeingGathered, AnswersUnfit,
    PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    await repository.save(tx, record(assessment, bank_of(assessment.bank), _written(tx, assessment.answers, answers)))


async def open_sheet(tx: Tx, grant: Grant, assessment_id: UUID) -> None:
    """Begin one's own answers in a group. Raises AssessmentNotFound, AssessmentSubmitted, NoGathering, SheetExists."""
    assessment = await hold_own(tx, grant, assessment_id)
    require_gathering(assessment)
    await repository.add_sheet(tx, Sheet(new_id(), assessment.id, tx.actor.subject))


async def take_up_sheet(tx: Tx, grant: Grant, assessment_id: UUID) -> None:
    """Begin one's own answers in a group, unless they are begun: asked twice at once, they are begun once.

    Raises AssessmentNotFound, AssessmentSubmitted, NoGathering.
    """
    assessment = await hold_own(tx, grant, assessment_id)
    if await repository.sheet_of(tx, assessment.id, tx.actor.subject) is None:
        await open_sheet(tx, grant, assessment.id)


async def fill_sheet(
    tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None, answers: Sequence[QuestionAnswerIn]
) -> None:
    """Write some of one's own answers.

    Raises AssessmentNotFound, SheetNotFound, BankNotFound, AssessmentSubmitted, NoGathering, SheetGiven, AnswersUnfit,
    PreconditionMissing, PreconditionFailed.
    """
    assessment, sheet = await _own_sheet(tx, grant, assessment_id, if_match)
    written = _written(tx, sheet.answers, answers)
    await repository.save_sheet(tx, fill(sheet, assessment, bank_of(assessment.bank), written))


async def give_sheet(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """Give one's own answers to the group, for good.

    Raises AssessmentNotFound, SheetNotFound, AssessmentSubmitted, NoGathering, SheetGiven, SheetEmpty,
    PreconditionMissing, PreconditionFailed.
    """
    assessment, sheet = await _own_sheet(tx, grant, assessment_id, if_match)
    await repository.save_sheet(tx, give(sheet, assessment, tx.now))


async def end_gathering(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """End the time in which each gives answers of their own: the group settles from then.

    Raises AssessmentNotFound, AssessmentSubmitted, NoGathering, TooFewGiven, PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    given = (await repository.given_in(tx, [assessment.id])).get(assessment.id, 0)
    rule = rule_on(queries.group_rules(), tx.today)
    await repository.save(tx, domain.end_gathering(assessment, given, rule.given_minimum, tx.today))
    await repository.add_event(tx, assessment.id, AssessmentAct.END_GATHERING)


async def submit(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> SelfAssessment:
    """Settle the answers for good; return what was submitted.

    Raises AssessmentNotFound, NotAMember, BankNotFound, AssessmentSubmitted, AnswersBeingGathered, AnswersMissing,
    PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    structure = (await structures_of(tx, [assessment.member_id]))[assessment.member_id]
    require_member(structure)
    bank = bank_of(assessment.bank)
    submitted = domain.submit(assessment, bank, tx.today)
    scores = queries.SCORES.dump_python(score(bank, submitted.answers))
    await repository.save_submitted(tx, submitted, scores, structure.delegation)
    await repository.add_event(tx, assessment.id, AssessmentAct.SUBMIT)
    return submitted


async def close(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """End the follow-up of an assessment and of its plan, once nobody is reviewing it, nor can by a link.

    Raises AssessmentNotFound, AssessmentNotSubmitted, ReviewsOpen, PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    reviews = await queries.reviews_of(tx, assessment.id)
    require_closable(assessment, reviews, tx.today)
    for review in reviews:
        if review.has_lapsed(tx.today):
            await repository.save_review(tx, lapse(review))
    await repository.save(tx, domain.close(assessment, tx.today))
    await repository.add_event(tx, assessment.id, AssessmentAct.CLOSE)


async def reopen(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None, reason: str) -> None:
    """Take up again the follow-up of a closed assessment.

    Raises AssessmentNotFound, NotAMember, AssessmentNotClosed, PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    require_member((await structures_of(tx, [assessment.member_id]))[assessment.member_id])
    reviews = await queries.reviews_of(tx, assessment.id)
    was_reviewed = any(one.state is ReviewState.GIVEN and one.is_independent for one in reviews)
    await repository.save(tx, domain.reopen(assessment, was_reviewed=was_reviewed))
    await repository.add_event(tx, assessment.id, AssessmentAct.REOPEN, reason)


async def abandon(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None, reason: str | None) -> None:
    """Give an assessment up before it is submitted.

    Raises AssessmentNotFound, AssessmentSubmitted, PreconditionMissing, PreconditionFailed.
    """
    assessment = await _own(tx, grant, assessment_id, if_match)
    await repository.save(tx, domain.abandon(assessment))
    await repository.add_event(tx, assessment.id, AssessmentAct.ABANDON, reason)


async def open_review(tx: Tx, grant: Grant, assessment_id: UUID) -> UUID:
    """Begin to review an assessment as a third party, for the network or one's delegation; return the review's id.

    Raises AssessmentNotFound, OwnAssessment, NotAMember, AssessmentNotSubmitted, ReviewExists.
    """
    assessment, structure, author = await _as_third_party(tx, grant, assessment_id)
    require_member(structure)
    require_followed(assessment)
    review = Review(new_id(), assessment.id, ReviewKind.THIRD_PARTY, author, tx.today)
    await repository.add_review(tx, review)
    await repository.add_event(tx, assessment.id, AssessmentAct.OPEN_REVIEW)
    return review.id


async def invite_peer(tx: Tx, grant: Grant, assessment_id: UUID, invited: PeerIn) -> UUID:
    """Ask another structure to review; it sees this assessment from then. Return the review's id.

    Raises AssessmentNotFound, NotAMember, AssessmentNotSubmitted, PeerUnfit, ReviewExists.
    """
    assessment = await hold_own(tx, grant, assessment_id)
    require_member((await structures_of(tx, [assessment.member_id]))[assessment.member_id])
    review_id = await _ask_peer(tx, assessment, invited, ReviewState.OPEN)
    await repository.add_event(tx, assessment.id, AssessmentAct.INVITE_PEER)
    return review_id


async def propose_peer(tx: Tx, grant: Grant, assessment_id: UUID, proposed: PeerIn) -> UUID:
    """Propose a peer to the structure, which alone invites it; return the review's id.

    Raises AssessmentNotFound, OwnAssessment, AssessmentNotSubmitted, PeerUnfit, ReviewExists.
    """
    assessment, _, _ = await _as_third_party(tx, grant, assessment_id)
    review_id = await _ask_peer(tx, assessment, proposed, ReviewState.PROPOSED)
    await repository.add_event(tx, assessment.id, AssessmentAct.PROPOSE_PEER)
    return review_id


async def accept_peer(tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None) -> None:
    """Invite the peer that was proposed; it sees this assessment from then.

    Raises AssessmentNotFound, ReviewNotFound, NotAMember, AssessmentNotSubmitted, PeerUnfit, ReviewNotProposed,
    PreconditionMissing, PreconditionFailed.
    """
    assessment = await hold_own(tx, grant, assessment_id)
    review = await repository.review_of(tx, assessment_id, review_id)
    await check_version(if_match, review.version, partial(queries.find_review, tx, grant, assessment_id, review_id))
    require_followed(assessment)
    accepted = domain.accept(review)
    known = await structures_of(tx, [assessment.member_id, *([review.peer_id] if review.peer_id else [])])
    require_member(known[assessment.member_id])
    _require_fit_peer(assessment, known.get(review.peer_id) if review.peer_id else None)
    await repository.save_review(tx, accepted)
    await repository.add_event(tx, assessment.id, AssessmentAct.INVITE_PEER)


async def open_outside_review(tx: Tx, assessment: SelfAssessment, author: str, name: str, until: date) -> UUID:
    """Begin the review of somebody outside whom the structure invites, by its held assessment; return the review's id.

    Raises NotAMember, AssessmentNotSubmitted.
    """
    require_member((await structures_of(tx, [assessment.member_id]))[assessment.member_id])
    require_followed(assessment)
    review = Review(new_id(), assessment.id, ReviewKind.OUTSIDE, author, tx.today, author_name=name, until=until)
    await repository.add_review(tx, review)
    return review.id


async def withdraw_outside_review(tx: Tx, assessment_id: UUID, review_id: UUID, reason: str) -> None:
    """Take back the review of somebody outside, unless it was given. Raises ReviewNotFound."""
    review = await repository.review_of(tx, assessment_id, review_id)
    if review.state is ReviewState.OPEN:
        await repository.save_review(tx, domain.withdraw(review, reason))


async def forget_authors(tx: Tx, review_ids: Collection[UUID]) -> None:
    """Forget the names of those outside who wrote some reviews; what they wrote stays."""
    await repository.forget_authors(tx, review_ids)


async def write_down(tx: Tx, assessment_id: UUID, act: AssessmentAct, reason: str | None = None) -> None:
    """Write down what is done around an assessment that is held."""
    await repository.add_event(tx, assessment_id, act, reason)


async def write_review(
    tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None, written: ReviewIn
) -> None:
    """Write some remarks of one's review, or its conclusion.

    Raises AssessmentNotFound, ReviewNotFound, BankNotFound, AssessmentNotSubmitted, ReviewClosed, AnswersUnfit,
    PreconditionMissing, PreconditionFailed.
    """
    assessment, review = await _own_review(tx, grant, assessment_id, review_id, if_match)
    remarks = {one.question: Remark(level=one.level, comment=one.comment, action=one.action) for one in written.remarks}
    await repository.save_review(tx, write(review, bank_of(assessment.bank), remarks, written.conclusion))


async def give_review_of(tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None) -> None:
    """Give one's review to the structure; by a link, it makes of the assessment none that was reviewed.

    Raises AssessmentNotFound, ReviewNotFound, AssessmentNotSubmitted, ReviewClosed, ConclusionNeeded,
    PreconditionMissing, PreconditionFailed.
    """
    assessment, review = await _own_review(tx, grant, assessment_id, review_id, if_match)
    given = give_review(review, tx.today)
    await repository.save_review(tx, given)
    if review.is_independent:
        await repository.save(tx, domain.reviewed(assessment))
    await repository.add_event(tx, assessment.id, AssessmentAct.GIVE_REVIEW)


async def withdraw_review(
    tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None, reason: str
) -> None:
    """Take back one's review before it is given; the structure takes back its invitation, or declines a proposal.

    Who covers the structure now takes back the review that a third party left unfinished.

    Raises AssessmentNotFound, ReviewNotFound, ReviewClosed, PreconditionMissing, PreconditionFailed.
    """
    found = await queries.reached(tx, grant, assessment_id)
    await repository.get_for_update(tx, assessment_id)
    review = await repository.review_of(tx, assessment_id, review_id)
    if not queries.reviewer(tx, found.member).may_withdraw(review, found.member.id):
        raise ReviewNotFound(queries.REVIEW_NOT_WITHIN_REACH)
    current = partial(queries.find_review, tx, grant, assessment_id, review_id)
    await check_version(if_match, review.version, current)
    await repository.save_review(tx, domain.withdraw(review, reason))
    await repository.add_event(tx, assessment_id, AssessmentAct.WITHDRAW_REVIEW, reason)


async def hold_own(tx: Tx, grant: Grant, assessment_id: UUID) -> SelfAssessment:
    """Return one's own assessment, held. Raises AssessmentNotFound."""
    found = await queries.reached(tx, grant, assessment_id)
    if not queries.is_own(tx, found.assessment):
        raise AssessmentNotFound(queries.NOT_WITHIN_REACH)
    return await repository.get_for_update(tx, assessment_id)


async def _as_third_party(tx: Tx, grant: Grant, assessment_id: UUID) -> tuple[SelfAssessment, Member, str]:
    """Return an assessment, held, its structure, and in whose name it is reviewed.

    Raises AssessmentNotFound, OwnAssessment.
    """
    found = await queries.reached(tx, grant, assessment_id)
    require_another(found.member.id, tx.actor.member_id)
    author = queries.reviewer(tx, found.member).third_party
    if author is None:  # a structure that was invited has its review already
        raise AssessmentNotFound(queries.NOT_WITHIN_REACH)
    return await repository.get_for_update(tx, assessment_id), found.member, author


async def _ask_peer(tx: Tx, assessment: SelfAssessment, asked: PeerIn, state: ReviewState) -> UUID:
    require_followed(assessment)
    member_id = asked.member_id
    if member_id is None:
        referenced = select(MEMBER_ID).where(MEMBER_REFERENCE.in_([asked.reference]))
        member_id = (await tx.session.execute(referenced)).scalar_one_or_none()
    found = (await structures_of(tx, [member_id])).get(member_id) if member_id else None
    other = _require_fit_peer(assessment, found)
    review = Review(new_id(), assessment.id, ReviewKind.PEER, peer(other.id), tx.today, peer_id=other.id, state=state)
    await repository.add_review(tx, review)
    return review.id


def _require_fit_peer(assessment: SelfAssessment, asked: Member | None) -> Member:
    """Return the structure that is asked to review. Raises PeerUnfit."""
    if asked is None or not belongs(asked) or asked.id == assessment.member_id:
        raise PeerUnfit("Invitez une autre structure, adhérente.")
    return asked


def _written(tx: Tx, before: Mapping[str, Answer], answers: Sequence[QuestionAnswerIn]) -> dict[str, Answer]:
    """Return the answers with what is said anew of them, and who says it when."""
    signed = {"recorded_at": tx.now, "recorded_by": tx.actor.subject}
    return {one.question: amended(before.get(one.question, Answer()), {**one.fields(), **signed}) for one in answers}


async def _own(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> SelfAssessment:
    assessment = await hold_own(tx, grant, assessment_id)
    await check_version(if_match, assessment.version, partial(queries.find_assessment, tx, grant, assessment_id))
    return assessment


async def _own_sheet(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> tuple[SelfAssessment, Sheet]:
    assessment = await hold_own(tx, grant, assessment_id)
    sheet = await repository.own_sheet(tx, assessment.id)
    await check_version(if_match, sheet.version, partial(queries.find_sheet, tx, grant, assessment_id))
    return assessment, sheet


async def _own_review(
    tx: Tx, grant: Grant, assessment_id: UUID, review_id: UUID, if_match: str | None
) -> tuple[SelfAssessment, Review]:
    """Return a review of one's own and its assessment, held. Raises AssessmentNotFound, ReviewNotFound."""
    found = await queries.reached(tx, grant, assessment_id)
    assessment = await repository.get_for_update(tx, assessment_id)
    review = await repository.review_of(tx, assessment_id, review_id)
    if not queries.reviewer(tx, found.member).writes(review):
        raise ReviewNotFound(queries.REVIEW_NOT_WITHIN_REACH)
    current = partial(queries.find_review, tx, grant, assessment_id, review_id)
    await check_version(if_match, review.version, current)
    require_followed(assessment)
    return assessment, review
