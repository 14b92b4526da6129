"""What became of one point of the agenda, kept with the room it was voted in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.errors import Blocker, Conflict
from membership.assemblies.domain.assembly import AssemblyWithoutQuorum
from membership.assemblies.domain.room import Room, Voice
from membership.assemblies.domain.voting import Ballots, Candidate, NamedVote, Poll, Tally, Verdict


class ItemVoted(Conflict):
    """What was recorded of a point is corrected with a reason, and a vote is not undone by withdrawing the point."""

    code = "item_voted"


@dataclass(frozen=True, slots=True)
class Headcount:
    """The room in figures, for whoever reads a result a year later: structures and votes, against those of the roll."""

    structures: int
    represented_structures: int
    present: int
    represented: int
    enrolled_structures: int
    enrolled: int
    needed: int

    @property
    def votes(self) -> int:
        """All the votes in the room."""
        return self.present + self.represented


@dataclass(frozen=True, slots=True)
class Electors:
    """Those of the room who elect to some seats, against those of the roll who may."""

    structures: int
    votes: int
    enrolled_structures: int
    enrolled: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one point: a resolution's verdict, an election's poll, or why it was withdrawn.

    ``voices`` are those in the room when it was first recorded, never what they chose: a correction is checked by them.
    """

    item_id: UUID
    room: Headcount
    voices: tuple[Voice, ...] = ()
    tally: Tally | None = None
    named: tuple[NamedVote, ...] = ()
    verdict: Verdict | None = None
    ballots: Ballots | None = None
    candidates: tuple[Candidate, ...] = ()
    poll: Poll | None = None
    electors: Electors | None = None
    withdrawn: str | None = None

    @property
    def voted(self) -> bool:
        """Whether it was voted on."""
        return self.verdict is not None or self.poll is not None

    @property
    def explanation(self) -> str:
        """The outcome in words."""
        if self.verdict is not None:
            return self.verdict.explanation
        if self.poll is not None:
            return self.poll.explanation
        return f"Retiré de l'ordre du jour : {self.withdrawn}"


@dataclass(frozen=True, slots=True)
class Replaced:
    """A result that was recorded wrongly, when it was replaced and why."""

    result: Result
    at: datetime
    reason: str


def require_recordable(title: str, before: Result | None, reason: str | None) -> None:
    """Let a vote be recorded once, then corrected with a reason. Raises ItemVoted."""
    if before is not None and reason is None:
        raise ItemVoted(f"Le sort de « {title} » est déjà consigné : pour le corriger, dites pourquoi (reason).")


def require_unvoted(title: str, before: Result | None) -> None:
    """Let a point be withdrawn while it was not voted. Raises ItemVoted."""
    if before is not None and before.voted:
        raise ItemVoted(f"« {title} » a été voté : un vote se corrige, il ne se retire pas.")


def room_then(result: Result) -> Room:
    """Return the room that a point was voted in."""
    count = result.room
    return Room(result.voices, (), count.enrolled_structures, count.enrolled, count.needed)


def headcount(room: Room) -> Headcount:
    """Count a room."""
    represented = sum(voice.holder_id is not None for voice in room.voices)
    return Headcount(
        structures=len(room.voices) - represented,
        represented_structures=represented,
        present=room.present,
        represented=room.represented,
        enrolled_structures=room.enrolled_structures,
        enrolled=room.enrolled,
        needed=room.needed,
    )


def quorum_blockers(room: Room) -> tuple[Blocker, ...]:
    """Say what keeps the room from voting now."""
    if room.has_quorum:
        return ()
    sentence = (
        f"{room.votes} voix présentes ou représentées sur {room.enrolled} inscrites ; il en faut {max(1, room.needed)}."
    )
    return (Blocker(AssemblyWithoutQuorum.code, sentence),)


def require_quorum(room: Room) -> None:
    """Let a vote be taken only with the quorum, in the room as it is then. Raises AssemblyWithoutQuorum."""
    for blocker in quorum_blockers(room):
        raise AssemblyWithoutQuorum(blocker.message)
