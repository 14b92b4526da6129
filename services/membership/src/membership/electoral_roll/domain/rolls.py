"""A roll that was frozen for an assembly: contested, corrected by dated decisions, compared; its lines never change."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from common.wording import write_day
from membership.electoral_roll.domain.entitlement import (
    Exclusion,
    Reason,
    Remark,
    Reserve,
    RollLine,
    RollRule,
)


class RollNotFound(NotFound):
    """No such frozen roll."""

    code = "roll_not_found"


class NotOnRoll(NotFound):
    """The structure never was a member on that day, or is not within reach."""

    code = "not_on_roll"


class RollDayToCome(Conflict):
    """A roll is frozen once its day has come: the register may still change before."""

    code = "roll_day_to_come"


class RollSealed(Conflict):
    """An assembly opened on this roll: it is neither contested nor corrected any more."""

    code = "roll_sealed"


class RollReplaced(Conflict):
    """Another roll of the same day replaced this one."""

    code = "roll_replaced"


class RollExists(Conflict):
    """A day has one roll that counts: whoever freezes it again names the one that is replaced."""

    code = "roll_exists"


class RollOfAnotherDay(Conflict):
    """A roll replaces one of its own day."""

    code = "roll_of_another_day"


class ContestWindowOpen(Conflict):
    """An assembly opens once the roll can no longer be contested, or somebody waives that in writing."""

    code = "contest_window_open"


class ContestTooLate(Conflict):
    """A structure contests within the window that was announced with the roll."""

    code = "contest_too_late"


class ContestOpen(Conflict):
    """A structure is answered before it contests again; a roll is sealed once all were answered."""

    code = "contest_open"


class ContestNotFound(NotFound):
    """No such contest of this roll, or it is not within reach."""

    code = "contest_not_found"


class ContestAnswered(Conflict):
    """A contest is answered once."""

    code = "contest_answered"


class CorrectionEmpty(Invalid):
    """A correction changes the college or the number of votes."""

    code = "correction_empty"


class CorrectionTooLarge(Invalid):
    """A structure has no more votes than its college gives."""

    code = "correction_too_large"


class CollegeUnknown(Invalid):
    """A structure that votes does so in a college of the rule in force."""

    code = "college_unknown"


class ContestStatus(Labelled):
    """What became of a contest."""

    OPEN = "open", "à instruire"
    UPHELD = "upheld", "fondée"
    REJECTED = "rejected", "rejetée"


class CorrectionKind(Labelled):
    """What a correction does to a structure."""

    ADDED = "added", "ajoutée"
    REMOVED = "removed", "retirée"
    CHANGED = "changed", "voix ou collège changés"


class ChangeKind(Labelled):
    """How a structure's right differs from one roll to another."""

    CAME = "came", "vote désormais"
    WENT = "went", "ne vote plus"
    CHANGED = "changed", "vote autrement"


@dataclass(frozen=True, slots=True)
class Contest:
    """What a structure says against its line, and the answer it got."""

    id: UUID
    member_id: UUID
    reason: str
    made_at: datetime
    made_by: str
    status: ContestStatus = ContestStatus.OPEN
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A dated decision on one line: the line as frozen stays beside it. The last one of a structure counts."""

    member_id: UUID
    kind: CorrectionKind
    college: str | None
    votes: int
    reason: str
    decided_on: date
    decided_at: datetime
    decided_by: str
    contest_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Roll:
    """The roll of a day, as it was frozen. ``sha256`` is that of ``canonical`` over its lines."""

    id: UUID
    title: str
    as_of: date
    frozen_at: datetime
    frozen_by: str
    contest_until: date
    sha256: str
    rule: RollRule
    sealed_at: datetime | None = None
    replaces: UUID | None = None
    replaced_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """A structure whose right differs between two rolls; a line is None where a roll does not know it."""

    kind: ChangeKind
    before: RollLine | None
    after: RollLine | None

    @property
    def line(self) -> RollLine:
        """The line that says who it is: the later one where there is one."""
        line = self.after or self.before
        if line is None:
            raise ValueError("a change is of some structure")
        return line

    def why(self, colleges: Mapping[str, str]) -> str:
        """Return what explains it, in words; ``colleges`` are their names by code."""
        if self.before is None:
            return "Absente de la liste d'avant."
        if self.after is None:
            return "Absente de la liste d'après."
        told = [remark.message for remark in self.after.remarks if remark.code is Reserve.CORRECTED]
        if told:
            return told[-1]
        if self.kind is ChangeKind.CAME:
            return " ".join(f"N'est plus vrai : {reason.message}" for reason in self.before.reasons)
        if self.kind is ChangeKind.WENT:
            return " ".join(reason.message for reason in self.after.reasons)
        was, became = _college(self.before, colleges), _college(self.after, colleges)
        return f"{was}, {self.before.votes} voix, puis {became}, {self.after.votes} voix."


def _college(line: RollLine, colleges: Mapping[str, str]) -> str:
    return f"Collège « {colleges.get(line.college or '', line.college or 'aucun')} »"


def canonical(as_of: date, lines: Iterable[RollLine]) -> str:
    """Write a roll as the one text that its digest is of: its day, then a line a structure, by reference.

    Whoever holds the export can write it again: reference;name;delegation;college;votes;codes of the reasons. Lines
    omitted at first (reason ``omitted``) came later: they are none of it.
    """
    written = sorted(
        ";".join(
            [
                line.reference,
                line.name,
                line.delegation or "",
                line.college or "",
                str(line.votes),
                "+".join(reason.code.value for reason in line.reasons),
            ]
        )
        for line in lines
    )
    return "\n".join([as_of.isoformat(), *written])


def digest(as_of: date, lines: Iterable[RollLine]) -> str:
    """Return the SHA-256 of a roll, in hexadecimal."""
    return sha256(canonical(as_of, lines).encode()).hexdigest()


def require_day_come(as_of: date, today: date) -> None:
    """Let a roll be frozen only from its day on. Raises RollDayToCome."""
    if as_of > today:
        raise RollDayToCome(f"La liste du {write_day(as_of)} se fige à partir de ce jour : le registre peut changer.")


def require_unsealed(roll: Roll) -> None:
    """Let a roll change only while it counts, until an assembly opens on it. Raises RollReplaced, RollSealed."""
    if roll.replaced_at is not None:
        raise RollReplaced("Une autre liste de ce jour remplace celle-ci : consultez-la.")
    if roll.sealed_at is not None:
        raise RollSealed("L'assemblée est ouverte sur cette liste : elle ne change plus.")


def require_contestable(roll: Roll, contests: Iterable[Contest], member_id: UUID, today: date) -> None:
    """Let a structure contest once at a time, within the window.

    Raises RollReplaced, RollSealed, ContestTooLate, ContestOpen.
    """
    require_unsealed(roll)
    if today > roll.contest_until:
        raise ContestTooLate(
            f"Cette liste se contestait jusqu'au {write_day(roll.contest_until)}.",
            extra={"contest_until": roll.contest_until.isoformat()},
        )
    if any(one.member_id == member_id and one.status is ContestStatus.OPEN for one in contests):
        raise ContestOpen("Une contestation de cette structure attend déjà une réponse.")


def require_answered(contests: Iterable[Contest]) -> None:
    """Let a roll be sealed or replaced once every contest was answered. Raises ContestOpen."""
    if any(one.status is ContestStatus.OPEN for one in contests):
        raise ContestOpen("Des contestations de la liste attendent une réponse.")


def require_sealable(roll: Roll, contests: Iterable[Contest], today: date, *, waived: bool) -> None:
    """Let an assembly open on a roll that nobody contests, or may contest, any more.

    Raises ContestOpen, ContestWindowOpen.
    """
    require_answered(contests)
    if roll.sealed_at is None and today <= roll.contest_until and not waived:
        raise ContestWindowOpen(
            f"La liste se conteste jusqu'au {write_day(roll.contest_until)} : ouvrez l'assemblée ensuite, ou dites par "
            "écrit pourquoi l'on n'attend pas (waiver)."
        )


def require_replaceable(roll: Roll, contests: Iterable[Contest], as_of: date) -> None:
    """Let a roll be frozen again for its day. Raises RollReplaced, RollSealed, RollOfAnotherDay, ContestOpen."""
    require_unsealed(roll)
    if roll.as_of != as_of:
        raise RollOfAnotherDay(f"La liste à remplacer est celle du {write_day(roll.as_of)}.")
    require_answered(contests)


def omitted(line: RollLine) -> RollLine:
    """Return the line, without a vote, of a structure that a frozen roll forgot: what it says is decided beside it."""
    sentence = "Absente de la liste quand elle fut figée : une décision peut l'y ajouter."
    return replace(line, votes=0, reasons=(Reason(Exclusion.OMITTED, sentence),))


def require_open(contests: Iterable[Contest], contest_id: UUID, member_id: UUID | None = None) -> Contest:
    """Return a contest, by a structure where one is named, that waits for its answer.

    Raises ContestNotFound, ContestAnswered.
    """
    found = next((one for one in contests if one.id == contest_id and member_id in (None, one.member_id)), None)
    if found is None:
        raise ContestNotFound("Cette contestation n'existe pas.")
    if found.status is not ContestStatus.OPEN:
        raise ContestAnswered("Cette contestation a déjà reçu sa réponse.")
    return found


def decide(
    roll: Roll, line: RollLine, votes: int, college: str | None, reason: str
) -> tuple[CorrectionKind, str | None, str]:
    """Return what a correction of a line as it stands does, in which college, and why.

    Raises RollReplaced, RollSealed, CollegeUnknown, CorrectionTooLarge, CorrectionEmpty.
    """
    require_unsealed(roll)
    chosen = college or line.college
    known = next((one for one in roll.rule.colleges if one.code == chosen), None)
    if votes and known is None:
        raise CollegeUnknown(f"« {chosen or 'aucun'} » n'est pas un collège de la règle en vigueur.")
    if known is not None and votes > known.votes:
        raise CorrectionTooLarge(f"Le collège « {known.name} » donne {known.votes} voix à une structure, pas {votes}.")
    if (votes, chosen) == (line.votes, line.college):
        raise CorrectionEmpty(f"{line.name} a déjà {votes} voix dans ce collège.")
    if not line.votes:
        return CorrectionKind.ADDED if votes else CorrectionKind.CHANGED, chosen, reason
    return CorrectionKind.CHANGED if votes else CorrectionKind.REMOVED, chosen, reason


def corrected(line: RollLine, corrections: Sequence[Correction]) -> RollLine:
    """Return a line as the last decision on its structure makes it; ``corrections`` are in the order of deciding."""
    theirs = [one for one in corrections if one.member_id == line.member_id]
    if not theirs:
        return line
    last = theirs[-1]
    sentence = f"{last.kind.label.capitalize()} par décision du {write_day(last.decided_on)} : {last.reason}"
    without = (Reason(Exclusion.REMOVED, sentence),) if line.entitled else line.reasons
    return replace(
        line,
        college=last.college,
        votes=last.votes,
        reasons=() if last.votes else without,
        remarks=(*line.remarks, Remark(Reserve.CORRECTED, sentence)),
    )


def changes(before: Mapping[UUID, RollLine], after: Mapping[UUID, RollLine]) -> list[Change]:
    """Return the structures whose right differs between two rolls; one that votes in neither is none of them."""
    found = []
    for member_id in dict.fromkeys([*before, *after]):
        was, became = before.get(member_id), after.get(member_id)
        kind = _change(was, became)
        if kind is not None:
            found.append(Change(kind, was, became))
    return found


def _change(was: RollLine | None, became: RollLine | None) -> ChangeKind | None:
    voted, votes = was is not None and was.entitled, became is not None and became.entitled
    if not (voted or votes):
        return None
    if voted != votes:
        return ChangeKind.CAME if votes else ChangeKind.WENT
    same = was and became and (was.votes, was.college) == (became.votes, became.college)
    return None if same else ChangeKind.CHANGED


def counted(lines: Collection[RollLine]) -> dict[Exclusion, int]:
    """Return how many structures each reason excludes; one with two reasons counts in both."""
    return {code: sum(any(one.code is code for one in line.reasons) for line in lines) for code in Exclusion}
