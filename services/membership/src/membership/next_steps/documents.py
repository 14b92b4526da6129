"""The export of what is left to do: the list a delegation works from."""

from collections.abc import Sequence

from membership.next_steps.schemas import NextStepOut

EXPORT_HEADER = ("structure", "delegation", "suite", "qui", "fonction", "echeance", "en_retard", "etat", "partagee")


def export_line(step: NextStepOut) -> Sequence[object]:
    """Write what is left to do as one line."""
    return (
        step.name,
        step.delegation,
        step.text,
        step.owner_name,
        step.owner_label,
        step.due_on,
        "oui" if step.overdue else "non",
        step.state_label,
        "oui" if step.shared else "non",
    )
