"""The exports of the directory: what buyers take away, and the list a delegation works from."""

from collections.abc import Sequence

from membership.directory.schemas import DirectoryLine, PublicEntryOut, PublicLabelOut

PUBLIC_HEADER = (
    "nom", "commune", "departement", "delegation", "types", "secteurs", "offres", "departements_servis", "labels",
    "presentation", "site", "telephone", "courriel", "service_achats", "courriel_achats", "telephone_achats",
)  # fmt: skip
LINES_HEADER = (
    "reference", "nom", "delegation", "situation", "visible", "champs_saisis", "a_saisir", "sans_accord", "a_verifier",
)  # fmt: skip
_BETWEEN = " ; "


def public_line(entry: PublicEntryOut) -> Sequence[object]:
    """Write what the public sees of a structure as one line."""
    purchasing = entry.purchasing
    return (
        entry.name,
        entry.city,
        entry.department,
        entry.delegation,
        _BETWEEN.join(kind.label for kind in entry.kinds or ()),
        _BETWEEN.join(sector.label for sector in entry.sectors or ()),
        _BETWEEN.join(f"{offer.title} ({offer.sector_label})" for offer in entry.offers or ()),
        _BETWEEN.join(entry.territory or ()),
        _BETWEEN.join(f"{label.name} ({_attested(label)})" for label in entry.labels or ()),
        entry.presentation,
        entry.website,
        entry.phone,
        entry.email,
        purchasing.office if purchasing else None,
        purchasing.email if purchasing else None,
        purchasing.phone if purchasing else None,
    )


def _attested(label: PublicLabelOut) -> str:
    return "vérifié" if label.verified else "déclaré"


def entry_line(line: DirectoryLine) -> Sequence[object]:
    """Write where a structure's entry stands as one line."""
    return (
        line.reference,
        line.name,
        line.delegation,
        line.status.label,
        "oui" if line.shown else "non",
        line.filled,
        _BETWEEN.join(field.label for field in line.missing),
        _BETWEEN.join(field.label for field in line.without_consent),
        _BETWEEN.join(notice.message for notice in line.notices),
    )
