"""Reads of self-assessments: the structure's own in full, those of others once submitted, a peer's by invitation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, false, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from common.blockers import BlockerOut, possible
from common.dated import rule_on
from common.errors import Refusal, obstacle
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped import shipped_rules
from common.transaction import Read, Tx
from membership.assessments import repository
from membership.assessments.documents import export_line
from membership.assessments.domain import (
    NETWORK,
    AssessmentNotFound,
    AssessmentState,
    GroupRule,
    Review,
    Reviewer,
    ReviewExists,
    ReviewKind,
    ReviewNotFound,
    ReviewState,
    SelfAssessment,
    is_followed,
    missing,
    refusals,
    require_followed,
    spreads,
    spreads_are_told,
)
from membership.assessments.schemas import (
    AssessmentDetail,
    AssessmentFilters,
    AssessmentListParams,
    AssessmentOut,
    DoneOut,
    GroupOut,
    QuestionAnswerOut,
    ReviewFilter,
    ReviewOut,
    SheetOut,
    SpreadOut,
    head_of,
)
from membership.assessments.tables import AssessmentRow, ReviewRow
from membership.banks.domain import Bank, Scores, score
from membership.banks.queries import bank_of
from membership.banks.schemas import ScoresOut
from membership.members.domain import Member, belongs
from membership.members.queries import (
    MEMBER_DELEGATION,
    MEMBER_NAME,
    in_delegations,
    is_named_like,
    joined_with_member,
    member_of,
    names_of,
    structures_of,
)
from membership.rights import RIGHTS, Act
from membership.territory.queries import load_territory

SCORES: Final = TypeAdapter(Scores)
NOT_WITHIN_REACH: Final = "Cette auto-évaluation n'existe pas, ou n'est pas dans votre périmètre."
REVIEW_NOT_WITHIN_REACH: Final = "Cette relecture n'existe pas, ou n'est pas dans votre périmètre."

_TABLE: Any = AssessmentRow.__table__  # type: ignore[attr-defined]
_REVIEW: Any = ReviewRow.__table__  # type: ignore[attr-defined]
_SUBMITTED: ColumnElement[date] = func.coalesce(_TABLE.c.submitted_on, date(9999, 12, 31))
_ORDER = Order(
    columns={"opened_on": _TABLE.c.opened_on, "submitted_on": _SUBMITTED, "name": MEMBER_NAME},
    default="-opened_on",
    unique=_TABLE.c.id,
)
_FOLLOWED = [AssessmentState.SUBMITTED.value, AssessmentState.REVIEWED.value]


@dataclass(frozen=True, slots=True)
class Reached:
    """An assessment within reach of whoever asks, with its structure as it is today."""

    assessment: SelfAssessment
    member: Member
    scores: Scores | None


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
    is_open = assessment.is_gathering and sheet.given_at is None
    return SheetOut(
        answers=[QuestionAnswerOut.of(one.code, sheet.answers.get(one.code)) for one in bank.questions],
        answered=answered,
        questions=len(bank.questions),
        given_at=sheet.given_at,
        version=sheet.version,
        allowed_actions=["fill", *(["give"] if answered else [])] if is_open else [],
    )


async def find_review(source: Read, grant: Grant, assessment_id: UUID, review_id: UUID) -> ReviewOut:
    """Return one review within reach. Raises AssessmentNotFound, ReviewNotFound."""
    found = await reached(source, grant, assessment_id)
    review = await repository.review_of(source, assessment_id, review_id)
    follows = is_own(source, found.assessment) or covers(grant, found.member)
    if not follows and not reviewer(source, found.member).writes(review):
        raise ReviewNotFound(REVIEW_NOT_WITHIN_REACH)
    return _review_out(source, found, review, (await authors_of(source, [review]))[review.author])


async def latest_on(source: Read, family: str, first: date, last: date) -> dict[UUID, tuple[str, Scores]]:
    """Return the bank and the scores of each structure's last assessment of a family in a period, whoever asks."""
    query = (
        select(_TABLE.c.member_id, _TABLE.c.bank, _TABLE.c.scores)
        .where(_TABLE.c.family == family, _TABLE.c.submitted_on.between(first, last))
        .ext(distinct_on(_TABLE.c.member_id))
        .order_by(_TABLE.c.member_id, _TABLE.c.submitted_on.desc(), _TABLE.c.id.desc())
    )
    rows = await source.session.execute(query)
    return {row.member_id: (row.bank, SCORES.validate_python(row.scores)) for row in rows}


def submitted() -> FromClause:
    """Return every submitted assessment, as a table: ``id``, ``member_id``, ``family``, ``day``."""
    query = select(_TABLE.c.id, _TABLE.c.member_id, _TABLE.c.family, _TABLE.c.submitted_on.label("day"))
    return query.where(_TABLE.c.submitted_on.is_not(None)).subquery()


async def before(source: Read, assessment: SelfAssessment) -> SelfAssessment | None:
    """Return the assessment of the same family that the structure submitted before this one, whoever asks."""
    query = (
        select(AssessmentRow)
        .where(_TABLE.c.member_id == assessment.member_id, _TABLE.c.family == assessment.family)
        .where(_TABLE.c.id < assessment.id, _TABLE.c.submitted_on.is_not(None))  # ids are in the order of opening
        .order_by(_TABLE.c.id.desc())
        .limit(1)
    )
    row = (await source.session.execute(query)).scalar_one_or_none()
    return repository.to_domain(row) if row else None


async def reviews_of(source: Read, assessment_id: UUID) -> list[Review]:
    """Return the reviews of an assessment, the oldest first, whoever asks."""
    return await repository.reviews_of(source, [assessment_id])


async def authors_of(source: Read, reviews: Sequence[Review]) -> dict[str, str]:
    """Return the names of those who review: the network, a delegation, a structure."""
    names = await names_of(source, [one.peer_id for one in reviews if one.peer_id is not None])
    delegations = {f"delegation:{one.code}": one.name for one in load_territory().delegations}
    return {
        one.author: names[one.peer_id]
        if one.peer_id is not None
        else delegations.get(one.author, "Le réseau" if one.author == NETWORK else "Une délégation")
        for one in reviews
    }


async def reached(source: Read, grant: Grant, assessment_id: UUID) -> Reached:
    """Return an assessment within reach, with its structure. Raises AssessmentNotFound."""
    query = (await _query(source, grant)).where(_TABLE.c.id == assessment_id)
    row = (await source.session.execute(query)).one_or_none()
    if row is None:
        raise AssessmentNotFound(NOT_WITHIN_REACH)
    return _reached(row)


async def followed(source: Read, grant: Grant, assessment_id: UUID) -> Reached:
    """Return a submitted assessment, for all that follows from it: none of a peer's. Raises AssessmentNotFound."""
    found = await reached(source, grant, assessment_id)
    follows = is_own(source, found.assessment) or covers(grant, found.member)
    if not found.assessment.is_submitted or not follows:
        raise AssessmentNotFound(NOT_WITHIN_REACH)
    return found


def is_own(source: Read, assessment: SelfAssessment) -> bool:
    """Tell whether an assessment is of the structure of whoever asks."""
    return source.actor.member_id is not None and assessment.member_id == source.actor.member_id


def covers(grant: Grant, member: Member) -> bool:
    """Tell whether a structure is within a third party's reach: the network's, or its delegation's."""
    if grant.scope is Scope.DELEGATION:
        return grant.actor.delegation is not None and member.delegation == grant.actor.delegation
    return grant.scope is Scope.ALL


def reviewer(source: Read, assessed: Member) -> Reviewer:
    """Return in whose name whoever asks can review a structure: never as a third party their own."""
    grant = grant_for(RIGHTS, Act.REVIEW_ASSESSMENTS, source.actor)
    if grant is None or assessed.id == source.actor.member_id or not covers(grant, assessed):
        return Reviewer(None, source.actor.member_id)
    return Reviewer(_third_party(grant), source.actor.member_id)


def _third_party(grant: Grant) -> str | None:
    if grant.scope is Scope.ALL:
        return NETWORK
    return f"delegation:{grant.actor.delegation}" if grant.scope is Scope.DELEGATION else None


def _reached(row: Any) -> Reached:
    scores = SCORES.validate_python(row[0].scores) if row[0].scores else None
    return Reached(repository.to_domain(row[0]), member_of(row), scores)


async def _query(source: Read, grant: Grant) -> Select[Any]:
    """Select the assessments within reach: one's own; others' that were not abandoned; those one is invited to.

    A structure that left is a guest no more.
    """
    member_id = source.actor.member_id
    structure = (await structures_of(source, [member_id])).get(member_id) if member_id else None
    own = _TABLE.c.member_id == member_id if member_id else false()
    abandoned = _TABLE.c.state == AssessmentState.ABANDONED.value
    others = and_(grant.covers(member=_TABLE.c.member_id, delegation=MEMBER_DELEGATION), ~abandoned)
    invited = exists().where(
        _REVIEW.c.assessment_id == _TABLE.c.id,
        _REVIEW.c.peer_id == member_id,
        _REVIEW.c.state.in_([ReviewState.OPEN.value, ReviewState.GIVEN.value]),
    )
    guest = and_(_TABLE.c.state.in_(_FOLLOWED), invited) if structure and belongs(structure) else false()
    everybody = Grant(source.actor, Scope.ALL)
    query = joined_with_member(select(AssessmentRow), _TABLE.c.member_id, everybody)
    return query.where(or_(own, others, guest))


async def selected(source: Read, grant: Grant, filters: AssessmentFilters) -> Select[Any]:
    """Select the assessments within reach that pass the filters, for a list or a count."""
    query = await _query(source, grant)
    level = _TABLE.c.scores[("whole", "level", "code")].astext
    one_of = (
        (_TABLE.c.state, filters.state),
        (_TABLE.c.family, filters.family),
        (_TABLE.c.bank, filters.bank),
        (level, filters.level),
    )
    for column, values in one_of:
        if values:
            query = query.where(column.in_([str(value) for value in values]))
    if filters.delegation:
        query = query.where(in_delegations(filters.delegation))
    if filters.member:
        query = query.where(_TABLE.c.member_id == filters.member)
    if filters.submitted_from:
        query = query.where(_TABLE.c.submitted_on >= filters.submitted_from)
    if filters.submitted_to:
        query = query.where(_TABLE.c.submitted_on <= filters.submitted_to)
    if filters.review:
        query = query.where(_TABLE.c.state.in_(_FOLLOWED), _reviewed_so(source, filters.review))
    return query.where(is_named_like(filters.q)) if filters.q else query


def _reviewed_so(source: Read, wanted: ReviewFilter) -> ColumnElement[bool]:
    """Return the condition on an assessment's reviews. A guest is told of no other's: only its own count for it."""
    of_it, member_id = _REVIEW.c.assessment_id == _TABLE.c.id, source.actor.member_id
    if wanted is ReviewFilter.NONE:
        return ~exists().where(of_it, _REVIEW.c.state != ReviewState.WITHDRAWN.value)
    grant = grant_for(RIGHTS, Act.REVIEW_ASSESSMENTS, source.actor)
    mine = _REVIEW.c.peer_id == member_id if member_id else false()
    another = _TABLE.c.member_id != member_id if member_id else _TABLE.c.id.is_not(None)
    if wanted is ReviewFilter.MINE:
        third = grant and _third_party(grant)
        theirs = or_(mine, and_(another, _REVIEW.c.author == third) if third else false())
        return exists().where(of_it, _REVIEW.c.state == ReviewState.OPEN.value, theirs)
    follows = _TABLE.c.member_id == member_id if member_id else false()
    if grant is not None and grant.scope is not Scope.OWN:
        follows = or_(follows, grant.covers(member=_TABLE.c.member_id, delegation=MEMBER_DELEGATION))
    invited = and_(_REVIEW.c.kind == ReviewKind.PEER.value, _REVIEW.c.state == ReviewState.OPEN.value)
    return exists().where(of_it, invited, or_(follows, mine))


async def _listed(source: Read, rows: Sequence[Any]) -> list[AssessmentOut]:
    found = [_reached(row) for row in rows]
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
        return possible(refusals(assessment, bank, given=given, rule=rule, reviews=reviews) if runs else {})
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
        given_minimum=rule.given_minimum,
        answers_minimum=rule.answers_minimum,
        spreads=[SpreadOut.of(code, spread) for code, spread in found.items()] if told else None,
    )


def _review_out(source: Read, found: Reached, review: Review, author_name: str) -> ReviewOut:
    own, assessment = reviewer(source, found.member), found.assessment
    followed_now = is_followed(assessment)
    writes, is_open = own.writes(review), review.state is ReviewState.OPEN and followed_now
    actions = {
        "write": is_open and writes,
        "give": is_open and writes and bool(review.conclusion),
        "accept": review.state is ReviewState.PROPOSED and followed_now and is_own(source, assessment),
        "withdraw": review.state in (ReviewState.PROPOSED, ReviewState.OPEN)
        and own.may_withdraw(review, assessment.member_id),
    }
    told = writes or review.state is ReviewState.GIVEN
    allowed = [name for name, may in actions.items() if may]
    return ReviewOut.of(review, author_name=author_name, told=told, allowed_actions=allowed)
