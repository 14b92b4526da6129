"""Files of a deliverable: one counts, the last; those it took the place of stay, for whoever delivered them."""

from dataclasses import dataclass
from uuid import UUID

from common.uploads import OFFICE, SCANS, FileKind, KeptFile, kind_of
from membership.bookings.domain.booking import Deliverable
from membership.bookings.domain.refusals import (
    DeliverableFileNotFound,
    DeliverableTooLarge,
    DeliverableUnreadable,
    DeliverableWithdrawn,
)

MOST_DELIVERED_BYTES = 20_000_000
_ACCEPTED = SCANS | OFFICE


@dataclass(frozen=True, slots=True)
class DeliverableFile(KeptFile):
    """A file of a deliverable."""

    deliverable_id: UUID


def recognise_delivered(content: bytes) -> FileKind:
    """Return what a delivered file is by its content. Raises DeliverableTooLarge, DeliverableUnreadable."""
    if len(content) > MOST_DELIVERED_BYTES:
        raise DeliverableTooLarge(f"Un livrable fait {MOST_DELIVERED_BYTES // 1_000_000} Mo au plus.")
    kind = kind_of(content, _ACCEPTED)
    if kind is None:
        raise DeliverableUnreadable(
            "Ce fichier n'est ni un PDF, ni une image PNG ou JPEG, ni un document Word, Excel, PowerPoint ou"
            " LibreOffice sans macros."
        )
    return kind


def require_standing(deliverable: Deliverable) -> None:
    """Let only a deliverable that was not taken back have another file. Raises DeliverableWithdrawn."""
    if deliverable.withdrawal is not None:
        raise DeliverableWithdrawn("Ce livrable est retiré : remettez-en un autre.")


def readable(
    deliverable: Deliverable, sent: list[DeliverableFile], file_id: UUID, *, delivers: bool
) -> DeliverableFile:
    """Return the file asked for: to the structure, the last one of what was not taken back; any to who delivers.

    Raises DeliverableFileNotFound.
    """
    known = sent if delivers else sent[-1:] if deliverable.withdrawal is None else []
    found = next((one for one in known if one.id == file_id), None)
    if found is None:
        raise DeliverableFileNotFound("Ce fichier n'existe pas, ou un autre a pris sa place.")
    return found
