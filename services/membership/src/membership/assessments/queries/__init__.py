"""Reads of self-assessments: what is told to whom of one, whom each reaches, what was submitted."""

from membership.assessments.queries.reach import (
    NOT_WITHIN_REACH,
    REVIEW_NOT_WITHIN_REACH,
    Reached,
    covers,
    followed,
    is_own,
    reached,
    reviewer,
    selected,
)
from membership.assessments.queries.reading import (
    authors_of,
    export_rows,
    find_assessment,
    find_review,
    find_sheet,
    group_rules,
    list_assessments,
)
from membership.assessments.queries.submissions import (
    SCORES,
    before,
    reviews_of,
    structure_of,
    submitted,
    submitted_in,
)

__all__ = [
    "NOT_WITHIN_REACH",
    "REVIEW_NOT_WITHIN_REACH",
    "SCORES",
    "Reached",
    "authors_of",
    "before",
    "covers",
    "export_rows",
    "find_assessment",
    "find_review",
    "find_sheet",
    "followed",
    "group_rules",
    "is_own",
    "list_assessments",
    "reached",
    "reviewer",
    "reviews_of",
    "selected",
    "structure_of",
    "submitted",
    "submitted_in",
]
