"""The envelope around a fact: what is sent, and what of a foreign record can be taken in."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from common.events import Envelope, dump, facts_by_name

from .notebook.contracts import NoteFiled, NoteState, NoteWritten

EVENT, NOTE = UUID(int=7), UUID(int=8)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ENVELOPE = Envelope(
    event_id=EVENT,
    source="/coorace/notebook",
    type="note.written",
    topic="notebook.note",
    aggregate_id=NOTE,
    sequence=3,
    occurred_at=datetime(2026, 1, 12, 9, 30, tzinfo=UTC),
    traceparent=TRACE,
)


def test_a_fact_travels_as_a_binary_cloudevent() -> None:
    assert dict(ENVELOPE.headers()) == {
        "ce_specversion": b"1.0",
        "ce_id": str(EVENT).encode(),
        "ce_source": b"/coorace/notebook",
        "ce_type": b"note.written",
        "ce_subject": str(NOTE).encode(),
        "ce_time": b"2026-01-12T09:30:00+00:00",
        "ce_dataschema": b"/coorace/notebook/schemas/note.written",
        "ce_sequence": b"3",
        "content-type": b"application/json",
        "traceparent": TRACE.encode(),
    }


@pytest.mark.parametrize("dropped_through", [None, 2])
def test_an_envelope_survives_the_journey(dropped_through: int | None) -> None:
    sent = replace(ENVELOPE, dropped_through=dropped_through)
    assert Envelope.from_headers(ENVELOPE.topic, sent.headers()) == sent


@pytest.mark.parametrize(
    ("header", "value"),
    [
        pytest.param("x-foreign", b"\xff\xfe", id="un en-tête d'un autre, en octets"),
        pytest.param("x-foreign", None, id="un en-tête d'un autre, nul"),
    ],
)
def test_headers_of_others_do_not_matter(header: str, value: bytes | None) -> None:
    assert Envelope.from_headers(ENVELOPE.topic, [*ENVELOPE.headers(), (header, value)]) == ENVELOPE


@pytest.mark.parametrize(
    ("header", "value"),
    [
        pytest.param("ce_id", None, id="identifiant nul"),
        pytest.param("ce_id", b"7", id="identifiant qui n'est pas un UUID"),
        pytest.param("ce_subject", b"", id="agrégat vide"),
        pytest.param("ce_sequence", b"three", id="rang en lettres"),
        pytest.param("ce_sequence", b"0", id="rang zéro"),
        pytest.param("ce_sequence", b"9223372036854775808", id="rang au-delà de la base"),
        pytest.param("ce_sequence", b"9" * 5_000, id="rang immense"),
        pytest.param("ce_droppedthrough", b"0", id="rien d'effacé, et pourtant dit"),
        pytest.param("ce_droppedthrough", b"3", id="effacé lui-même, et pourtant là"),
        pytest.param("ce_type", b"note\0written", id="caractère nul dans le type"),
        pytest.param("ce_source", b"\xff", id="source illisible"),
        pytest.param("traceparent", b"\0", id="caractère nul dans la trace"),
        pytest.param("ce_time", b"yesterday", id="instant en mots"),
        pytest.param("ce_time", b"2026-01-12T09:30:00", id="instant sans fuseau"),
        pytest.param("ce_time", b"0001-01-01T00:00:00+14:00", id="instant hors du calendrier"),
    ],
)
def test_what_could_not_be_stored_is_unreadable(header: str, value: bytes | None) -> None:
    headers = {**dict(ENVELOPE.headers()), header: value}
    with pytest.raises(ValueError, match=r"\S"):
        Envelope.from_headers(ENVELOPE.topic, headers.items())


def test_a_missing_header_is_named() -> None:
    with pytest.raises(ValueError, match="ce_type"):
        Envelope.from_headers(ENVELOPE.topic, [pair for pair in ENVELOPE.headers() if pair[0] != "ce_type"])


def test_a_reader_ignores_fields_it_does_not_know() -> None:
    newer = b'{"state": {"id": "%s", "title": "t", "rank": 1, "colour": "red"}, "since": 3}' % str(NOTE).encode()
    assert NoteWritten.read(newer) == NoteWritten(state=NoteState(id=NOTE, title="t", rank=1))


def test_a_fact_is_read_back_as_it_was_written() -> None:
    fact = NoteWritten(state=NoteState(id=NOTE, title="à l'été", rank=2))
    assert NoteWritten.read(dump(fact)) == fact


def test_two_facts_may_not_share_a_name() -> None:
    assert facts_by_name([NoteWritten, NoteFiled]) == {"note.written": NoteWritten, "note.filed": NoteFiled}
    with pytest.raises(ValueError, match=r"note\.written"):
        facts_by_name([NoteWritten, NoteWritten])
