"""The export of the register."""

from collections.abc import Sequence

from membership.members.domain import Member, printed_activities, printed_conventions
from membership.members.schemas import Standing

EXPORT_HEADER = (
    "reference", "nom", "siren", "siret", "statut", "categorie", "types", "adresse", "code_postal", "commune",
    "departement", "delegation", "adherente_depuis", "sortie_le", "motif_de_sortie", "cotisation", "conventions",
    "annees_renouvelees",
)  # fmt: skip


def export_line(member: Member, standing: Standing | None) -> Sequence[object]:
    """Write a structure as one line."""
    return (
        member.reference,
        member.name,
        member.siren,
        member.siret,
        member.status.label,
        member.category.label,
        printed_activities(member.activities),
        member.street,
        member.postcode,
        member.city,
        member.department,
        member.delegation,
        member.joined_on,
        member.departure.left_on if member.departure else None,
        member.departure.cause.label if member.departure else None,
        standing.label if standing else None,
        printed_conventions(member.activities, member.conventions),
        ", ".join(map(str, member.renewed_years)),
    )
