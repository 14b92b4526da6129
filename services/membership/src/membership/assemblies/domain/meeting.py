"""An assembly with all that its rules look at: its roll, who is there, the proxies, what was voted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from membership.assemblies.domain.assembly import Assembly, Item
from membership.assemblies.domain.results import Electors, Result
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

    def room(self) -> Room:
        """Count the room against the whole roll."""
        second = self.assembly.second_of is not None
        return room(self.roll, self.present, self.standing, self.assembly.kind, self.rule, second=second)

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
