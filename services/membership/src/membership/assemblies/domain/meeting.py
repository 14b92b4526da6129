"""An assembly with all that its rules look at: its roll, who is there, the proxies, what was voted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from membership.assemblies.domain.assembly import Assembly, Item
from membership.assemblies.domain.results import Electors, Result, room_then
from membership.assemblies.domain.room import Attending, Proxy, Room, Voice, room
from membership.assemblies.domain.rules import AssemblyRule
from membership.governance.domain import RollLine


@dataclass(frozen=True, slots=True)
class Meeting:
    """One assembly as it stands."""

    assembly: Assembly
    rule: AssemblyRule
    roll_id: UUID | None
    roll: Mapping[UUID, RollLine]
    attending: Sequence[Attending]
    proxies: Sequence[Proxy]
    results: Mapping[UUID, Result]

    @property
    def present(self) -> set[UUID]:
        """The structures that are in the room now."""
        return {one.member_id for one in self.attending if one.left_at is None}

    @property
    def standing(self) -> list[Proxy]:
        """The proxies that nobody revoked."""
        return [one for one in self.proxies if one.revoked_at is None]

    def room(self, at: datetime | None = None) -> Room:
        """Count the room against the whole roll, now or at an instant."""
        present = self.present if at is None else {one.member_id for one in self.attending if one.is_there(at)}
        standing = self.standing if at is None else [one for one in self.proxies if one.stood(at)]
        second = self.assembly.second_of is not None
        return room(self.roll, present, standing, self.assembly.kind, self.rule, second=second)

    def room_of(self, item_id: UUID) -> Room:
        """Return the room that a point was voted in, to correct its vote by, or else the room as it is now."""
        before = self.results.get(item_id)
        return room_then(before) if before and before.voted else self.room()

    @property
    def voted(self) -> bool:
        """Whether anything was voted yet: a withdrawn point was not."""
        return any(result.voted for result in self.results.values())

    def electors(self, item: Item, voices: Sequence[Voice]) -> Electors:
        """Count those of some voices that elect to these seats, by proxy too, wherever the holder is from."""
        electing = {line.member_id: line for line in self.roll.values() if line.entitled and item.takes(line)}
        there = [voice for voice in voices if voice.member_id in electing]
        return Electors(
            structures=len(there),
            votes=sum(voice.votes for voice in there),
            enrolled_structures=len(electing),
            enrolled=sum(line.votes for line in electing.values()),
        )
