"""An assembly with all that its rules look at: its roll, who is there, the proxies, what was voted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from membership.assemblies.domain.assembly import Assembly, Item
from membership.assemblies.domain.results import Electors, Result, room_then
from membership.assemblies.domain.room import Attending, Proxy, Room, Voice, entitled, may_vote, room
from membership.assemblies.domain.rules import AssemblyRule
from membership.electoral_roll.domain import RollLine


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

    def elector(self, member_id: UUID, name: str = "", *, told: bool = True) -> RollLine:
        """Return the line of a structure that votes, or may while no roll is frozen. Raises NotEntitled."""
        return entitled(self.roll.get(member_id), name, frozen=self.roll_id is not None, told=told)

    @property
    def voting(self) -> list[RollLine]:
        """The structures that vote, or may while no roll is frozen."""
        frozen = self.roll_id is not None
        return [line for line in self.roll.values() if may_vote(line, frozen=frozen)]

    def reservation(self, item: Item, member_id: UUID, *, told: bool) -> str | None:
        """Say what a candidacy depends on until the roll is frozen, and why it does not count after."""
        if self.roll_id is None:
            return "Sous réserve de la liste électorale, qui n'est pas encore figée."
        line = self.roll.get(member_id)
        if line is not None and line.entitled:
            return None if item.takes(line) else "N'est plus de ce périmètre : la candidature ne compte pas."
        why = " ".join(reason.message for reason in line.reasons) if line and told else ""
        return f"Ne vote pas à cette assemblée : la candidature ne compte pas. {why}".strip()

    @property
    def lapsed(self) -> dict[UUID, str]:
        """Why a proxy does not count, by its giver; before the opening, by the frozen roll alone."""
        if self.assembly.opened_at is not None:
            return {one.giver_id: one.why for one in self.room().lapsed}
        if self.roll_id is None:
            return {}
        second, holders = self.assembly.second_of is not None, {one.holder_id for one in self.standing}
        then = room(self.roll, holders, self.standing, self.assembly.kind, self.rule, second=second)
        return {one.giver_id: one.why for one in then.lapsed}

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
