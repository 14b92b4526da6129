"""A contract that changes incompatibly is a new fact beside the first: each reader goes by the one it knows."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from common.events import Fact, Received, State, dump
from common.identifiers import new_id
from common.subscriptions import Subscription, follow
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble

from .notebook.app import service_with
from .notebook.contracts import NoteState, NoteWritten
from .notebook.effects import parked, publish
from .notebook.reading import as_read, receive
from .notebook.tables import NoteCopy

NOTE = new_id()


class RankedState(State):
    """A note whose rank is a word: nobody who expects a number can read it."""

    title: str
    rank: str


class NoteWrittenV2(Fact):
    """A note was written, in the words of the second contract."""

    wire_name: ClassVar[str] = "note.written.v2"
    topic: ClassVar[str] = NoteWritten.topic

    state: RankedState


def both(title: str) -> tuple[Fact, Fact]:
    return (
        NoteWritten(state=NoteState(id=NOTE, title=title)),
        NoteWrittenV2(state=RankedState(id=NOTE, title=f"{title}, v2", rank="premier")),
    )


READERS = {
    "premier contrat": (follow(NoteState, into=NoteCopy, contracts=(NoteWritten,)), [(5, "c")]),
    "second contrat": (follow(RankedState, into=NoteCopy, contracts=(NoteWrittenV2,)), [(6, "c, v2")]),
}


@pytest.mark.parametrize(("subscription", "copy"), READERS.values(), ids=READERS)
async def test_readers_of_both_contracts_converge(
    notebook: ServiceUnderTest, assemble: Assemble, subscription: Subscription, copy: list[tuple[int, str]]
) -> None:
    """What a reader did not subscribe to takes its place in the history, and holds nothing up."""
    with pytest.raises(ValidationError):
        NoteWritten.read(dump(both("a")[1]))
    for title in "abc":
        await publish(notebook, *both(title))
    reader = await assemble(service_with(subscriptions=(subscription,)))
    for one in await published(notebook, reader):
        await receive(reader, one)
    assert await reader.rows("SELECT sequence, title FROM note_copy") == copy
    assert await parked(reader) == []
    assert [row.sequence for row in await reader.rows("SELECT sequence FROM event_mark")] == [6]


async def published(writer: ServiceUnderTest, reader: ServiceUnderTest) -> list[Received]:
    """Return what is on its way, as a reader receives it."""
    rows = await writer.rows("SELECT * FROM event_outbox ORDER BY id")
    return [as_read(reader, row) for row in rows]
