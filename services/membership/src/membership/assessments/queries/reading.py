"""Reads of self-assessments: the structure's own in full, those of others once submitted, a peer's by invitation."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func

from common.blockers import BlockerOut, possible, tried
from common.dated import rule_on
from common.errors import Refusal, obstacle
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read, Tx
from membership.assessments import repository
from membership.assessments.documents import export_line
from membership.assessments.domain import (
    NETWORK,
    GroupRule,
    Review,
    ReviewExists,
    ReviewKind,
    ReviewNotFound,
    ReviewState,
    SelfAssessment,
    missing,
    refusals,
    require_fillable,
    require_followed,
    require_giveable,
    require_giveable_review,
    require_open_review,
    require_proposed,
    require_withdrawable_review,
    spreads,
    spreads_are_told,
)
from membership.assessments.queries.reach import (
    REVIEW_NOT_WITHIN_REACH,
    Reached,
    covers,
    is_own,
    reached,
    reached_row,
    reviewer,
    selected,
)
from membership.assessments.queries.submissions import reviews_of
from membership.assessments.schemas import (
    AssessmentDetail,
    AssessmentFilters,
    AssessmentListParams,
    AssessmentOut,
    DoneOut,
    GroupOut,
    QuestionAnswerOut,
    ReviewOut,
    SheetOut,
    SpreadOut,
    head_of,
)
from membership.assessments.tables import AssessmentRow
from membership.banks.domain import Bank, score
from membership.banks.queries import bank_of
from membership.banks.schemas import ScoresOut
from membership.members.queries import (
    MEMBER_NAME,
    names_of,
)
from membership.rights import RIGHTS, Act
from membership.territory.queries import load_territory

_TABLE: Any = AssessmentRow.__table__  # type: ignore[attr-defined]
_SUBMITTED: ColumnElement[date] = func.coalesce(_TABLE.c.submitted_on, date(9999, 12, 31))
_ORDER = Order(
    columns={"opened_on": _TABLE.c.opened_on, "submitted_on": _SUBMITTED, "name": MEMBER_NAME},
    default="-opened_on",
    unique=_TABLE.c.id,
)


@cache
def group_rules() -> tuple[GroupRule, ...]:
    """Return the dated rules of answering in a group, read once per process."""
    return shipped_rules("membership.assessments", "group.toml", GroupRule)


async def list_assessments(source: Read, grant: Grant, params: AssessmentListParams) -> Page[AssessmentOut]:
    """Return one page of assessments within reach."""
    rows, cursor, total = await paginate(source, await selected(source, grant, params), _ORDER, params)
    return Page(items=await _listed(source, rows), next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, filters: AssessmentFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same assessments as the list with the same filters. Raises BankNotFound."""
    query = (await selected(source, grant, filters)).order_by(MEMBER_NAME, _TABLE.c.id)
    return map(export_line, await _listed(source, (await source.session.execute(query)).all()))


async def find_assessment(source: Read, grant: Grant, assessment_id: UUID) -> AssessmentDetail:
    """Return one assessment within reach, as far as it is told to who asks. Raises AssessmentNotFound, BankNotFound."""
    found = await reached(source, grant, assessment_id)
    assessment, bank = found.assessment, bank_of(found.assessment.bank)
    reviews = await reviews_of(source, assessment_id)
    own = is_own(source, assessment)
    told, follows = own or assessment.is_submitted, own or covers(grant, found.member)
    given = await repository.given_in(source, [assessment_id])
    seen = [one for one in reviews if follows or reviewer(source, found.member).writes(one)]
    names = await authors_of(source, seen)
    answers = [QuestionAnswerOut.of(one.code, assessment.answers.get(one.code), own=own) for one in bank.questions]
    done = await repository.events_of(source, assessment_id) if told and follows else None
    return AssessmentDetail(
        **_head(source, found, reviews, given.get(assessment_id, 0)),
        bank_status=bank.status,
        bank_source=bank.source,
        answers=answers if told else None,
        missing=missing(assessment, bank) if own else None,
        scores=ScoresOut.of(bank, found.scores or score(bank, assessment.answers)) if told else None,
        group=await _group(source, assessment, bank) if own and assessment.mode == "group" else None,
        reviews=[_review_out(source, found, one, names[one.author]) for one in seen],
        history=[DoneOut.of(one, own=own) for one in done] if done is not None else None,
    )


async def find_sheet(source: Read, grant: Grant, assessment_id: UUID) -> SheetOut:
    """Return one's own answers in a group. Raises AssessmentNotFound, SheetNotFound, BankNotFound."""
    assessment = (await reached(source, grant, assessment_id)).assessment
    sheet, bank = await repository.own_sheet(source, assessment_id), bank_of(assessment.bank)
    answered = sum(answer.is_given for answer in sheet.answers.values())
    fill, give = partial(require_fillable, sheet, assessment), partial(require_giveable, sheet, assessment)
    actions, blockers = tried({"fill": fill, "give": give})
    return SheetOut(
        answers=[QuestionAnswerOut.of(one.code, sheet.answers.get(one.code)) for one in bank.questions],
        answered=answered,
        questions=len(bank.questions),
        given_at=sheet.given_at,
        version=sheet.version,
        allowed_actions=actions,
        blockers=blockers,
    )


async def find_review(source: Read, grant: Grant, assessment_id: UUID, review_id: UUID) -> ReviewOut:
    """Return one review within reach. Raises AssessmentNotFound, ReviewNotFound."""
    found = await reached(source, grant, assessment_id)
    review = await repository.review_of(source, assessment_id, review_id)
    follows = is_own(source, found.assessment) or covers(grant, found.member)
    if not follows and not reviewer(source, found.member).writes(review):
        raise ReviewNotFound(REVIEW_NOT_WITHIN_REACH)
    return _review_out(source, found, review, (await authors_of(source, [review]))[review.author])


async def authors_of(source: Read, reviews: Sequence[Review]) -> dict[str, str]:
    """Return the names of those who review: the network, a delegation, a structure, somebody whom it invited."""
    names = await names_of(source, [one.peer_id for one in reviews if one.peer_id is not None])
    delegations = {f"delegation:{one.code}": one.name for one in load_territory().delegations}
    return {one.author: _author(one, names, delegations) for one in reviews}


def _author(review: Review, names: Mapping[UUID, str], delegations: Mapping[str, str]) -> str:
    if not review.is_independent:
        return review.author_name or "Une personne dont le nom est effacé"
    if review.peer_id is not None:
        return names[review.peer_id]
    return delegations.get(review.author, "Le réseau" if review.author == NETWORK else "Une délégation")


async def _listed(source: Read, rows: Sequence[Any]) -> list[AssessmentOut]:
    found = [reached_row(row) for row in rows]
    ids = [one.assessment.id for one in found]
    reviews, given = await repository.reviews_of(source, ids), await repository.given_in(source, ids)
    by_assessment: dict[UUID, list[Review]] = {}
    for review in reviews:
        by_assessment.setdefault(review.assessment_id, []).append(review)
    return [
        AssessmentOut(**_head(source, one, by_assessment.get(one.assessment.id, []), given.get(one.assessment.id, 0)))
        for one in found
    ]


def _head(source: Read, found: Reached, reviews: Sequence[Review], given: int) -> dict[str, Any]:
    told = is_own(source, found.assessment) or found.assessment.is_submitted
    allowed, blockers = _verdicts(source, found, reviews, given)
    head = head_of(found.assessment, found.member, found.scores, told=told)
    return {**head, "allowed_actions": allowed, "blockers": blockers}


def _verdicts(
    source: Read, found: Reached, reviews: Sequence[Review], given: int
) -> tuple[list[str], Mapping[str, list[BlockerOut]]]:
    """Return what whoever asks may do now, and why not the rest of what is theirs to do."""
    assessment, own = found.assessment, reviewer(source, found.member)
    if is_own(source, assessment):
        runs = grant_for(RIGHTS, Act.RUN_ASSESSMENTS, source.actor) is not None
        bank, rule = bank_of(assessment.bank), rule_on(group_rules(), source.today)
        return possible(
            refusals(assessment, bank, source.today, given=given, rule=rule, reviews=reviews) if runs else {}
        )
    if own.third_party is None:
        return [], {}
    refused: Refusal | None = obstacle(partial(require_followed, assessment))
    proposing = refused
    if any(own.writes(one) and one.state is not ReviewState.WITHDRAWN for one in reviews):
        refused = ReviewExists("Cette relecture est déjà ouverte, ou rendue.")
    return possible({"review": refused, "propose_peer": proposing})


async def _group(source: Read, assessment: SelfAssessment, bank: Bank) -> GroupOut:
    sheets = await repository.sheets_of(source, assessment.id)
    trying = isinstance(source, Tx) and source.dry_run  # to end the gathering, see, and go on answering
    told = spreads_are_told(assessment) and not trying
    rule = rule_on(group_rules(), source.today)
    found = spreads(bank, sheets, rule.answers_minimum) if told else {}
    return GroupOut(
        gathered_on=assessment.gathered_on,
        begun=len(sheets),
        given=sum(sheet.given_at is not None for sheet in sheets),
        given_by_link=sum(sheet.given_at is not None and sheet.is_by_link for sheet in sheets),
        given_minimum=rule.given_minimum,
        answers_minimum=rule.answers_minimum,
        spreads=[SpreadOut.of(code, spread) for code, spread in found.items()] if told else None,
    )


def _review_out(source: Read, found: Reached, review: Review, author_name: str) -> ReviewOut:
    own, assessment = reviewer(source, found.member), found.assessment
    writes = own.writes(review)
    told = writes or review.state is ReviewState.GIVEN
    follow = partial(require_followed, assessment)
    acts: dict[str, Refusal | None] = {}
    if writes:
        acts["write"] = obstacle(follow, partial(require_open_review, review))
        acts["give"] = obstacle(follow, partial(require_giveable_review, review))
    if review.kind is ReviewKind.PEER and is_own(source, assessment):
        acts["accept"] = obstacle(follow, partial(require_proposed, review))
    if own.may_withdraw(review, assessment.member_id):
        acts["withdraw"] = obstacle(partial(require_withdrawable_review, review))
    allowed, blockers = possible(acts)
    return ReviewOut.of(review, author_name=author_name, told=told, allowed_actions=allowed, blockers=blockers)
