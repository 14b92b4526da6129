"""The export of applications. Opinions and reasons given are read in the file itself."""

from collections.abc import Sequence

from membership.applications.schemas import ApplicationOut

EXPORT_HEADER = (
    "nom", "delegation", "recue_le", "situation", "decidable", "manque", "pieces_attendues", "adherente_depuis",
    "avis", "decidee_le", "retiree_le", "reserves_a_lever",
)  # fmt: skip


def export_line(application: ApplicationOut) -> Sequence[object]:
    """Write an application as one line, with each delegation's last opinion for those who read opinions."""
    return (
        application.name,
        application.delegation,
        application.received_on,
        application.status_label,
        "oui" if application.ready else "non",
        " ".join(blocker.message for blocker in application.blockers),
        application.documents_expected,
        application.member_since,
        ", ".join(f"{one.delegation} : {one.advice_label}" for one in application.opinions if one.counts),
        application.decided_on,
        application.withdrawn_on,
        " / ".join(one.text for one in application.reservations if one.stands),
    )
