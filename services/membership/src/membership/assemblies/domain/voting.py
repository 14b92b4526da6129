"""What a vote decides: resolutions by their majority, elections by the number of votes, ties by a rule."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.errors import Invalid
from common.labels import Labelled
from common.wording import counted
from membership.assemblies.domain.room import Room, Voice
from membership.assemblies.domain.rules import Majority, TieRule


class TallyInconsistent(Invalid):
    """The votes do not tie with those in the room, or with one another."""

    code = "tally_inconsistent"


class Choice(Labelled):
    """How a structure votes on a resolution."""

    FOR = "for", "pour"
    AGAINST = "against", "contre"
    ABSTENTION = "abstention", "abstention"


@dataclass(frozen=True, slots=True)
class Tally:
    """Votes on a resolution, by weight."""

    votes_for: int
    votes_against: int
    abstentions: int

    @property
    def total(self) -> int:
        """All votes given."""
        return self.votes_for + self.votes_against + self.abstentions


@dataclass(frozen=True, slots=True)
class NamedVote:
    """How one structure voted, with how many votes."""

    member_id: UUID
    choice: Choice
    votes: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a resolution is carried, and the reckoning in words."""

    adopted: bool
    cast: int
    needed: int
    explanation: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A structure that stands for a seat, with its person, and the votes it got."""

    member_id: UUID
    contact_id: UUID
    name: str
    joined_on: date
    votes: int


@dataclass(frozen=True, slots=True)
class Ballots:
    """What the tellers found: votes cast, blank and void ones among them."""

    cast: int
    blank: int
    void: int

    @property
    def valid(self) -> int:
        """Votes that name somebody."""
        return self.cast - self.blank - self.void


@dataclass(frozen=True, slots=True)
class Poll:
    """Who is elected, in the order of votes, and the reckoning in words; ``tied`` could not be parted."""

    elected: tuple[Candidate, ...]
    tied: tuple[Candidate, ...]
    vacant: int
    explanation: str


def tally_of(named: Mapping[UUID, Choice], voices: Collection[Voice]) -> tuple[Tally, list[NamedVote]]:
    """Weigh votes given by name, each by a structure in the room, itself or by its proxy. Raises TallyInconsistent."""
    weights = {voice.member_id: voice.votes for voice in voices}
    if strangers := named.keys() - weights.keys():
        raise TallyInconsistent(
            f"Ni présentes ni représentées : {counted(len(strangers), 'structure')}.",
            extra={"members": sorted(str(one) for one in strangers)},
        )
    votes = [NamedVote(member_id, choice, weights[member_id]) for member_id, choice in named.items()]
    sums = {choice: sum(one.votes for one in votes if one.choice is choice) for choice in Choice}
    return Tally(sums[Choice.FOR], sums[Choice.AGAINST], sums[Choice.ABSTENTION]), votes


# Majorités : à confirmer dans les statuts (assumed, data/assembly.toml).
def verdict(tally: Tally, majority: Majority, room: Room) -> Verdict:
    """Say whether a resolution is carried. Raises TallyInconsistent."""
    if tally.total > room.votes:
        raise TallyInconsistent(f"{tally.total} voix pour {room.votes} présentes ou représentées.")
    cast = tally.votes_for + tally.votes_against + (tally.abstentions if majority.abstentions_count else 0)
    needed = majority.needed(cast)
    adopted = tally.votes_for >= needed
    taken = "comptée" if majority.abstentions_count else "non comptée"
    abstentions = counted(tally.abstentions, f"abstention {taken}", f"abstentions {taken}s")
    explanation = (
        f"{tally.votes_for} voix pour, {tally.votes_against} contre, {abstentions} : "
        f"{cast} suffrages exprimés, {majority.name}, {needed} voix nécessaires. "
        f"La résolution est {'adoptée' if adopted else 'rejetée'}."
    )
    return Verdict(adopted, cast, needed, explanation)


def require_ballots(ballots: Ballots, candidates: Sequence[Candidate], seats: int, electors: int) -> None:
    """Tie the tellers' figures together: a ballot names one candidate at least, and no more than there are seats.

    Raises TallyInconsistent.
    """
    named = sum(candidate.votes for candidate in candidates)
    if ballots.cast > electors:
        raise TallyInconsistent(f"{ballots.cast} voix dans l'urne pour {electors} présentes ou représentées.")
    if ballots.valid < 0:
        raise TallyInconsistent(f"{ballots.blank} voix blanches et {ballots.void} nulles pour {ballots.cast} en tout.")
    if any(candidate.votes > ballots.valid for candidate in candidates):
        raise TallyInconsistent(f"Un candidat a plus que les {ballots.valid} voix valables.")
    if not ballots.valid <= named <= ballots.valid * seats:
        most = f" et au plus {ballots.valid * seats}" if seats > 1 else ""
        raise TallyInconsistent(
            f"{named} voix données aux candidats pour {ballots.valid} voix valables et {counted(seats, 'siège')} : "
            f"il en faut {'au moins ' if most else ''}{ballots.valid}{most}."
        )


# Départage à l'ancienneté d'adhésion : à confirmer dans les statuts (assumed, data/assembly.toml).
def elect(candidates: Sequence[Candidate], seats: int, tie: TieRule) -> Poll:
    """Seat the candidates with the most votes; of equals the eldest membership, where the rule says so.

    Those that nothing parts stay aside, and their seats vacant. Nobody is elected without a vote.
    """
    ranked = sorted((one for one in candidates if one.votes), key=lambda one: _rank(one, tie))
    ahead, behind = ranked[:seats], ranked[seats:]
    tied: list[Candidate] = []
    if ahead and behind and _rank(ahead[-1], tie) == _rank(behind[0], tie):
        place = _rank(ahead[-1], tie)
        tied = [one for one in ranked if _rank(one, tie) == place]
        ahead = [one for one in ahead if _rank(one, tie) != place]
    by_age = not tied and bool(ahead and behind) and ahead[-1].votes == behind[0].votes
    vacant = seats - len(ahead)
    return Poll(tuple(ahead), tuple(tied), vacant, _explained(ahead, behind, tied, vacant, by_age=by_age))


def _rank(candidate: Candidate, tie: TieRule) -> tuple[int, date]:
    return -candidate.votes, candidate.joined_on if tie is TieRule.ELDEST_MEMBERSHIP else date.min


def _explained(
    ahead: Sequence[Candidate], behind: Sequence[Candidate], tied: Sequence[Candidate], vacant: int, *, by_age: bool
) -> str:
    elected = ", ".join(f"{one.name} ({one.votes} voix)" for one in ahead)
    parts = [f"Élues : {elected}." if ahead else "Personne n'est élu."]
    if by_age:
        parts.append(
            f"À égalité de {ahead[-1].votes} voix, l'adhésion la plus ancienne l'emporte : {ahead[-1].name} "
            f"({ahead[-1].joined_on:%d/%m/%Y}) devant {behind[0].name} ({behind[0].joined_on:%d/%m/%Y})."
        )
    if tied:
        names = ", ".join(one.name for one in tied)
        parts.append(f"À égalité de {tied[0].votes} voix, rien ne départage {names}.")
    if vacant:
        parts.append(f"{counted(vacant, 'siège')} à pourvoir.")
    return " ".join(parts)
