"""Seals: each day the heads of all ledgers are bound into one chain that anybody reads. Only hashes are in it.

What was sealed cannot be written anew, even by us: whoever has kept yesterday's seal shows it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from training.attendance.domain.ledger import Head, hashed, instant_text


@dataclass(frozen=True, slots=True)
class Seal:
    """The heads that had changed since the seal before."""

    number: int
    previous: str
    at: datetime
    heads: tuple[Head, ...]

    @property
    def hash(self) -> str:
        """What the next seal is bound to."""
        return hashed(self.content())

    def content(self) -> dict[str, Any]:
        """Return what is hashed: of a session, only the digest of its identifier."""
        heads = [{"session": masked(head), "number": head.number, "hash": head.hash} for head in self.heads]
        return {"number": self.number, "previous": self.previous, "at": instant_text(self.at), "heads": heads}


def masked(head: Head) -> str:
    """Return by what a seal knows a session: whoever has its ledger finds it, nobody else does."""
    return hashlib.sha256(str(head.session_id).encode()).hexdigest()


def seal(number: int, previous: str, heads: Sequence[Head], at: datetime) -> Seal:
    """Bind heads to the seal before: ``number`` and ``previous`` are its place and its hash, 0 and zeros at first."""
    return Seal(number + 1, previous, at, tuple(sorted(heads, key=masked)))
