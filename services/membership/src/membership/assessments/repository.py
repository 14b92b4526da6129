"""Loads and saves self-assessments, their sheets and reviews; the only writer of their tables."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from membership.assessments.domain import (
    Answer,
    AssessmentAct,
    AssessmentAlreadyOpen,
    AssessmentMode,
    AssessmentState,
    Done,
    Remark,
    Review,
    ReviewExists,
    ReviewKind,
    ReviewNotFound,
    ReviewState,
    SelfAssessment,
    Sheet,
    SheetExists,
    SheetNotFound,
)
from membership.assessments.tables import AssessmentRow, EventRow, ReviewRow, SheetRow

_ANSWERS = TypeAdapter(dict[str, Answer])
_REMARKS = TypeAdapter(dict[str, Remark])


async def get_for_update(tx: Tx, assessment_id: UUID) -> SelfAssessment:
    """Load an assessment that was reached, and hold it until the end of the transaction."""
    query = select(AssessmentRow).where(col(AssessmentRow.id) == assessment_id).with_for_update()
    held = query.execution_options(populate_existing=True)
    return to_domain((await tx.session.execute(held)).scalar_one())


async def add(tx: Tx, assessment: SelfAssessment) -> None:
    """Insert a new assessment. Raises AssessmentAlreadyOpen."""
    statement = (
        upsert(AssessmentRow).values(**_values(assessment)).on_conflict_do_nothing().returning(col(AssessmentRow.id))
    )
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise AssessmentAlreadyOpen("Une auto-évaluation de cette démarche est déjà en cours : continuez-la.")


async def save(tx: Tx, assessment: SelfAssessment) -> None:
    """Write an assessment that was loaded for update."""
    statement = update(AssessmentRow).where(col(AssessmentRow.id) == assessment.id)
    await tx.session.execute(statement.values(**_values(assessment)))


async def save_submitted(tx: Tx, assessment: SelfAssessment, scores: Mapping[str, Any], delegation: str | None) -> None:
    """Write an assessment that is submitted, with what its answers come to, by whom and where."""
    statement = update(AssessmentRow).where(col(AssessmentRow.id) == assessment.id)
    signed = {"submitted_as": assessment.member_id, "submitted_in": delegation}
    await tx.session.execute(statement.values(**_values(assessment), **signed, scores=dict(scores)))


def to_domain(row: AssessmentRow) -> SelfAssessment:
    """Read a row as the rules know an assessment."""
    return SelfAssessment(
        id=row.id,
        member_id=row.member_id,
        bank=row.bank,
        family=row.family,
        mode=AssessmentMode(row.mode),
        opened_on=row.opened_on,
        state=AssessmentState(row.state),
        gathered_on=row.gathered_on,
        answers=_ANSWERS.validate_python(row.answers),
        submitted_on=row.submitted_on,
        closed_on=row.closed_on,
        version=row.version,
    )


def _values(assessment: SelfAssessment) -> dict[str, Any]:
    return {
        "id": assessment.id,
        "member_id": assessment.member_id,
        "bank": assessment.bank,
        "family": assessment.family,
        "mode": assessment.mode.value,
        "state": assessment.state.value,
        "opened_on": assessment.opened_on,
        "gathered_on": assessment.gathered_on,
        "answers": _ANSWERS.dump_python(dict(assessment.answers), mode="json"),
        "submitted_on": assessment.submitted_on,
        "closed_on": assessment.closed_on,
        "version": assessment.version,
    }


async def add_event(tx: Tx, assessment_id: UUID, act: AssessmentAct, reason: str | None = None) -> None:
    """Write down what whoever acts has done with an assessment."""
    values = {"id": new_id(), "assessment_id": assessment_id, "at": tx.now, "by": tx.actor.subject}
    await tx.session.execute(insert(EventRow).values(**values, act=act.value, reason=reason))


async def events_of(read: Read, assessment_id: UUID) -> list[Done]:
    """Load what was done with an assessment, the oldest first."""
    query = select(EventRow).where(col(EventRow.assessment_id) == assessment_id).order_by(col(EventRow.id))
    rows = (await read.session.execute(query)).scalars()
    return [Done(row.at, row.by, AssessmentAct(row.act), row.reason) for row in rows]


async def given_in(read: Read, assessment_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Count the sheets that were given in some assessments."""
    mine = col(SheetRow.assessment_id)
    query = select(mine, func.count()).where(mine.in_(assessment_ids), col(SheetRow.given_at).is_not(None))
    return {row[0]: row[1] for row in await read.session.execute(query.group_by(mine))}


async def sheets_of(read: Read, assessment_id: UUID) -> list[Sheet]:
    """Load the sheets of an assessment."""
    query = select(SheetRow).where(col(SheetRow.assessment_id) == assessment_id).order_by(col(SheetRow.id))
    return [_sheet(row) for row in (await read.session.execute(query)).scalars()]


async def sheet_of(read: Read, assessment_id: UUID, subject: str) -> Sheet | None:
    """Load the sheet of a person, if they have one."""
    query = select(SheetRow).where(col(SheetRow.assessment_id) == assessment_id, col(SheetRow.subject) == subject)
    row = (await read.session.execute(query)).scalar_one_or_none()
    return _sheet(row) if row else None


async def own_sheet(read: Read, assessment_id: UUID) -> Sheet:
    """Load the sheet of whoever acts. Raises SheetNotFound."""
    sheet = await sheet_of(read, assessment_id, read.actor.subject)
    if sheet is None:
        raise SheetNotFound("Vous n'avez pas commencé vos réponses.")
    return sheet


async def add_sheet(tx: Tx, sheet: Sheet) -> None:
    """Insert a new sheet. Raises SheetExists."""
    statement = upsert(SheetRow).values(**_sheet_values(sheet)).on_conflict_do_nothing().returning(col(SheetRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise SheetExists("Vos réponses sont déjà commencées.")


async def save_sheet(tx: Tx, sheet: Sheet) -> None:
    """Write a sheet whose assessment is held."""
    await tx.session.execute(update(SheetRow).where(col(SheetRow.id) == sheet.id).values(**_sheet_values(sheet)))


def _sheet(row: SheetRow) -> Sheet:
    answers = _ANSWERS.validate_python(row.answers)
    return Sheet(row.id, row.assessment_id, row.subject, answers, row.given_at, row.version)


def _sheet_values(sheet: Sheet) -> dict[str, Any]:
    return {
        "id": sheet.id,
        "assessment_id": sheet.assessment_id,
        "subject": sheet.subject,
        "answers": _ANSWERS.dump_python(dict(sheet.answers), mode="json"),
        "given_at": sheet.given_at,
        "version": sheet.version,
    }


async def reviews_of(read: Read, assessment_ids: Sequence[UUID]) -> list[Review]:
    """Load the reviews of some assessments, the oldest first."""
    query = select(ReviewRow).where(col(ReviewRow.assessment_id).in_(assessment_ids)).order_by(col(ReviewRow.id))
    return [_review(row) for row in (await read.session.execute(query)).scalars()]


async def review_of(read: Read, assessment_id: UUID, review_id: UUID) -> Review:
    """Load one review of an assessment. Raises ReviewNotFound."""
    row = await read.session.get(ReviewRow, review_id, populate_existing=True)
    if row is None or row.assessment_id != assessment_id:
        raise ReviewNotFound("Cette relecture n'existe pas, ou n'est pas dans votre périmètre.")
    return _review(row)


async def add_review(tx: Tx, review: Review) -> None:
    """Insert a new review. Raises ReviewExists."""
    statement = upsert(ReviewRow).values(**_review_values(review)).on_conflict_do_nothing().returning(col(ReviewRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise ReviewExists("Cette relecture est déjà ouverte, ou rendue.")


async def save_review(tx: Tx, review: Review) -> None:
    """Write a review whose assessment is held."""
    await tx.session.execute(update(ReviewRow).where(col(ReviewRow.id) == review.id).values(**_review_values(review)))


async def forget_authors(tx: Tx, review_ids: Collection[UUID]) -> None:
    """Let go of the names of those who wrote some reviews: what they wrote stays."""
    await tx.session.execute(update(ReviewRow).where(col(ReviewRow.id).in_(review_ids)).values(author_name=None))


def _review(row: ReviewRow) -> Review:
    return Review(
        id=row.id,
        assessment_id=row.assessment_id,
        kind=ReviewKind(row.kind),
        author=row.author,
        opened_on=row.opened_on,
        peer_id=row.peer_id,
        state=ReviewState(row.state),
        remarks=_REMARKS.validate_python(row.remarks),
        conclusion=row.conclusion,
        given_on=row.given_on,
        reason=row.reason,
        version=row.version,
        author_name=row.author_name,
        until=row.until,
    )


def _review_values(review: Review) -> dict[str, Any]:
    return {
        "id": review.id,
        "assessment_id": review.assessment_id,
        "kind": review.kind.value,
        "author": review.author,
        "author_name": review.author_name,
        "until": review.until,
        "peer_id": review.peer_id,
        "state": review.state.value,
        "remarks": _REMARKS.dump_python(dict(review.remarks), mode="json"),
        "conclusion": review.conclusion,
        "opened_on": review.opened_on,
        "given_on": review.given_on,
        "reason": review.reason,
        "version": review.version,
    }
