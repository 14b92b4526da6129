"""What a fact is, and how it travels: CloudEvents 1.0.2 over Kafka, binary mode.

A service publishes facts on its aggregates' topics. Each event carries the fact's own fields and the
aggregate's public state after it, so a reader can keep a copy without ever calling back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

_CONTENT_TYPE = "application/json"
_SPEC_VERSION = "1.0"
_LAST_SEQUENCE = 2**63 - 1
_DROPPED = "ce_droppedthrough"


class State(BaseModel):
    """The public state of an aggregate: what other services may know of it. No personal data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID


class Fact(BaseModel):
    """One thing that happened to one aggregate, in the past tense.

    ``wire_name`` is the CloudEvents type (``member.joined``); ``topic`` is where all facts of the aggregate
    type go, in order per aggregate (``membership.member``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    wire_name: ClassVar[str]
    topic: ClassVar[str]

    state: State

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """Parse a payload as a tolerant reader: fields this version does not know are ignored.

        Raises pydantic's ValidationError when what this version needs is missing or wrong.
        """
        return cls.model_validate_json(payload, extra="ignore")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes around a payload, the same on the outbox row, the record's headers and the inbox row.

    ``dropped_through`` stands on a replayed event only: the last sequence of its aggregate that no longer exists.
    """

    event_id: UUID
    source: str
    type: str
    topic: str
    aggregate_id: UUID
    sequence: int
    occurred_at: datetime
    traceparent: str | None
    dropped_through: int | None = None

    def headers(self) -> list[tuple[str, bytes]]:
        """Write the envelope as Kafka record headers."""
        attributes = {
            "ce_specversion": _SPEC_VERSION,
            "ce_id": str(self.event_id),
            "ce_source": self.source,
            "ce_type": self.type,
            "ce_subject": str(self.aggregate_id),
            "ce_time": self.occurred_at.isoformat(),
            "ce_dataschema": f"{self.source}/schemas/{self.type}",
            "ce_sequence": str(self.sequence),
            "content-type": _CONTENT_TYPE,
        }
        if self.traceparent:
            attributes["traceparent"] = self.traceparent
        if self.dropped_through:
            attributes[_DROPPED] = str(self.dropped_through)
        return [(name, value.encode()) for name, value in attributes.items()]

    @classmethod
    def from_headers(cls, topic: str, headers: Iterable[tuple[str, bytes | None]]) -> Self:
        """Read the envelope back from a record.

        Raises ValueError naming what is missing or malformed: whatever is returned can be stored.
        """
        found = dict(headers)
        try:
            sequence = _number(found, "ce_sequence", _LAST_SEQUENCE)
            return cls(
                event_id=UUID(_text(found["ce_id"])),
                source=_text(found["ce_source"]),
                type=_text(found["ce_type"]),
                topic=topic,
                aggregate_id=UUID(_text(found["ce_subject"])),
                sequence=sequence,
                occurred_at=_instant(_text(found["ce_time"])),
                traceparent=_text(found["traceparent"]) if "traceparent" in found else None,
                dropped_through=_number(found, _DROPPED, sequence - 1) if _DROPPED in found else None,
            )
        except KeyError as missing:
            raise ValueError(f"header {missing} is missing") from None
        except OverflowError:
            raise ValueError("ce_time is outside the calendar") from None


def _text(value: bytes | None) -> str:
    """Decode one header. Other producers may send null headers, or characters that PostgreSQL cannot keep."""
    text = (value or b"").decode("utf-8")
    if "\0" in text:
        raise ValueError(f"header {text!r} contains a nul character")
    return text


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"ce_time {text} says nothing of its time zone")
    return instant.astimezone(UTC)


def _number(found: Mapping[str, bytes | None], header: str, last: int) -> int:
    number = int(_text(found[header]))
    if not 1 <= number <= last:
        raise ValueError(f"{header} is {number}, it goes from 1 to {last}")
    return number


@dataclass(frozen=True, slots=True)
class Received:
    """One record as a consumer holds it: its place, its bytes, and what could be read of them.

    ``fact`` is None for a type nobody subscribed to; ``fault`` says why a record could not be read.
    """

    envelope: Envelope
    payload: bytes
    fact: Fact | None
    fault: str | None = None


def facts_by_name(facts: Iterable[type[Fact]]) -> Mapping[str, type[Fact]]:
    """Index fact classes by wire name. Raises ValueError when a name is taken twice."""
    index: dict[str, type[Fact]] = {}
    for fact in facts:
        if fact.wire_name in index:
            raise ValueError(f"two facts are called {fact.wire_name}")
        index[fact.wire_name] = fact
    return index


def dump(fact: Fact) -> bytes:
    """Serialise a fact once: these very bytes are stored, sent, archived and replayed."""
    return fact.model_dump_json().encode()
