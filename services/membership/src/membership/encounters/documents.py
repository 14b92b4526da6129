"""The export of who was met: the list a delegation calls from, and the annex of its report."""

from collections.abc import Sequence

from membership.encounters.schemas import EncounterLine
from membership.members.domain import printed_activities

EXPORT_HEADER = (
    "reference", "nom", "delegation", "departement", "types", "rencontree", "entretiens", "dernier_entretien",
    "rencontres", "derniere_rencontre",
)  # fmt: skip


def export_line(line: EncounterLine) -> Sequence[object]:
    """Write a structure to meet as one line."""
    return (
        line.reference,
        line.name,
        line.delegation,
        line.department,
        printed_activities(line.activities),
        "oui" if line.met else "non",
        line.interviews,
        line.last_interview_on,
        line.meetings,
        line.last_meeting_on,
    )
