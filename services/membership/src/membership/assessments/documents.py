"""What self-assessments write: their list as a table."""

from collections.abc import Sequence

from membership.assessments.schemas import AssessmentOut

EXPORT_HEADER = ("Structure", "Délégation", "Banque", "État", "Ouverte le", "Remise le", "Close le", "Points", "Niveau")


def export_line(assessment: AssessmentOut) -> Sequence[object]:
    """Return the cells of an assessment, in the order of ``EXPORT_HEADER``."""
    return (
        assessment.name,
        assessment.delegation,
        assessment.bank,
        assessment.state_label,
        assessment.opened_on,
        assessment.submitted_on,
        assessment.closed_on,
        assessment.points,
        assessment.level.label if assessment.level else None,
    )
