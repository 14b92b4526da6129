"""The export of requests for support: what the network and a delegation follow; what was described stays out."""

from collections.abc import Sequence

from membership.support_requests.domain import SupportActionState
from membership.support_requests.schemas import SupportRequestOut

EXPORT_HEADER = (
    "structure", "delegation", "origine", "dossier", "motif", "demandee_le", "a_prendre_en_charge_le", "etat",
    "en_retard", "prise_en_charge_le", "par", "actions_a_faire", "terminee_le", "issue",
)  # fmt: skip


def export_line(request: SupportRequestOut) -> Sequence[object]:
    """Write a request as one line."""
    return (
        request.name,
        request.delegation,
        request.origin_label,
        request.file_reference,
        request.reason_label,
        request.asked_on,
        request.first_contact.due_on,
        request.status_label,
        "oui" if request.late else "non",
        request.taken_up_on,
        request.taken_up_label,
        sum(action.state is SupportActionState.TODO for action in request.plan),
        request.settled_on,
        request.outcome_label,
    )
