"""The export of the follow-up: the list a delegation calls from."""

from collections.abc import Sequence

from membership.follow_up.schemas import FollowUpLine
from membership.members.domain import printed_activities

EXPORT_HEADER = (
    "reference", "nom", "delegation", "types", "attendue", "situation", "tardive", "declaree_le", "dernier_contact",
    "moyen",
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
    )
