"""A paper: what it says is frozen the day it is issued; it is sent, signed, voided, and never deleted."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.labels import Labelled
from common.uploads import SCANS, FileKind, KeptFile, kind_of
from training.papers.domain.kinds import PaperKind, PaperStatus, Terms
from training.papers.domain.refusals import (
    PaperNotSent,
    PaperNotSigned,
    PaperSigned,
    PaperVoided,
    RecipientUnknown,
    SignedCopyTooLarge,
    SignedCopyUnreadable,
    SignedInFuture,
)

MOST_COPY_BYTES = 10_000_000


class SentHow(Labelled):
    """How a paper reached whom it is for."""

    MAIL = "mail", "par courriel"
    HAND = "hand", "remis, ou envoyé autrement"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a paper is of: a request, a seat, a half-day, or the session. ``member_id``: the structure that reads it."""

    kind: PaperKind
    about: UUID
    member_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper that was issued. ``replaces``: the one that it takes the place of."""

    id: UUID
    number: str
    subject: Subject
    session_id: UUID
    terms: Terms
    sha256: str
    replaces: UUID | None
    issued_at: datetime
    issued_by: str
    status: PaperStatus = PaperStatus.ISSUED
    sent_at: datetime | None = None
    sent_how: SentHow | None = None
    voided_at: datetime | None = None
    void_reason: str = ""
    replaced_by: UUID | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCopy(KeptFile):
    """A signed paper, as it was sent. ``signatory``: in which function, never who."""

    paper_id: UUID
    signed_on: date
    signatory: str


def fingerprint(number: str, kind: PaperKind, terms: Terms) -> str:
    """Return the SHA-256 of what a paper says under its number."""
    said = [number, kind.value, {term.value: list(lines) for term, lines in terms.items()}]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def require_live(paper: Paper) -> None:
    """Let something be done with a paper that is worth something. Raises PaperVoided."""
    if paper.status is PaperStatus.VOIDED:
        raise PaperVoided(f"{paper.number} est annulé : il se lit, et ne change plus.")


def require_sendable(paper: Paper) -> None:
    """Let a paper go to whom it is for. Raises PaperVoided, PaperNotSent."""
    require_live(paper)
    if not paper.subject.kind.is_sent:
        raise PaperNotSent(f"{paper.number} est pour tous : il se distribue, et ne s'envoie pas à quelqu'un.")


def send(paper: Paper, how: SentHow, recipient: str | None, now: datetime) -> Paper:
    """Say that a paper went to whom it is for, once more if need be; a signed one stays so.

    Raises PaperVoided, PaperNotSent, RecipientUnknown.
    """
    require_sendable(paper)
    if how is SentHow.MAIL and recipient is None:
        raise RecipientUnknown("Aucune adresse électronique n'est connue : remettez-le autrement, et dites-le (hand).")
    status = PaperStatus.SENT if paper.status is PaperStatus.ISSUED else paper.status
    return _changed(paper, status=status, sent_at=now, sent_how=how)


def require_signable(paper: Paper) -> None:
    """Let a paper be signed that both parties sign. Raises PaperVoided, PaperNotSigned, PaperSigned."""
    require_live(paper)
    if not paper.subject.kind.is_signed:
        raise PaperNotSigned("Seuls une convention et un contrat se signent à deux.")
    if paper.status is PaperStatus.SIGNED:
        raise PaperSigned(f"{paper.number} est déjà signé.")


def sign(paper: Paper, signed_on: date, issued_on: date, today: date) -> Paper:
    """Say that a paper is signed. Raises PaperVoided, PaperNotSigned, PaperSigned, SignedInFuture."""
    require_signable(paper)
    if not issued_on <= signed_on <= today:
        raise SignedInFuture("Un papier se signe entre le jour où il est émis et aujourd'hui.")
    return _changed(paper, status=PaperStatus.SIGNED)


def void(paper: Paper, reason: str, now: datetime) -> Paper:
    """Have a paper be worth nothing any more. Raises PaperVoided."""
    require_live(paper)
    return give_way(paper, reason, now, None)


def give_way(paper: Paper, reason: str, now: datetime, replaced_by: UUID | None) -> Paper:
    """Have a paper that is worth something leave its place to another, or to none."""
    return _changed(paper, status=PaperStatus.VOIDED, voided_at=now, void_reason=reason, replaced_by=replaced_by)


def recognise_copy(content: bytes) -> FileKind:
    """Return what a signed copy is by its content. Raises SignedCopyTooLarge, SignedCopyUnreadable."""
    if len(content) > MOST_COPY_BYTES:
        raise SignedCopyTooLarge(f"Un exemplaire signé fait {MOST_COPY_BYTES // 1_000_000} Mo au plus.")
    kind = kind_of(content, SCANS)
    if kind is None:
        raise SignedCopyUnreadable("Ce fichier n'est ni un PDF, ni une image PNG ou JPEG.")
    return kind


def _changed(paper: Paper, **fields: object) -> Paper:
    return replace(paper, version=paper.version + 1, **fields)  # type: ignore[arg-type]  # fields of its own
