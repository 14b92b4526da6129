"""The document that bears a signature, as it was sent: what it is is read in its content."""

from dataclasses import dataclass
from uuid import UUID

from common.uploads import SCANS, FileKind, KeptFile, kind_of
from dues.mandates.domain.refusals import SignedDocumentTooLarge, SignedDocumentUnreadable

MOST_SIGNED_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class SignedDocument(KeptFile):
    """A signed mandate."""

    mandate_id: UUID


def recognise_signed(content: bytes) -> FileKind:
    """Return what a signed mandate is by its content. Raises SignedDocumentTooLarge, SignedDocumentUnreadable."""
    if len(content) > MOST_SIGNED_BYTES:
        raise SignedDocumentTooLarge(f"Un mandat signé fait {MOST_SIGNED_BYTES // 1_000_000} Mo au plus.")
    kind = kind_of(content, SCANS)
    if kind is None:
        raise SignedDocumentUnreadable("Ce fichier n'est ni un PDF, ni une image PNG ou JPEG.")
    return kind
