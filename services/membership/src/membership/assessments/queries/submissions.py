"""What was submitted, whoever asks: for the pictures, the plans and the key figures."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, FromClause, ScalarSelect, select

from common.transaction import Read
from membership.assessments import repository
from membership.assessments.domain import (
    Review,
    SelfAssessment,
)
from membership.assessments.tables import AssessmentRow
from membership.banks.domain import Scores

SCORES: Final = TypeAdapter(Scores)
_TABLE: Any = AssessmentRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Submitted:
    """One assessment as it was submitted: by which structure, where it was then, on which day."""

    structure: UUID
    delegation: str | None
    day: date
    bank: str
    scores: Scores


async def submitted_in(source: Read, family: str, first: date, last: date) -> list[Submitted]:
    """Return what was submitted of a family in a period, in the order in which it was, whoever asks."""
    query = (
        select(_TABLE.c.submitted_as, _TABLE.c.submitted_in, _TABLE.c.submitted_on, _TABLE.c.bank, _TABLE.c.scores)
        .where(_TABLE.c.family == family, _TABLE.c.submitted_on.between(first, last))
        .order_by(_TABLE.c.submitted_on, _TABLE.c.id)
    )
    rows = await source.session.execute(query)
    return [Submitted(*row[:4], SCORES.validate_python(row.scores)) for row in rows]


def structure_of(assessment_id: ColumnElement[UUID]) -> ScalarSelect[UUID]:
    """Return, in SQL, the structure of an assessment."""
    return select(_TABLE.c.member_id).where(_TABLE.c.id == assessment_id).scalar_subquery()


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
