"""The exports of a campaign: the list a delegation calls from, and what was declared."""

from collections.abc import Iterator, Sequence

from membership.declarants.schemas import FollowUpLine
from membership.declarations.domain import Place, Question, QuestionScope, Revision, activities_answered
from membership.members.domain import printed_activities

EXPORT_HEADER = (
    "reference", "nom", "delegation", "types", "attendue", "situation", "tardive", "declaree_le", "dernier_contact",
    "moyen", "relancee_le", "relances",
)  # fmt: skip

_DECLARED = (
    "reference", "nom", "delegation", "type", "declaree_le", "tardive", "dispensee", "revision", "revision_du",
    "revision_par",
)  # fmt: skip


def export_line(line: FollowUpLine) -> Sequence[object]:
    """Write where a structure stands as one line."""
    return (
        line.reference,
        line.name,
        line.delegation,
        printed_activities(line.activities),
        "oui" if line.expected else "non",
        line.state_label,
        "oui" if line.late else "non",
        line.declared_on,
        line.last_contact_on,
        line.last_contact_means.label if line.last_contact_means else None,
        line.reminded_on,
        line.reminders,
    )


def figures_header(questions: Sequence[Question]) -> Sequence[str]:
    """Return the columns of ``figure_lines``: who, then every question."""
    return (*_DECLARED, *(f"{question.label} ({question.code})" for question in questions))


def figure_lines(line: FollowUpLine, revision: Revision, questions: Sequence[Question]) -> Iterator[Sequence[object]]:
    """Write what a structure declared, a line for each activity.

    What it gave once, for the whole structure, stands on the first of its lines only: a column adds up.
    """
    for rank, activity in enumerate(activities_answered(revision.answers) or [None]):
        places = (
            Place(question.code, activity if question.scope is QuestionScope.ACTIVITY else None)
            for question in questions
        )
        yield (
            line.reference,
            line.name,
            line.delegation,
            printed_activities([activity]) if activity else None,
            line.declared_on,
            "oui" if line.late else "non",
            "oui" if line.exempt else "non",
            revision.number,
            revision.recorded_on,
            revision.recorded_by,
            *(revision.answers.get(place) if place.activity or not rank else None for place in places),
        )
