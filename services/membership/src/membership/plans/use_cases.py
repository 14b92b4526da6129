"""What people do with a plan: have it proposed by submitting, add to it, carry over, keep it.

An assessment is held before its plan: two who add do not take the same rank.
"""

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.assessments import use_cases as assessments
from membership.assessments.domain import SelfAssessment, require_followed
from membership.assessments.queries import reviews_of
from membership.banks.queries import bank_of
from membership.plans import queries, repository
from membership.plans.domain import (
    ActionNotFound,
    ActionOrigin,
    ActionState,
    PlanAction,
    QuestionUnknown,
    amend,
    build,
    proposals,
    require_left,
)
from membership.plans.schemas import ActionAmend, ActionIn, CarryOverIn


async def submit(tx: Tx, grant: Grant, assessment_id: UUID, if_match: str | None) -> None:
    """Settle the answers for good, and propose a progress plan from them.

    Raises AssessmentNotFound, NotAMember, BankNotFound, AssessmentSubmitted, AnswersBeingGathered, AnswersMissing,
    QuestionPlanned, PreconditionMissing, PreconditionFailed.
    """
    submitted = await assessments.submit(tx, grant, assessment_id, if_match)
    proposed = build(bank_of(submitted.bank), submitted.answers, tx.today)
    plan = [
        PlanAction(
            new_id(), submitted.id, rank, one.text, one.due_on, one.question, one.level, one.target, origin=one.origin
        )
        for rank, one in enumerate(proposed, start=1)
    ]
    await repository.add_actions(tx, plan)


async def add_action(tx: Tx, grant: Grant, assessment_id: UUID, added: ActionIn) -> UUID:
    """Add an action to the plan, of the structure's own or as proposed for a question; return its id.

    Raises AssessmentNotFound, BankNotFound, AssessmentNotSubmitted, QuestionUnknown, QuestionPlanned.
    """
    assessment = await assessments.hold_own(tx, grant, assessment_id)
    require_followed(assessment)
    action = replace(await _planned(tx, assessment, added), rank=await _next_rank(tx, assessment), owner=added.owner)
    await repository.add_actions(tx, [action])
    return action.id


async def carry_over(tx: Tx, grant: Grant, assessment_id: UUID, carried: CarryOverIn) -> None:
    """Take unfinished actions of the plan before into this one, with a new day.

    Raises AssessmentNotFound, AssessmentNotSubmitted, ActionNotFound, NothingLeft, QuestionPlanned.
    """
    assessment = await assessments.hold_own(tx, grant, assessment_id)
    require_followed(assessment)
    left = await queries.left_of_before(tx, assessment)
    _require_among(carried.actions or (), left)
    chosen = [action for action in left if carried.actions is None or action.id in carried.actions]
    require_left(chosen)
    first = await _next_rank(tx, assessment)
    await repository.add_actions(
        tx,
        [
            replace(
                action,
                id=new_id(),
                assessment_id=assessment.id,
                rank=rank,
                due_on=carried.due_on,
                level=None,  # of the answer, and the scale, of then
                target=None,
                origin=ActionOrigin.CARRIED,
                state=ActionState.TODO,
                changes=(),
                version=1,
            )
            for rank, action in enumerate(chosen, start=first)
        ],
    )


async def amend_action(
    tx: Tx, grant: Grant, assessment_id: UUID, action_id: UUID, if_match: str | None, amendment: ActionAmend
) -> None:
    """Change an action of the plan; what it said before stays with it.

    Raises AssessmentNotFound, ActionNotFound, AssessmentNotSubmitted, ReasonNeeded, PreconditionMissing,
    PreconditionFailed.
    """
    assessment = await assessments.hold_own(tx, grant, assessment_id)
    action = await repository.action_of(tx, assessment.id, action_id)
    await check_version(if_match, action.version, partial(queries.find_action, tx, grant, assessment_id, action_id))
    require_followed(assessment)
    await repository.save_action(tx, amend(action, amendment.fields(), tx.now, tx.actor.subject))


async def _planned(tx: Tx, assessment: SelfAssessment, added: ActionIn) -> PlanAction:
    """Return an action to add, without its place. Raises BankNotFound, QuestionUnknown."""
    blank = PlanAction(new_id(), assessment.id, 0, added.text or "", added.due_on or tx.today)
    if added.question is None:
        return blank
    reviews = await reviews_of(tx, assessment.id)
    proposed = proposals(bank_of(assessment.bank), assessment.answers, tx.today, reviews)
    one = next((one for one in proposed if one.question == added.question), None)
    if one is None:
        raise QuestionUnknown(f"Rien n'est à proposer pour « {added.question} » : elle est inconnue, ou au plus haut.")
    return replace(
        blank,
        text=added.text or one.text,
        due_on=added.due_on or one.due_on,
        question=one.question,
        level=one.level,
        target=one.target,
        origin=one.origin,
    )


async def _next_rank(tx: Tx, assessment: SelfAssessment) -> int:
    return max((action.rank for action in await repository.plan_of(tx, assessment.id)), default=0) + 1


def _require_among(wanted: Collection[UUID], left: Collection[PlanAction]) -> None:
    unknown = set(wanted) - {action.id for action in left}
    if unknown:
        raise ActionNotFound("Une de ces actions n'est pas inachevée dans le plan d'avant, ou est déjà reprise.")
