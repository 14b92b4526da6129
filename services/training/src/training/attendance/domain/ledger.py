"""The ledger of a session: one line after another, each bound to the one before it by its hash. Never rewritten.

A line is hashed as canonical JSON: UTF-8, keys in alphabetical order, no spaces, no escape of what is not ASCII, values
that are texts, whole numbers, or null. Its hash is SHA-256, and ``previous`` is the hash of the line before it (64
zeros for the first). Nobody's name is in it: a seat and a trainer stand under their identifiers.
Source: L6353-1 and D6353-4 of the Code du travail as funders read them (domain reference: sheet per half-day, signed by
each trainee and by the trainer); what makes a proof hold, not a text, asks for the chain.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from common.labels import Labelled

GENESIS = "0" * 64


class Kind(Labelled):
    """What a line says."""

    OPENED = "opened", "demi-journée ouverte"
    PRESENT = "present", "présence signée"
    PARTIAL = "partial", "présence en partie"
    ABSENT = "absent", "absence"
    CLOSED = "closed", "demi-journée signée par le formateur"

    @property
    def is_mark(self) -> bool:
        """Whether it says of somebody that they were there or not."""
        return self in (Kind.PRESENT, Kind.PARTIAL, Kind.ABSENT)


class Method(Labelled):
    """How who signs is known."""

    OWN_LINK = "own_link", "lien personnel et code à usage unique"
    TRAINER_DEVICE = "trainer_device", "appareil du formateur"
    PAPER = "paper", "feuille papier saisie par l'équipe"
    OFFLINE = "offline", "appareil du formateur hors ligne, clé de la session"
    SYSTEM = "system", "déduit à la clôture"


class Reason(Labelled):
    """Why somebody was away, or there in part. Nothing here tells of health: a ledger is never erased."""

    UNSAID = "unsaid", "à dire"
    JUSTIFIED = "justified", "justifiée, pièce remise à la structure"
    EMPLOYER = "employer", "retenu par sa structure"
    TRANSPORT = "transport", "transport"
    PERSONAL = "personal", "raison personnelle"
    GAVE_UP = "gave_up", "abandon"
    LATE = "late", "arrivée en retard"
    LEFT_EARLY = "left_early", "départ avant la fin"


class CorrectionReason(Labelled):
    """Why a line is corrected."""

    MISTAKE = "mistake", "saisie erronée"
    LEARNT = "learnt", "motif appris depuis"
    EVIDENCE = "evidence", "preuve produite depuis"
    CONFLICT = "conflict", "deux signatures contraires départagées"


class Aside(Labelled):
    """Why a line that came from a device does not count: it is kept beside, and shown."""

    NOT_OPEN = "not_open", "demi-journée pas encore ouverte"
    ALREADY_OPEN = "already_open", "demi-journée déjà ouverte"
    SIGNED_OTHERWISE = "signed_otherwise", "déjà signé autrement"
    CLOSED = "closed", "demi-journée déjà signée par le formateur"
    NOT_ON_SHEET = "not_on_sheet", "la place n'est pas, ou plus, de la session"
    NO_HALF_DAY = "no_half_day", "la demi-journée n'est plus de la session"
    UNFIT = "unfit", "les heures ou le motif ne vont pas avec ce qui est dit"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProof:
    """What a device said of one line: its place in its own chain, its clock, and its signature.

    ``drift``: seconds by which its clock was ahead of ours when it sent.
    """

    number: int
    previous: str
    at: datetime
    signature: str
    drift: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody said, before it has a place in the ledger."""

    slot_id: UUID
    kind: Kind
    method: Method
    enrolment_id: UUID | None = None
    trainer_id: UUID | None = None
    hours: Decimal | None = None
    reason: Reason | None = None
    corrects: int | None = None
    correction_reason: CorrectionReason | None = None
    device: str | None = None
    stroke: str | None = None
    aside: Aside | None = None
    proof: DeviceProof | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: what was said, where it stands in the chain, when the server had it and on whose account."""

    session_id: UUID
    number: int
    previous: str
    said: Said
    at: datetime
    by: str

    @property
    def hash(self) -> str:
        """What the next line is bound to."""
        return hashed(self.content())

    def content(self) -> dict[str, Any]:
        """Return what is hashed."""
        said, proof = self.said, self.said.proof
        return {
            "at": instant_text(self.at),
            "by": self.by,
            "number": self.number,
            "previous": self.previous,
            "session": str(self.session_id),
            "slot": str(said.slot_id),
            "kind": said.kind.value,
            "method": said.method.value,
            "enrolment": _text(said.enrolment_id),
            "trainer": _text(said.trainer_id),
            "hours": _text(said.hours),
            "reason": said.reason.value if said.reason else None,
            "corrects": said.corrects,
            "correction_reason": said.correction_reason.value if said.correction_reason else None,
            "device": said.device,
            "stroke": said.stroke,
            "aside": said.aside.value if said.aside else None,
            "device_number": proof.number if proof else None,
            "device_previous": proof.previous if proof else None,
            "device_at": instant_text(proof.at) if proof else None,
            "device_signature": proof.signature if proof else None,
            "device_drift": proof.drift if proof else None,
        }


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger of a session stands: its last line."""

    session_id: UUID
    number: int = 0
    hash: str = GENESIS


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return the one writing of a content that is hashed and signed.

    >>> canonical({"b": None, "a": "é"}).decode()
    '{"a":"é","b":null}'
    """
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def hashed(content: Mapping[str, Any]) -> str:
    """Return the hash of a content."""
    return hashlib.sha256(canonical(content)).hexdigest()


def instant_text(at: datetime) -> str:
    """Write an instant as it is hashed: UTC, to the microsecond.

    >>> instant_text(datetime(2027, 3, 2, 8, 0, tzinfo=UTC))
    '2027-03-02T08:00:00.000000Z'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def follow(head: Head, said: Iterable[Said], at: datetime, by: str) -> tuple[Head, tuple[Entry, ...]]:
    """Give what was said its place after the last line; return the new head too."""
    entries = []
    for one in said:
        entry = Entry(head.session_id, head.number + 1, head.hash, one, at, by)
        head = replace(head, number=entry.number, hash=entry.hash)
        entries.append(entry)
    return head, tuple(entries)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
