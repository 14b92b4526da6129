"""The documents asked of a structure that wants to join, and where its file stands with each of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from common.uploads import SCANS, kind_of, named
from membership.members.domain import ActivityKind


class DocumentState(Labelled):
    """Where one document of a file stands."""

    MISSING = "missing", "attendue"
    RECEIVED = "received", "reçue, à vérifier"
    ACCEPTED = "accepted", "acceptée"
    REFUSED = "refused", "refusée"
    NOT_ASKED = "not_asked", "non demandée"


class DocumentNotFound(NotFound):
    """No such document in this file."""

    code = "document_not_found"


class DocumentNotAsked(Invalid):
    """The checklist has no such item for this structure."""

    code = "document_not_asked"


class DocumentDecided(Conflict):
    """A document is checked once; a better one replaces it."""

    code = "document_decided"


class DocumentTooLarge(Invalid):
    """A document is read by a person, at a desk: its size has a bound."""

    code = "document_too_large"


class DocumentUnreadable(Invalid):
    """What was sent is not a kind of file that a person can be asked to read."""

    code = "document_unreadable"


@dataclass(frozen=True, slots=True)
class Item:
    """One document asked for from a day on, of every structure or of those with certain activities."""

    code: str
    label: str
    since: date
    status: str
    source: str
    kinds: frozenset[ActivityKind] = frozenset()

    def is_asked(self, activities: Collection[ActivityKind], received_on: date) -> bool:
        """Tell whether a structure with these activities, whose application came on a day, must give it."""
        return self.since <= received_on and (not self.kinds or not self.kinds.isdisjoint(activities))


@dataclass(frozen=True, slots=True)
class Document:
    """One file sent for one item."""

    id: UUID
    item: str
    filename: str
    media_type: str
    size: int
    sent_at: datetime
    state: DocumentState = DocumentState.RECEIVED
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Where a file stands with one item: the document that counts, and one sent since that nobody has checked."""

    item: Item
    state: DocumentState
    document: Document | None = None
    to_check: Document | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nobody has anything left to do about it."""
        return self.state in (DocumentState.ACCEPTED, DocumentState.NOT_ASKED)


def checklist(
    items: Iterable[Item],
    documents: Sequence[Document],
    activities: Collection[ActivityKind],
    received_on: date,
    *,
    asked: bool = True,
) -> list[Line]:
    """Return where a file stands with each document asked of it; ``asked`` is false where none is asked at all."""
    sent = sorted(documents, key=lambda document: document.sent_at)
    nothing = DocumentState.MISSING if asked else DocumentState.NOT_ASKED
    return [
        _line(item, [document for document in sent if document.item == item.code], nothing)
        for item in items
        if item.is_asked(activities, received_on)
    ]


def _line(item: Item, sent: Sequence[Document], nothing: DocumentState) -> Line:
    """An accepted document counts until a later one is checked, so that sending one again undoes nothing."""
    if not sent:
        return Line(item, nothing)
    last = sent[-1]
    to_check = last if last.state is DocumentState.RECEIVED else None
    checked = [document for document in sent if document.state is not DocumentState.RECEIVED]
    if to_check and checked and checked[-1].state is DocumentState.ACCEPTED:
        return Line(item, DocumentState.ACCEPTED, checked[-1], to_check)
    return Line(item, last.state, last, to_check)


def require_asked(lines: Iterable[Line], code: str) -> None:
    """Let only a document through that is asked for. Raises DocumentNotAsked."""
    if code not in {line.item.code for line in lines}:
        raise DocumentNotAsked(f"La pièce « {code} » n'est pas demandée pour cette candidature.")


def check(document: Document, state: DocumentState, remark: str | None = None) -> Document:
    """Accept or refuse a document that was received. Raises DocumentDecided."""
    if document.state is not DocumentState.RECEIVED:
        raise DocumentDecided(f"Cette pièce est déjà {document.state.label}.")
    return replace(document, state=state, remark=remark)


MOST_BYTES = 10_000_000


def recognise(filename: str, content: bytes) -> tuple[str, str]:
    """Return the media type of a document, by its content, and a name that says the same.

    Raises DocumentUnreadable, DocumentTooLarge.
    """
    if len(content) > MOST_BYTES:
        raise DocumentTooLarge(f"Une pièce fait {MOST_BYTES // 1_000_000} Mo au plus.")
    kind = kind_of(content, SCANS)
    if kind is None:
        raise DocumentUnreadable("Ce fichier n'est ni un PDF, ni une image PNG ou JPEG.")
    return kind.media_type, named(filename, kind)
