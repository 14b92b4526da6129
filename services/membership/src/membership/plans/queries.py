"""Reads of what follows from a submitted assessment: its plan, its progress, its print."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from uuid import UUID

from common.blockers import possible, tried
from common.errors import obstacle
from common.rights import Grant, grant_for
from common.transaction import Read
from membership.assessments.domain import ReviewState, SelfAssessment, is_followed, require_followed
from membership.assessments.queries import authors_of, before, followed, is_own, reviews_of
from membership.banks.domain import Bank, score
from membership.banks.queries import bank_of
from membership.banks.schemas import ScoresOut
from membership.plans import documents, repository
from membership.plans.domain import PlanAction, compare, left_over, proposals, require_left
from membership.plans.schemas import ActionOut, LeftOverOut, PlanOut, ProgressOut, ProposalOut
from membership.rights import RIGHTS, Act


async def find_plan(source: Read, grant: Grant, assessment_id: UUID) -> PlanOut:
    """Return the plan of a submitted assessment. Raises AssessmentNotFound, BankNotFound."""
    assessment = (await followed(source, grant, assessment_id)).assessment
    actions = await repository.plan_of(source, assessment.id)
    bank, planned = bank_of(assessment.bank), {action.question for action in actions}
    edits = _runs(source, assessment) and is_followed(assessment)
    reviews = await reviews_of(source, assessment.id) if edits else []
    proposed = proposals(bank, assessment.answers, source.today, reviews) if edits else []
    left = await left_of_before(source, assessment) if edits else []
    follow = partial(require_followed, assessment)
    acts = {"add_action": obstacle(follow), "carry_over": obstacle(follow, partial(require_left, left))}
    actions_now, blockers = possible(acts if _runs(source, assessment) else {})
    return PlanOut(
        assessment_id=assessment.id,
        states=documents.states(actions),
        actions=[_action_out(source, assessment, bank, action) for action in actions],
        proposals=[
            ProposalOut(**asdict(one), theme=bank.theme_of(one.question) or "", origin_label=one.origin.label)
            for one in proposed
            if one.question not in planned
        ],
        left_over=[LeftOverOut.model_validate(action) for action in left],
        allowed_actions=actions_now,
        blockers=blockers,
    )


async def find_action(source: Read, grant: Grant, assessment_id: UUID, action_id: UUID) -> ActionOut:
    """Return one action of a plan. Raises AssessmentNotFound, ActionNotFound, BankNotFound."""
    assessment = (await followed(source, grant, assessment_id)).assessment
    action = await repository.action_of(source, assessment_id, action_id)
    return _action_out(source, assessment, bank_of(assessment.bank), action)


async def export_rows(source: Read, grant: Grant, assessment_id: UUID) -> Iterator[Sequence[object]]:
    """Return the lines of the plan's export. Raises AssessmentNotFound, BankNotFound."""
    return map(documents.export_line, (await find_plan(source, grant, assessment_id)).actions)


async def find_progress(source: Read, grant: Grant, assessment_id: UUID) -> ProgressOut:
    """Return the progress since the assessment before. Raises AssessmentNotFound, BankNotFound."""
    assessment = (await followed(source, grant, assessment_id)).assessment
    bank, earlier = bank_of(assessment.bank), await before(source, assessment)
    if earlier is None:
        return ProgressOut.of(bank, None, None)
    progress = compare(bank_of(earlier.bank), earlier.answers, bank, assessment.answers)
    return ProgressOut.of(bank, earlier, progress)


async def print_assessment(source: Read, grant: Grant, assessment_id: UUID) -> bytes:
    """Return a submitted assessment as a PDF. Raises AssessmentNotFound, BankNotFound."""
    found = await followed(source, grant, assessment_id)
    assessment = found.assessment
    bank = bank_of(assessment.bank)
    given = [one for one in await reviews_of(source, assessment.id) if one.state is ReviewState.GIVEN]
    authors = await authors_of(source, given)
    return await documents.print_assessment(
        documents.Printed(
            member=found.member,
            bank=bank,
            assessment=assessment,
            scores=ScoresOut.of(bank, found.scores or score(bank, assessment.answers)),
            progress=await find_progress(source, grant, assessment_id),
            plan=await repository.plan_of(source, assessment.id),
            reviews=[(authors[one.author], one) for one in given],
        ),
        source.today,
    )


async def left_of_before(source: Read, assessment: SelfAssessment) -> list[PlanAction]:
    """Return the unfinished actions of the plan before that an assessment's plan does not have."""
    earlier = await before(source, assessment)
    if earlier is None:
        return []
    plan = await repository.plan_of(source, assessment.id)
    return left_over(await repository.plan_of(source, earlier.id), plan)


def _runs(source: Read, assessment: SelfAssessment) -> bool:
    return grant_for(RIGHTS, Act.RUN_ASSESSMENTS, source.actor) is not None and is_own(source, assessment)


def _action_out(source: Read, assessment: SelfAssessment, bank: Bank, action: PlanAction) -> ActionOut:
    acts = {"amend": partial(require_followed, assessment)}
    allowed, blockers = tried(acts if _runs(source, assessment) else {})
    return ActionOut.of(
        action,
        theme=bank.theme_of(action.question),
        today=source.today,
        own=is_own(source, assessment),
        allowed_actions=allowed,
        blockers=blockers,
    )
