"""What rehearsals write: the line of an export."""

from collections.abc import Sequence

from training.rehearsal.schemas import FindingLine

EXPORT_HEADER = ("session", "constat", "precision", "a_faire", "etat", "constate_le")


def finding_line(line: FindingLine) -> Sequence[object]:
    """Write a finding as one line."""
    found_at = line.found_at.isoformat()
    return (line.session_reference, line.label, line.said, line.advice, line.state_label, found_at)
