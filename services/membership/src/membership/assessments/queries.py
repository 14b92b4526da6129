"""Reads of self-assessments: the structure's own in full, those of others once submitted, a peer's by invitation."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Select, and_, exists, false, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from common.blockers import BlockerOut
from common.errors import Refusal
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read, Tx
from membership.assessments import documents, repository
from membership.assessments.domain import (
    AssessmentNotFound,
    AssessmentState,
    PlanAction,
    Review,
    Reviewer,
    ReviewExists,
    ReviewNotFound,
    ReviewState,
    SelfAssessment,
    compare,
    is_followed,
    missing,
    proposals,
    refusal,
    refusals,
    require_followed,
    sees_the_others,
    spreads,
)
from membership.assessments.schemas import (
    ActionOut,
    AssessmentDetail,
    AssessmentListParams,
    AssessmentOut,
    GroupOut,
    PlanOut,
    ProgressOut,
    ProposalOut,
    QuestionAnswerOut,
    ReviewOut,
    SheetOut,
    SpreadOut,
)
from membership.assessments.tables import AssessmentRow, ReviewRow
from membership.banks.domain import Bank, Scores, score
from membership.banks.queries import bank_of
from membership.banks.schemas import LevelOut, ScoresOut
from membership.members.domain import Member
from membership.members.queries import (
    MEMBER_DELEGATION,
    MEMBER_NAME,
    in_delegations,
    is_named_like,
    joined_with_member,
    member_of,
)
from membership.rights import RIGHTS, Act

SCORES: Final = TypeAdapter(Scores)
NOT_WITHIN_REACH: Final = "Cette auto-évaluation n'existe pas, ou n'est pas dans votre périmètre."
REVIEW_NOT_WITHIN_REACH: Final = "Cette relecture n'existe pas, ou n'est pas dans votre périmètre."

_TABLE: Any = AssessmentRow.__table__  # type: ignore[attr-defined]
_REVIEW: Any = ReviewRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"opened_on": _TABLE.c.opened_on, "name": MEMBER_NAME}, default="-opened_on", unique=_TABLE.c.id)
_REVIEWABLE = (AssessmentState.SUBMITTED, AssessmentState.REVIEWED)


async def list_assessments(source: Read, grant: Grant, params: AssessmentListParams) -> Page[AssessmentOut]:
    """Return one page of assessments within reach."""
    rows, cursor, total = await paginate(source, selected(source, grant, params), _ORDER, params)
    reviews = await repository.reviews_of(source, [row[0].id for row in rows])
    items = [AssessmentOut(**_head(source, row[0], member_of(row), reviews)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


def selected(source: Read, grant: Grant, params: AssessmentListParams) -> Select[Any]:
    """Select the assessments within reach that pass the filters, for a list or a count."""
    query = _query(source, grant)
    one_of = ((_TABLE.c.state, params.state), (_TABLE.c.family, params.family), (_TABLE.c.bank, params.bank))
    for column, values in one_of:
        if values:
            query = query.where(column.in_([str(value) for value in values]))
    if params.delegation:
        query = query.where(in_delegations(params.delegation))
    if params.member:
        query = query.where(_TABLE.c.member_id == params.member)
    if params.submitted_from:
        query = query.where(_TABLE.c.submitted_on >= params.submitted_from)
    if params.submitted_to:
        query = query.where(_TABLE.c.submitted_on <= params.submitted_to)
    return query.where(is_named_like(params.q)) if params.q else query


async def find_assessment(source: Read, grant: Grant, assessment_id: UUID) -> AssessmentDetail:
    """Return one assessment within reach, as far as it is told to who asks. Raises AssessmentNotFound, BankNotFound."""
    row, member = await _found(source, grant, assessment_id)
    assessment, bank = repository.to_domain(row), bank_of(row.bank)
    reviews = await repository.reviews_of(source, [row.id])
    own = is_own(source, assessment)
    told = own or assessment.is_submitted
    scores = _scores_of(row, assessment, bank)
    answers = [QuestionAnswerOut.of(one.code, assessment.answers.get(one.code), own=own) for one in bank.questions]
    return AssessmentDetail(
        **_head(source, row, member, reviews),
        bank_status=bank.status,
        bank_source=bank.source,
        answers=answers if told else None,
        missing=missing(assessment, bank) if own else None,
        scores=ScoresOut.of(bank, scores) if told else None,
        group=await _group(source, assessment, bank) if own and assessment.mode == "group" else None,
        reviews=[_review_out(source, assessment, one) for one in reviews if _sees_review(source, assessment, one)],
    )


async def find_sheet(source: Read, grant: Grant, assessment_id: UUID) -> SheetOut:
    """Return one's own answers in a group. Raises AssessmentNotFound, SheetNotFound, BankNotFound."""
    assessment = await reached(source, grant, assessment_id)
    sheet, bank = await repository.own_sheet(source, assessment_id), bank_of(assessment.bank)
    answered = sum(answer.is_given for answer in sheet.answers.values())
    is_open = assessment.is_gathering and sheet.given_at is None
    return SheetOut(
        answers=[QuestionAnswerOut.of(one.code, sheet.answers.get(one.code)) for one in bank.questions],
        answered=answered,
        questions=len(bank.questions),
        given_at=sheet.given_at,
        version=sheet.version,
        allowed_actions=["fill", *(["give"] if answered else [])] if is_open else [],
    )


async def find_plan(source: Read, grant: Grant, assessment_id: UUID) -> PlanOut:
    """Return the plan of a submitted assessment. Raises AssessmentNotFound, BankNotFound."""
    assessment = await followed(source, grant, assessment_id)
    actions = await repository.plan_of(source, assessment.id)
    bank, planned = bank_of(assessment.bank), {action.question for action in actions}
    edits = _edits(source, assessment)
    left = proposals(bank, assessment.answers, source.today) if edits else ()
    return PlanOut(
        assessment_id=assessment.id,
        states=documents.states(actions),
        actions=[_action_out(source, bank, action, edits=edits) for action in actions],
        proposals=[
            ProposalOut(**asdict(one), theme=bank.theme_of(one.question) or "")
            for one in left
            if one.question not in planned
        ],
        allowed_actions=["add_action"] if edits else [],
    )


async def find_action(source: Read, grant: Grant, assessment_id: UUID, action_id: UUID) -> ActionOut:
    """Return one action of a plan. Raises AssessmentNotFound, ActionNotFound, BankNotFound."""
    assessment = await followed(source, grant, assessment_id)
    action = await repository.action_of(source, assessment_id, action_id)
    return _action_out(source, bank_of(assessment.bank), action, edits=_edits(source, assessment))


async def export_rows(source: Read, grant: Grant, assessment_id: UUID) -> Iterator[Sequence[object]]:
    """Return the lines of the plan's export. Raises AssessmentNotFound, BankNotFound."""
    return map(documents.export_line, (await find_plan(source, grant, assessment_id)).actions)


async def find_review(source: Read, grant: Grant, assessment_id: UUID, review_id: UUID) -> ReviewOut:
    """Return one review within reach. Raises AssessmentNotFound, ReviewNotFound."""
    assessment = await reached(source, grant, assessment_id)
    review = await repository.review_of(source, assessment_id, review_id)
    if not _sees_review(source, assessment, review):
        raise ReviewNotFound(REVIEW_NOT_WITHIN_REACH)
    return _review_out(source, assessment, review)


async def find_progress(source: Read, grant: Grant, assessment_id: UUID) -> ProgressOut:
    """Return the progress since the assessment before. Raises AssessmentNotFound, BankNotFound."""
    assessment = await followed(source, grant, assessment_id)
    bank, before = bank_of(assessment.bank), await _before(source, assessment)
    if before is None:
        return ProgressOut.of(bank, None, None)
    progress = compare(bank_of(before.bank), before.answers, bank, assessment.answers)
    return ProgressOut.of(bank, before, progress)


async def print_assessment(source: Read, grant: Grant, assessment_id: UUID) -> bytes:
    """Return a submitted assessment as a PDF. Raises AssessmentNotFound, BankNotFound."""
    assessment = await followed(source, grant, assessment_id)
    row, member = await _found(source, grant, assessment_id)
    bank = bank_of(row.bank)
    reviews = await repository.reviews_of(source, [assessment.id])
    return await documents.print_assessment(
        documents.Printed(
            member=member,
            bank=bank,
            assessment=assessment,
            scores=ScoresOut.of(bank, _scores_of(row, assessment, bank)),
            progress=await find_progress(source, grant, assessment_id),
            plan=await repository.plan_of(source, assessment.id),
            reviews=[one for one in reviews if one.state is ReviewState.GIVEN],
        ),
        source.today,
    )


async def submitted_in(source: Read, bank: Bank, year: int) -> list[tuple[str | None, Scores]]:
    """Return what each structure's last assessment of a year came to, with the delegation it had, whoever asks."""
    query = (
        select(_TABLE.c.delegation, _TABLE.c.scores)
        .where(_TABLE.c.bank == bank.code)
        .where(_TABLE.c.submitted_on.between(date(year, 1, 1), date(year, 12, 31)))
        .ext(distinct_on(_TABLE.c.member_id))
        .order_by(_TABLE.c.member_id, _TABLE.c.submitted_on.desc(), _TABLE.c.id.desc())
    )
    rows = await source.session.execute(query)
    return [(row.delegation, SCORES.validate_python(row.scores)) for row in rows]


async def reached(source: Read, grant: Grant, assessment_id: UUID) -> SelfAssessment:
    """Return an assessment within reach. Raises AssessmentNotFound."""
    return repository.to_domain((await _found(source, grant, assessment_id))[0])


async def followed(source: Read, grant: Grant, assessment_id: UUID) -> SelfAssessment:
    """Return a submitted assessment, for all that follows from it: none of a peer's. Raises AssessmentNotFound."""
    row, member = await _found(source, grant, assessment_id)
    assessment = repository.to_domain(row)
    if not assessment.is_submitted or not (is_own(source, assessment) or _covers(grant, member)):
        raise AssessmentNotFound(NOT_WITHIN_REACH)
    return assessment


def is_own(source: Read, assessment: SelfAssessment) -> bool:
    """Tell whether an assessment is of the structure of whoever asks."""
    return source.actor.member_id is not None and assessment.member_id == source.actor.member_id


def third_party(grant: Grant) -> str | None:
    """Return in whose name one reviews as a third party: the network's, or a delegation's."""
    if grant.scope is Scope.ALL:
        return "network"
    return f"delegation:{grant.actor.delegation}" if grant.scope is Scope.DELEGATION else None


def reviewer(source: Read) -> Reviewer:
    """Return in whose name whoever asks can review."""
    grant = grant_for(RIGHTS, Act.REVIEW_ASSESSMENTS, source.actor)
    return Reviewer(third_party(grant) if grant else None, source.actor.member_id)


async def _found(source: Read, grant: Grant, assessment_id: UUID) -> tuple[AssessmentRow, Member]:
    row = (await source.session.execute(_query(source, grant).where(_TABLE.c.id == assessment_id))).one_or_none()
    if row is None:
        raise AssessmentNotFound(NOT_WITHIN_REACH)
    return row[0], member_of(row)


def _query(source: Read, grant: Grant) -> Select[Any]:
    """Select the assessments within reach: one's own; others' that were not abandoned; those one is invited to."""
    member_id = source.actor.member_id
    own = _TABLE.c.member_id == member_id if member_id else false()
    others = and_(
        grant.covers(member=_TABLE.c.member_id, delegation=MEMBER_DELEGATION),
        _TABLE.c.state != AssessmentState.ABANDONED.value,
    )
    invited = and_(
        _TABLE.c.state.in_([state.value for state in _REVIEWABLE]),
        exists().where(
            _REVIEW.c.assessment_id == _TABLE.c.id,
            _REVIEW.c.peer_id == member_id,
            _REVIEW.c.state != ReviewState.WITHDRAWN.value,
        ),
    )
    everybody = Grant(source.actor, Scope.ALL)
    query = joined_with_member(select(AssessmentRow), _TABLE.c.member_id, everybody)
    return query.where(or_(own, others, invited if member_id else false()))


def _covers(grant: Grant, member: Member) -> bool:
    if grant.scope is Scope.DELEGATION:
        return grant.actor.delegation is not None and member.delegation == grant.actor.delegation
    return grant.scope is Scope.ALL


async def _before(source: Read, assessment: SelfAssessment) -> SelfAssessment | None:
    """Load the assessment of the same family that the structure submitted before this one."""
    query = (
        select(AssessmentRow)
        .where(_TABLE.c.member_id == assessment.member_id, _TABLE.c.family == assessment.family)
        .where(_TABLE.c.id < assessment.id, _TABLE.c.submitted_on.is_not(None))  # ids are in the order of opening
        .order_by(_TABLE.c.id.desc())
        .limit(1)
    )
    row = (await source.session.execute(query)).scalar_one_or_none()
    return repository.to_domain(row) if row else None


def _scores_of(row: AssessmentRow, assessment: SelfAssessment, bank: Bank) -> Scores:
    return SCORES.validate_python(row.scores) if row.scores else score(bank, assessment.answers)


def _head(source: Read, row: AssessmentRow, member: Member, reviews: Sequence[Review]) -> dict[str, Any]:
    assessment = repository.to_domain(row)
    told = is_own(source, assessment) or assessment.is_submitted
    scores = SCORES.validate_python(row.scores) if row.scores else None
    level = scores.whole.level if scores else None
    own_reviews = [one for one in reviews if one.assessment_id == row.id]
    allowed, blockers = _verdicts(source, assessment, member, own_reviews)
    return {
        "id": row.id,
        "member_id": row.member_id,
        "name": member.name,
        "delegation": member.delegation,
        "bank": row.bank,
        "family": row.family,
        "mode": assessment.mode if told else None,
        "mode_label": assessment.mode.label if told else None,
        "state": assessment.state,
        "state_label": assessment.state.label,
        "opened_on": row.opened_on,
        "submitted_on": row.submitted_on,
        "closed_on": row.closed_on,
        "points": scores.whole.points if scores else None,
        "level": LevelOut.model_validate(level) if level else None,
        "version": row.version if told else 0,
        "allowed_actions": allowed,
        "blockers": blockers,
    }


def _verdicts(
    source: Read, assessment: SelfAssessment, member: Member, reviews: Sequence[Review]
) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    """Return what whoever asks may do now, and why not the rest of what is theirs to do."""
    if is_own(source, assessment):
        runs = grant_for(RIGHTS, Act.RUN_ASSESSMENTS, source.actor) is not None
        refused = refusals(assessment, bank_of(assessment.bank)) if runs else {}
    else:
        grant = grant_for(RIGHTS, Act.REVIEW_ASSESSMENTS, source.actor)
        reviews_it = grant is not None and _covers(grant, member)
        refused = {"review": _review_refusal(source, assessment, reviews)} if reviews_it else {}
    blockers = {name: [BlockerOut(code=one.code, message=one.message)] for name, one in refused.items() if one}
    return [name for name, one in refused.items() if one is None], blockers


def _review_refusal(source: Read, assessment: SelfAssessment, reviews: Sequence[Review]) -> Refusal | None:
    own = reviewer(source)
    if any(own.writes(one) and one.state is not ReviewState.WITHDRAWN for one in reviews):
        return ReviewExists("Cette relecture est déjà ouverte, ou rendue.")
    return refusal(partial(require_followed, assessment))


def _edits(source: Read, assessment: SelfAssessment) -> bool:
    runs = grant_for(RIGHTS, Act.RUN_ASSESSMENTS, source.actor) is not None
    return runs and is_own(source, assessment) and is_followed(assessment)


async def _group(source: Read, assessment: SelfAssessment, bank: Bank) -> GroupOut:
    sheets = await repository.sheets_of(source, assessment.id)
    own = next((sheet for sheet in sheets if sheet.subject == source.actor.subject), None)
    trying = isinstance(source, Tx) and source.dry_run  # to end the gathering, see, and go on answering
    if trying or not sees_the_others(assessment, own):
        return GroupOut(gathered_on=assessment.gathered_on, given=None, spreads=None)
    return GroupOut(
        gathered_on=assessment.gathered_on,
        given=sum(sheet.given_at is not None for sheet in sheets),
        spreads=[SpreadOut.of(code, spread) for code, spread in spreads(bank, sheets).items()],
    )


def _action_out(source: Read, bank: Bank, action: PlanAction, *, edits: bool) -> ActionOut:
    allowed = ["amend"] if edits else []
    return ActionOut.of(action, theme=bank.theme_of(action.question), today=source.today, allowed_actions=allowed)


def _sees_review(source: Read, assessment: SelfAssessment, review: Review) -> bool:
    """A peer sees its own review only; everybody else who sees the assessment, that there are others."""
    grant = grant_for(RIGHTS, Act.READ_ASSESSMENTS, source.actor)
    follows = is_own(source, assessment) or (grant is not None and grant.scope is not Scope.OWN)
    return follows or reviewer(source).writes(review)


def _review_out(source: Read, assessment: SelfAssessment, review: Review) -> ReviewOut:
    own = reviewer(source)
    writes, is_open = own.writes(review), review.state is ReviewState.OPEN and is_followed(assessment)
    actions = {
        "write": is_open and writes,
        "give": is_open and writes and bool(review.conclusion),
        "withdraw": review.state is ReviewState.OPEN and own.may_withdraw(review, assessment.member_id),
    }
    told = writes or review.state is ReviewState.GIVEN
    return ReviewOut.of(review, told=told, allowed_actions=[name for name, may in actions.items() if may])
