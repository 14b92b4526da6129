"""The export of a roll."""

from collections.abc import Mapping, Sequence

from membership.electoral_roll.domain import RollLine

EXPORT_HEADER = (
    "Référence", "Structure", "Délégation", "Adhérente depuis", "Collège", "Voix", "Vote", "Motifs", "Explications",
    "À savoir",
)  # fmt: skip


def export_line(line: RollLine, colleges: Mapping[str, str]) -> Sequence[object]:
    """Write a structure as one line, in the order of ``EXPORT_HEADER``."""
    return (
        line.reference,
        line.name,
        line.delegation,
        line.joined_on,
        colleges.get(line.college or "", line.college),
        line.votes,
        "oui" if line.entitled else "non",
        ", ".join(reason.code.label for reason in line.reasons),
        " ".join(reason.message for reason in line.reasons),
        " ".join(remark.message for remark in line.remarks),
    )
