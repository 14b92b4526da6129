"""The export of people: for a mailing, within reach of who may read them."""

from collections.abc import Sequence

from membership.contacts.domain import Details, Seat
from membership.members.domain import Member

EXPORT_HEADER = (
    "reference", "structure", "delegation", "prenom", "nom", "fonction", "courriel", "telephone", "sieges",
)  # fmt: skip


def export_line(member: Member, known: Details, seats: Sequence[Seat]) -> Sequence[object]:
    """Write a person as one line, with the seats held today."""
    return (
        member.reference,
        member.name,
        member.delegation,
        known.given_name,
        known.family_name,
        known.function,
        known.email,
        known.phone,
        ", ".join(seat.label for seat in seats),
    )
