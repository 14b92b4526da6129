"""A structure changes its legal shape: another SIRET, absorbed by another structure, or split in two.

What is carried is what the register holds of it; the act shows every line of it first, and can be undone for a time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound, Refusal
from common.labels import Labelled
from common.wording import counted
from membership.members.domain import (
    RESTRUCTURED,
    ActivityKind,
    Entry,
    Member,
    Subject,
    Topic,
    Value,
    agree,
    belongs,
    counting,
    give_up,
    in_force,
    pursue,
    require_member,
)


class RestructuringKind(Labelled):
    """What happened to the structure."""

    SIRET_CHANGE = "siret_change", "changement de SIRET"
    ABSORPTION = "absorption", "fusion"
    SPLIT = "split", "scission"


class RestructuringNotFound(NotFound):
    """No such act within reach."""

    code = "restructuring_not_found"


class AbsorbedByItself(Invalid):
    """A structure is absorbed by another one."""

    code = "absorbed_by_itself"


class NothingChanges(Invalid):
    """The act would enter nothing: the register says so already."""

    code = "nothing_changes"


class StructureChanged(Conflict):
    """What the act would carry is not what its author was shown."""

    code = "structure_changed"


class AlreadyEnteredLater(Conflict):
    """The register says something else of a later day, which the act would not change."""

    code = "already_entered_later"


class UndoneAlready(Conflict):
    """An act is undone once."""

    code = "undone_already"


class TooLateToUndo(Conflict):
    """After its time an act is not undone as a whole."""

    code = "too_late_to_undo"


class BuiltUpon(Conflict):
    """Something was built on the act since: undoing it would leave that without its ground."""

    code = "built_upon"


@dataclass(frozen=True, slots=True)
class UndoRule:
    """For how many days an act can be undone. Dated data, with source and status."""

    since: date
    days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Restructuring:
    """One act: what happened to ``member_id``, and which structure absorbed it or came out of it."""

    id: UUID
    kind: RestructuringKind
    member_id: UUID
    other_id: UUID | None
    effective_on: date
    reason: str
    done_at: datetime
    undoable_until: date
    undone_at: datetime | None = None
    undo_reason: str | None = None

    @property
    def origin(self) -> str:
        """What the register's entries say of where they come from."""
        return f"{RESTRUCTURED}{self.id}"

    @property
    def involved(self) -> list[UUID]:
        """The structures it is about."""
        return [self.member_id, *([self.other_id] if self.other_id else [])]

    @property
    def changed(self) -> list[UUID]:
        """Those whose entries an undoing takes back, in its order.

        What came out of a split stays in the register, a candidate.
        """
        return [self.member_id] if self.kind is RestructuringKind.SPLIT else list(reversed(self.involved))


class Carried(NamedTuple):
    """One line of what an act carried, and what the register said of the same thing before."""

    entry: Entry
    before: Value | None


def undoable_until(done_on: date, effective_on: date, rule: UndoRule) -> date:
    """Return the last day on which an act can be undone.

    >>> undoable_until(date(2026, 11, 2), date(2027, 1, 1), UndoRule(date(2000, 1, 1), 30, "assumed", ""))
    datetime.date(2027, 1, 31)
    """
    return max(done_on, effective_on) + timedelta(rule.days)


def require_distinct(absorbed: UUID, absorbing: UUID) -> None:
    """Require two structures. Raises AbsorbedByItself."""
    if absorbed == absorbing:
        raise AbsorbedByItself("Une structure est absorbée par une autre.")


def require_shown(member: Member, version: int) -> None:
    """Require the version that the author of the act was shown. Raises StructureChanged."""
    if member.version != version:
        raise StructureChanged(
            f"{member.name} a changé depuis : regardez de nouveau ce que l'opération emporte.",
            extra={"member_id": str(member.id), "version": member.version},
        )


def require_nothing_later(member: Member, known: Iterable[Entry], subject: Subject, day: date) -> None:
    """Refuse an act on what the register gives another value from a later day on. Raises AlreadyEnteredLater."""
    later = [entry for entry in counting(known) if entry.subject == subject and entry.effective_on > day]
    if later:
        raise AlreadyEnteredLater(
            f"{member.name} : {subject.topic.label} déjà inscrit pour le {later[0].effective_on:%d/%m/%Y}."
            " Choisissez ce jour ou un jour suivant, ou retirez d'abord cette inscription."
        )


def taking_over(absorbing: Member, absorbed: Member) -> Member:
    """Return a structure with what it takes over: activities it has not, conventions it lacks, groups.

    Of an activity that both have, its own convention stays. Raises NotAMember.
    """
    require_member(absorbing)
    became = absorbing
    for kind in absorbed.activities:
        if kind not in became.activities:
            became = pursue(became, kind, main=False)
        if kind not in became.conventions:
            became = agree(became, kind, absorbed.conventions.get(kind))
    return replace(became, groups=(absorbing.groups | absorbed.groups) - {absorbing.id, absorbed.id})


def without(member: Member, kinds: Collection[ActivityKind]) -> Member:
    """Return a member without the activities that a new structure takes with it. Raises NotAMember, ActivityNotHeld."""
    require_member(member)
    for kind in kinds:
        member = give_up(member, kind)
    return member


def carried(act: Restructuring, known: Sequence[Entry]) -> list[Carried]:
    """Return what an act entered, each line with what held before it, structure by structure."""
    lines = []
    for entry in known:
        if entry.source == act.origin:
            earlier = [one for one in known if one.member_id == entry.member_id and one.recorded_at < entry.recorded_at]
            held = in_force(earlier, entry.effective_on).get(entry.subject)
            lines.append(Carried(entry, held.value if held else None))
    return sorted(lines, key=lambda line: act.involved.index(line.entry.member_id))


def entered_by(act: Restructuring, known: Iterable[Entry], member_id: UUID) -> list[Entry]:
    """Return what an act entered of a structure; what it took back comes again by itself when these are withdrawn."""
    return [
        entry
        for entry in known
        if entry.member_id == member_id and entry.source == act.origin and entry.withdraws is None
    ]


def undo_obstacle(
    act: Restructuring, known: Sequence[Entry], today: date, *, followed: bool, born: Member | None
) -> Refusal | None:
    """Return what keeps an act from being undone: ``UndoneAlready``, ``TooLateToUndo``, ``BuiltUpon``.

    ``followed``: a later act is about one of its structures. ``born``: what came out of a split, as it is today.
    """
    if act.undone_at is not None:
        return UndoneAlready("Cette opération a déjà été annulée.")
    if today > act.undoable_until:
        return TooLateToUndo(f"Cette opération pouvait être annulée jusqu'au {act.undoable_until:%d/%m/%Y}.")
    if followed:
        return BuiltUpon("Une autre opération a suivi sur la même structure : annulez-la d'abord.")
    if born is not None and belongs(born):
        return BuiltUpon(f"{born.name}, née de la scission, est devenue adhérente.")
    entered = [entry for entry in known if entry.source == act.origin and entry.member_id in act.changed]
    touched = [entry.subject.topic.label for entry in entered if _changed_since(entry, known)]
    if touched:
        return BuiltUpon(f"Ce que l'opération a inscrit a été changé depuis : {', '.join(sorted(set(touched)))}.")
    return None


def _changed_since(entry: Entry, known: Sequence[Entry]) -> bool:
    return any(
        one.member_id == entry.member_id and one.subject == entry.subject and one.recorded_at > entry.recorded_at
        for one in known
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a structure and no act carries: it is for somebody to see to."""

    seats: Sequence[str] = ()
    calls: Sequence[str] = ()
    parts: int = 0
    """Structures that are part of it, where it is a group."""
    measure_open: bool = False
    known: Sequence[Entry] = ()


def to_follow(act: Restructuring, structures: Mapping[UUID, Member], around: Surroundings) -> list[Blocker]:
    """Say what an act does not carry by itself, and who has to see to it."""
    member = structures[act.member_id]
    if act.undone_at is not None:
        born = act.kind is RestructuringKind.SPLIT
        return [Blocker("application", "La candidature née de la scission reste à décider.")] if born else []
    match act.kind:
        case RestructuringKind.SIRET_CHANGE:
            return [*_conventions(member, member.activities), *_imposed(member)]
        case RestructuringKind.SPLIT:
            left = {one.subject.key for one in around.known if one.source == act.origin and one.value is None}
            kinds = [kind for kind in ActivityKind if kind.value in left]
            moved = f"Activités passées à la nouvelle structure : {', '.join(kind.label for kind in kinds)}."
            return [
                Blocker("conventions", f"{moved} Leurs conventions sont à signaler à l'État."),
                Blocker("application", "La nouvelle structure est candidate : une séance du conseil en décide."),
            ]
        case RestructuringKind.ABSORPTION:
            return [*_conventions(member, member.activities), *_left_behind(act, member, around)]


def _conventions(member: Member, kinds: Collection[ActivityKind]) -> list[Blocker]:
    held = [f"{kind.label} {member.conventions[kind].number}" for kind in kinds if kind in member.conventions]
    if not held:
        return []
    return [Blocker("conventions", f"Conventions de {member.name} à signaler à l'État : {', '.join(held)}.")]


def _imposed(member: Member) -> list[Blocker]:
    if member.imposed_delegation is None:
        return []
    return [Blocker("delegation", f"{member.name} garde sa délégation imposée, quelle que soit son adresse.")]


def _left_behind(act: Restructuring, member: Member, around: Surroundings) -> list[Blocker]:
    """Name what an absorbed structure leaves: people on its seats, calls for dues, parts, what was to come."""
    found = {
        "seats": f"des personnes occupent un siège ({', '.join(around.seats)})" if around.seats else "",
        "calls": f"des appels de cotisation sont à régler ({', '.join(around.calls)})" if around.calls else "",
        "parts": f"Font partie de ce groupe : {counted(around.parts, 'structure')}" if around.parts else "",
        "measure": "une procédure est ouverte, à abandonner" if around.measure_open else "",
        "correspondence": "des courriers allaient à d'autres adresses" if member.correspondence else "",
        "announced": _announced(act, around.known),
    }
    return [Blocker(code, f"{member.name} : {sentence}.") for code, sentence in found.items() if sentence]


def _announced(act: Restructuring, known: Sequence[Entry]) -> str:
    later = [
        entry
        for entry in counting(known)
        if entry.member_id == act.member_id
        and entry.subject.topic in (Topic.ACTIVITY, Topic.GROUP)
        and entry.effective_on > act.effective_on
    ]
    days = ", ".join(f"{entry.effective_on:%d/%m/%Y}" for entry in later)
    return (
        f"des activités ou des groupes étaient inscrits pour plus tard ({days}), et ne sont pas repris" if days else ""
    )
