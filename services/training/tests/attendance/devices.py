"""A trainer's device as its own software would write: a key, a chain, signed lines."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .arrangements import Class, said

GENESIS = "0" * 64


@dataclass
class Tablet:
    """Writes lines while there is no network; ``sent``: how many of them were."""

    session: str
    device: str
    key: Ed25519PrivateKey
    now: datetime
    lines: list[dict[str, Any]] = field(default_factory=list)
    previous: str = GENESIS
    sent: int = 0

    def write(self, slot: str, kind: str, **mark: Any) -> dict[str, Any]:
        """Write a line after the one before, and sign it."""
        number = len(self.lines) + 1
        at = self.now + timedelta(seconds=number)
        content = {
            "at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "device": self.device, "number": number,
            "previous": self.previous, "session": self.session, "slot": slot, "kind": kind, "enrolment": None,
            "hours": None, "reason": None, "stroke": None, **mark,
        }  # fmt: skip
        written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        line = {
            "number": number, "previous": self.previous, "at": content["at"], "slot_id": slot, "kind": kind,
            "enrolment_id": content["enrolment"], "hours": content["hours"], "reason": content["reason"],
            "stroke": content["stroke"], "signature": self.key.sign(written).hex(),
        }  # fmt: skip
        self.previous = hashlib.sha256(written).hexdigest()
        self.lines.append(line)
        return line


async def registered(client: httpx.AsyncClient, held: Class, now: datetime, label: str = "Tablette 1") -> Tablet:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    made = await said(
        client, f"{held.path}/devices", {"label": label, "public_key": public, "trainer_id": held.trainer}
    )
    return Tablet(held.id, made["id"], key, now)


async def synced(
    client: httpx.AsyncClient, held: Class, tablet: Tablet, lines: list[dict[str, Any]], ahead: int = 0
) -> httpx.Response:
    clock = tablet.now + timedelta(seconds=ahead)
    body = {"clock": clock.isoformat(), "entries": lines}
    return await client.post(f"{held.path}/devices/{tablet.device}/sync", json=body)
