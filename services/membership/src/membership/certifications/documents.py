"""What certifications write: their list as a table."""

from collections.abc import Sequence

from membership.certifications.schemas import CertificationOut

EXPORT_HEADER = (
    "Structure",
    "Délégation",
    "Label",
    "Niveau",
    "Certificateur",
    "Obtenu le",
    "Valable jusqu'au",
    "Où il en est",
    "Statut",
    "Preuve",
)


def export_line(certification: CertificationOut) -> Sequence[object]:
    """Return the cells of a certification, in the order of ``EXPORT_HEADER``."""
    return (
        certification.name,
        certification.delegation,
        certification.label_name,
        certification.level,
        certification.certifier,
        certification.obtained_on,
        certification.valid_until,
        certification.standing_label,
        certification.status_label,
        certification.evidence,
    )
