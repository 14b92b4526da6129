"""Which assessments somebody reaches: one's own, others' of one's reach, those one is invited to review."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select

from common.rights import Grant, Scope, grant_for
from common.transaction import Actor, Read
from membership.assessments import repository
from membership.assessments.domain import (
    NETWORK,
    AssessmentNotFound,
    AssessmentState,
    Reviewer,
    ReviewKind,
    ReviewState,
    SelfAssessment,
    is_invited,
)
from membership.assessments.queries.submissions import SCORES
from membership.assessments.schemas import (
    AssessmentFilters,
    ReviewFilter,
)
from membership.assessments.tables import AssessmentRow, ReviewRow
from membership.banks.domain import Scores
from membership.members.domain import Member, belongs
from membership.members.queries import (
    MEMBER_DELEGATION,
    in_delegations,
    is_named_like,
    joined_with_member,
    member_of,
    structures_of,
)
from membership.rights import RIGHTS, Act

NOT_WITHIN_REACH: Final = "Cette auto-évaluation n'existe pas, ou n'est pas dans votre périmètre."
REVIEW_NOT_WITHIN_REACH: Final = "Cette relecture n'existe pas, ou n'est pas dans votre périmètre."
_TABLE: Any = AssessmentRow.__table__  # type: ignore[attr-defined]
_REVIEW: Any = ReviewRow.__table__  # type: ignore[attr-defined]
_FOLLOWED = [AssessmentState.SUBMITTED.value, AssessmentState.REVIEWED.value]


@dataclass(frozen=True, slots=True)
class Reached:
    """An assessment within reach of whoever asks, with its structure as it is today."""

    assessment: SelfAssessment
    member: Member
    scores: Scores | None


async def reached(source: Read, grant: Grant, assessment_id: UUID) -> Reached:
    """Return an assessment within reach, with its structure. Raises AssessmentNotFound."""
    query = (await _query(source, grant)).where(_TABLE.c.id == assessment_id)
    row = (await source.session.execute(query)).one_or_none()
    if row is None:
        raise AssessmentNotFound(NOT_WITHIN_REACH)
    return reached_row(row)


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
    if _is_guest(source.actor):
        return Reviewer(None, None, source.actor.subject)
    grant = grant_for(RIGHTS, Act.REVIEW_ASSESSMENTS, source.actor)
    if grant is None or assessed.id == source.actor.member_id or not covers(grant, assessed):
        return Reviewer(None, source.actor.member_id)
    return Reviewer(_third_party(grant), source.actor.member_id)


def _is_guest(actor: Actor) -> bool:
    """Tell whether somebody has no token but the link they were sent."""
    return not actor.roles and is_invited(actor.subject)


def _third_party(grant: Grant) -> str | None:
    if grant.scope is Scope.ALL:
        return NETWORK
    return f"delegation:{grant.actor.delegation}" if grant.scope is Scope.DELEGATION else None


def reached_row(row: Any) -> Reached:
    """Read an assessment with its structure, as they were selected."""
    scores = SCORES.validate_python(row[0].scores) if row[0].scores else None
    return Reached(repository.to_domain(row[0]), member_of(row), scores)


async def _query(source: Read, grant: Grant) -> Select[Any]:
    """Select the assessments within reach: one's own; others' that were not abandoned; those one is invited to.

    A structure that left is a guest no more.
    """
    actor = source.actor
    member_id = actor.member_id
    structure = (await structures_of(source, [member_id])).get(member_id) if member_id else None
    own = _TABLE.c.member_id == member_id if member_id else false()
    abandoned = _TABLE.c.state == AssessmentState.ABANDONED.value
    others = and_(grant.covers(member=_TABLE.c.member_id, delegation=MEMBER_DELEGATION), ~abandoned)
    theirs = _REVIEW.c.author == actor.subject if _is_guest(actor) else _REVIEW.c.peer_id == member_id
    invited = exists().where(
        _REVIEW.c.assessment_id == _TABLE.c.id,
        theirs,
        _REVIEW.c.state.in_([ReviewState.OPEN.value, ReviewState.GIVEN.value]),
    )
    welcome = _is_guest(actor) or (structure is not None and belongs(structure))
    guest = and_(_TABLE.c.state.in_(_FOLLOWED), invited) if welcome else false()
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
    if filters.member_id:
        query = query.where(_TABLE.c.member_id == filters.member_id)
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
        independent = _REVIEW.c.kind != ReviewKind.OUTSIDE.value
        return ~exists().where(of_it, independent, _REVIEW.c.state != ReviewState.WITHDRAWN.value)
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
