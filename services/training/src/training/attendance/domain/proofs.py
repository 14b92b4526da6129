"""What proves who signed: one-time codes, links, drawings, the keys of devices and the order of what they wrote.

Source: peers' users (moodle-mod_attendance #424): a link or a QR code alone is forwarded; so a link is worth nothing
without a code that is said in the room, bound to a person and a half-day, for some minutes and once.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from common.secret_addresses import SecretAddress
from common.uploads import PNG, kind_of
from training.attendance.domain.ledger import GENESIS, Said, canonical, hashed, instant_text
from training.attendance.domain.refusals import CodeWrong, DeviceChainBroken, StrokeUnfit

# Thirty signs that nobody takes one for another, six of them: 729 million codes for one person, for some minutes.
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ234567"[:30]
_LENGTH = 6
_STROKE_BYTES = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningLink(SecretAddress):
    """The link by which the person who has a seat signs. Given to another person, the seat needs another link."""

    enrolment_id: UUID
    trainee_id: UUID

    def opens(self, trainee_id: UUID | None, today: date) -> bool:
        """Tell whether the person who has the seat now signs by it."""
        return self.serves(today) and self.trainee_id == trainee_id


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code given for a seat and a half-day; of it, a digest."""

    slot_id: UUID
    enrolment_id: UUID
    digest: str
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A trainer's device that may sign without network: its public key (Ed25519, hexadecimal), its last line."""

    id: UUID
    session_id: UUID
    trainer_id: UUID
    label: str
    public_key: str
    registered_at: datetime
    number: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Written:
    """A line as a device wrote it: what it says, its place in the chain of the device, the hour there, a signature."""

    said: Said
    number: int
    previous: str
    at: datetime
    signature: str

    def content(self, device: Device) -> dict[str, Any]:
        """Return what the device has hashed and signed."""
        said = self.said
        return {
            "at": instant_text(self.at),
            "device": str(device.id),
            "number": self.number,
            "previous": self.previous,
            "session": str(device.session_id),
            "slot": str(said.slot_id),
            "kind": said.kind.value,
            "enrolment": str(said.enrolment_id) if said.enrolment_id else None,
            "hours": str(said.hours) if said.hours is not None else None,
            "reason": said.reason.value if said.reason else None,
            "stroke": said.stroke,
        }


def new_code() -> str:
    """Return a code that is said in the room.

    >>> len(new_code())
    6
    """
    return "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))


def code_digest(slot_id: UUID, enrolment_id: UUID, code: str) -> str:
    """Return what is kept of a code: worth nothing for another person or another half-day."""
    return hashlib.sha256(f"{slot_id}:{enrolment_id}:{code.strip().upper()}".encode()).hexdigest()


def challenge(slot_id: UUID, enrolment_id: UUID, code: str, now: datetime, minutes: int) -> Challenge:
    """Return the trace of a code that serves for some minutes."""
    until = now + timedelta(minutes=minutes)
    return Challenge(slot_id, enrolment_id, code_digest(slot_id, enrolment_id, code), until)


def spend(given: Challenge | None, code: str, now: datetime) -> Challenge:
    """Use a code, once. Raises CodeWrong, the same whatever is wrong with it."""
    if given is None or given.used_at is not None or now >= given.expires_at:
        raise CodeWrong("Ce code ne sert pas, ou ne sert plus : demandez-en un autre au formateur.")
    if not secrets.compare_digest(given.digest, code_digest(given.slot_id, given.enrolment_id, code)):
        raise CodeWrong("Ce code ne sert pas, ou ne sert plus : demandez-en un autre au formateur.")
    return replace(given, used_at=now)


def stroke_digest(drawing: bytes) -> str:
    """Return what the ledger keeps of a drawn signature. Raises StrokeUnfit."""
    if len(drawing) > _STROKE_BYTES or kind_of(drawing, (PNG,)) is None:
        raise StrokeUnfit("Une signature dessinée est une image PNG de 30 Ko au plus.")
    return hashlib.sha256(drawing).hexdigest()


def follows(device: Device, written: Sequence[Written], known: dict[int, str]) -> tuple[Device, tuple[Written, ...]]:
    """Return what a device sends for the first time, and where its chain then stands. Raises DeviceChainBroken.

    ``known``: the hashes of what it sent before, by number. Sent again as it was, a line is passed over; otherwise than
    it was, or with a gap, it breaks the chain.
    """
    new = []
    for one in written:
        own = hashed(one.content(device))
        if one.number <= device.number:
            if known.get(one.number) != own:
                raise DeviceChainBroken(f"La ligne {one.number} de l'appareil a été envoyée autrement.")
            continue
        if one.number != device.number + 1 or one.previous != device.hash:
            raise DeviceChainBroken(f"La ligne {one.number} de l'appareil ne suit pas celle que nous avons.")
        device = replace(device, number=one.number, hash=own)
        new.append(one)
    return device, tuple(new)


def signed_bytes(written: Written, device: Device) -> bytes:
    """Return what the signature of a line is of."""
    return canonical(written.content(device))
