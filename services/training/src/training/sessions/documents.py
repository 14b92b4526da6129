"""What is written of the sessions: one line of an export."""

from collections.abc import Sequence

from training.sessions.schemas import SessionLine

EXPORT_HEADER = (
    "reference", "programme", "version", "titre", "type", "statut", "premier_jour", "dernier_jour", "modalite",
    "delegation", "ville", "minimum", "maximum", "decision_le", "cloture_le",
)  # fmt: skip


def session_line(line: SessionLine) -> Sequence[object]:
    """Write a session as one line."""
    return (
        line.reference,
        line.programme_code,
        line.programme_number,
        line.title,
        line.type_label,
        line.status_label,
        line.first_day,
        line.last_day,
        line.mode.label if line.mode else None,
        line.delegation,
        line.city,
        line.seats_min,
        line.seats_max,
        line.decide_on,
        line.closes_on,
    )
