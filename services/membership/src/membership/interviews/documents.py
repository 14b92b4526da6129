"""The export of interviews: the list a delegation plans its year with. Neither notes nor the names of people."""

from collections.abc import Sequence

from membership.interviews.schemas import InterviewOut

EXPORT_HEADER = ("structure", "delegation", "annee", "etat", "mode", "prevu_le", "tenu_le", "mene_par", "participants")


def export_line(interview: InterviewOut) -> Sequence[object]:
    """Write an interview as one line; of those who were there, how many."""
    return (
        interview.name,
        interview.delegation,
        interview.year,
        interview.state_label,
        interview.mode_label,
        interview.planned_on,
        interview.held_on,
        interview.led_by_label,
        len(interview.participants),
    )
