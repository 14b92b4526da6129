"""What a notebook tells the other services."""

from typing import ClassVar

from common.events import Fact, State


class NoteState(State):
    """A note after the fact."""

    title: str
    rank: int = 0


class NoteWritten(Fact):
    """A note was written, or rewritten."""

    wire_name: ClassVar[str] = "note.written"
    topic: ClassVar[str] = "notebook.note"

    state: NoteState


class NoteFiled(Fact):
    """A note was filed: a fact that few subscribe to."""

    wire_name: ClassVar[str] = "note.filed"
    topic: ClassVar[str] = "notebook.note"

    state: NoteState


def written_on(on_topic: str) -> type[NoteWritten]:
    """Return the fact as published on another topic, so that tests do not read each other's records."""

    class WrittenElsewhere(NoteWritten):
        topic: ClassVar[str] = on_topic

    return WrittenElsewhere
