"""The export of measures. What is held against a structure is read in its file, not in a table."""

from collections.abc import Sequence

from membership.measures.schemas import MeasureOut

EXPORT_HEADER = (
    "nom", "delegation", "procedure", "situation", "ouverte_le", "saisie_le", "notifiee_le", "reponses",
    "decidable_a_partir_du", "decidee_le", "effet_le",
)  # fmt: skip


def export_line(measure: MeasureOut) -> Sequence[object]:
    """Write a measure as one line."""
    return (
        measure.name,
        measure.delegation,
        measure.kind_label,
        measure.status_label,
        measure.opened_on,
        measure.entered_on,
        measure.notifications[-1].received_on if measure.notifications else None,
        len(measure.answers),
        measure.hearing.decidable_from if measure.hearing else None,
        measure.decided_on,
        measure.effective_on,
    )
