"""An assembly from its preparation to its closing, and what stands on its agenda."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from common.wording import write_day
from membership.assemblies.domain.rules import AssemblyKind, AssemblyRule
from membership.board.domain import SeatScope
from membership.electoral_roll.domain import RollLine


class AssemblyNotFound(NotFound):
    """No such assembly."""

    code = "assembly_not_found"


class AssemblyState(Conflict):
    """The act belongs to another moment of the assembly."""

    code = "assembly_state"


class AssemblyAgendaEmpty(Conflict):
    """An assembly is convened on an agenda."""

    code = "assembly_agenda_empty"


class ConvenedTooLate(Conflict):
    """Members are convened long enough before the day."""

    code = "convened_too_late"


class ConveningInconsistent(Invalid):
    """Members were convened on a day that has come; of a day past, the proof is told."""

    code = "convening_inconsistent"


class AssemblyDayToCome(Conflict):
    """An assembly opens on its day, not before."""

    code = "assembly_day_to_come"


class RollMissing(Conflict):
    """No roll is frozen for the day that was fixed when the assembly was convened."""

    code = "roll_missing"


class AssemblyWithoutQuorum(Conflict):
    """Too few of the roll's votes are in the room: nothing can be voted."""

    code = "assembly_without_quorum"


class ItemNotFound(NotFound):
    """Nothing of that name stands on the agenda."""

    code = "item_not_found"


class ItemOfAnotherKind(Conflict):
    """A resolution is voted, seats are elected."""

    code = "item_of_another_kind"


class ItemsUnvoted(Conflict):
    """What stands on the agenda is voted or withdrawn before the assembly closes."""

    code = "items_unvoted"


class ItemInconsistent(Invalid):
    """An election says how many seats of whom; a resolution says neither."""

    code = "item_inconsistent"


class SeatsTwice(Invalid):
    """An agenda elects to the seats of a region or a college once."""

    code = "seats_twice"


class CandidacyElsewhere(Conflict):
    """A structure stands for one election of an assembly: it holds one seat."""

    code = "candidacy_elsewhere"


class NotSecond(Conflict):
    """A second convening follows an assembly of the same kind that closed without a quorum."""

    code = "not_second"


class SecondAgenda(Conflict):
    """A second convening is about the points that the first did not vote."""

    code = "second_agenda"


class MomentOutside(Invalid):
    """Somebody comes and goes on the day of the assembly, once it is open between its opening and now."""

    code = "moment_outside"


class CandidacyNotFound(NotFound):
    """No such candidacy at this election."""

    code = "candidacy_not_found"


class CandidacyExists(Conflict):
    """A structure stands once for an election."""

    code = "candidacy_exists"


class CandidateOutside(Conflict):
    """A seat of a region or a college goes to one of its structures."""

    code = "candidate_outside"


class AssemblyStatus(Labelled):
    """Where an assembly stands."""

    PREPARED = "prepared", "en préparation"
    CONVENED = "convened", "convoquée"
    OPEN = "open", "ouverte"
    CLOSED = "closed", "close"
    CANCELLED = "cancelled", "annulée"


class ItemKind(Labelled):
    """What is put to the assembly."""

    RESOLUTION = "resolution", "résolution"
    ELECTION = "election", "élection"


@dataclass(frozen=True, slots=True)
class Item:
    """One point of the agenda: a resolution with its majority, or seats to elect, of a region or a college."""

    id: UUID
    kind: ItemKind
    title: str
    text: str | None = None
    majority: str | None = None
    scope: SeatScope | None = None
    scope_code: str | None = None
    seats: int | None = None

    def takes(self, line: RollLine) -> bool:
        """Tell whether a structure elects to these seats, and may stand for them."""
        if self.scope is SeatScope.REGION:
            return line.delegation == self.scope_code
        return self.scope is None or line.college == self.scope_code


@dataclass(frozen=True, slots=True)
class Assembly:
    """One general assembly. ``rule`` is kept from its opening on; ``quorum_failed``: it closed on points not voted."""

    id: UUID
    kind: AssemblyKind
    title: str
    held_on: date
    place: str
    status: AssemblyStatus = AssemblyStatus.PREPARED
    second_of: UUID | None = None
    agenda: tuple[Item, ...] = ()
    convened_on: date | None = None
    convened_by: str | None = None
    roll_day: date | None = None
    roll_id: UUID | None = None
    rule: AssemblyRule | None = None
    waiver: str | None = None
    opened_at: datetime | None = None
    quorum_failed: bool = False
    cancelled: str | None = None
    version: int = 1


def require_item(assembly: Assembly, item_id: UUID) -> Item:
    """Return a point of the agenda. Raises ItemNotFound."""
    found = next((one for one in assembly.agenda if one.id == item_id), None)
    if found is None:
        raise ItemNotFound("Ce point n'est pas à l'ordre du jour.")
    return found


def item_of(assembly: Assembly, item_id: UUID, kind: ItemKind) -> Item:
    """Return a point of the agenda of one kind. Raises ItemNotFound, ItemOfAnotherKind."""
    found = require_item(assembly, item_id)
    if found.kind is not kind:
        raise ItemOfAnotherKind(f"« {found.title} » n'est pas une {kind.label}.")
    return found


def require_candidates(voted: Collection[UUID], standing: Collection[UUID]) -> None:
    """Let votes go only to those who stand. Raises CandidacyNotFound."""
    if set(voted) - set(standing):
        raise CandidacyNotFound("Des voix vont à une structure qui n'est pas candidate, ou qui ne vote pas.")


def require_scope(item: Item, names: Mapping[SeatScope, Collection[str]], most: int) -> None:
    """Let seats be elected of a known region or college, no more than there are. Raises ItemInconsistent."""
    if item.scope is None:
        return
    if item.scope_code not in names[item.scope]:
        raise ItemInconsistent(f"« {item.title} » : « {item.scope_code} » n'est pas le code d'{_A[item.scope]}.")
    if (item.seats or 0) > most:
        raise ItemInconsistent(f"« {item.title} » : {item.seats} sièges, il y en a {most}.")


_A = {SeatScope.REGION: "une délégation", SeatScope.COLLEGE: "un collège"}


def require_status(assembly: Assembly, *wanted: AssemblyStatus) -> None:
    """Let an act through at its moment only. Raises AssemblyState."""
    if assembly.status not in wanted:
        moments = " ou ".join(status.label for status in wanted)
        raise AssemblyState(f"L'assemblée est {assembly.status.label} ; cela se fait quand elle est {moments}.")


def require_second(first: Assembly, kind: AssemblyKind, held_on: date, *, taken: bool) -> None:
    """Let an assembly be convened a second time, once, after one that left points for want of a quorum.

    Raises NotSecond.
    """
    if not first.quorum_failed or first.kind is not kind:
        raise NotSecond("Une seconde convocation suit une assemblée de même sorte, close faute de quorum.")
    if taken:
        raise NotSecond("Cette assemblée a déjà sa seconde convocation.")
    if held_on <= first.held_on:
        raise NotSecond(f"Une seconde convocation se tient après la première, du {write_day(first.held_on)}.")


def unvoted(assembly: Assembly, settled: Collection[UUID]) -> tuple[Item, ...]:
    """Return the points that were neither voted nor withdrawn."""
    return tuple(item for item in assembly.agenda if item.id not in settled)


def require_moment(assembly: Assembly, at: datetime, earliest: datetime, now: datetime) -> datetime:
    """Return when somebody came or left: between the opening, or else the day's beginning, and now.

    Raises AssemblyDayToCome, MomentOutside.
    """
    if now < earliest:
        raise AssemblyDayToCome(f"L'assemblée se tient le {write_day(assembly.held_on)}.")
    if not (assembly.opened_at or earliest) <= at <= now:
        raise MomentOutside("L'heure se donne entre l'ouverture, ou le matin de l'assemblée, et maintenant.")
    return at


def amend(assembly: Assembly, fields: Mapping[str, object]) -> Assembly:
    """Correct an assembly while it is prepared; its place until it opens. Raises AssemblyState."""
    places = (AssemblyStatus.CONVENED,) if fields.keys() <= {"place"} else ()
    require_status(assembly, AssemblyStatus.PREPARED, *places)
    return _next(replace(assembly, **fields))  # type: ignore[arg-type]  # the shape of the request names them


def set_agenda(assembly: Assembly, agenda: Sequence[Item], rule: AssemblyRule) -> Assembly:
    """Write the agenda, in its order, before the members are convened on it.

    Raises AssemblyState, SecondAgenda, ItemInconsistent, SeatsTwice, MajorityUnknown.
    """
    require_status(assembly, AssemblyStatus.PREPARED)
    if assembly.second_of is not None:
        raise SecondAgenda("Une seconde convocation porte sur les points que la première n'a pas votés, tels quels.")
    seats = [(item.scope, item.scope_code) for item in agenda if item.kind is ItemKind.ELECTION]
    if len(set(seats)) < len(seats):
        raise SeatsTwice("L'ordre du jour élit deux fois aux mêmes sièges : réunissez-les en une élection.")
    for item in agenda:
        _require_item(item)
        if item.kind is ItemKind.RESOLUTION:
            rule.majority_of(assembly.kind, item.majority)
    return _next(replace(assembly, agenda=tuple(agenda)))


def unchanged_elections(before: Assembly, after: Assembly) -> set[UUID]:
    """Return the elections whose candidacies stay when the agenda is written again: the same seats, of the same."""
    was = {(item.id, item.scope, item.scope_code) for item in before.agenda if item.scope}
    return {item.id for item in after.agenda if (item.id, item.scope, item.scope_code) in was}


def _require_item(item: Item) -> None:
    scoped = (item.scope is None, item.scope_code is None, item.seats is None)
    if item.kind is ItemKind.RESOLUTION and not all(scoped):
        raise ItemInconsistent(f"« {item.title} » : une résolution n'a ni siège ni périmètre.")
    if item.kind is ItemKind.ELECTION and (any(scoped) or item.majority):
        raise ItemInconsistent(f"« {item.title} » : une élection a un périmètre et un nombre de sièges, sans majorité.")


def last_convening_day(assembly: Assembly, rule: AssemblyRule) -> date:
    """Return the last day on which members are convened in time."""
    return assembly.held_on - timedelta(days=rule.convening_days)


# Délai de convocation et jour de la liste : à confirmer dans les statuts (assumed, data/assembly.toml).
def convene(assembly: Assembly, rule: AssemblyRule, day: date, today: date, proof: str | None = None) -> Assembly:
    """Record that the members were convened on the agenda, on a day; the day of the roll is fixed then.

    Raises AssemblyState, ConveningInconsistent, AssemblyAgendaEmpty, ConvenedTooLate.
    """
    require_status(assembly, AssemblyStatus.PREPARED)
    if day > today or (day < today and proof is None):
        raise ConveningInconsistent("La convocation est d'aujourd'hui, ou d'un jour passé avec sa preuve (proof).")
    if not assembly.agenda:
        raise AssemblyAgendaEmpty("L'ordre du jour est vide.")
    latest = last_convening_day(assembly, rule)
    if day > latest:
        raise ConvenedTooLate(
            f"L'assemblée du {write_day(assembly.held_on)} se convoque jusqu'au {write_day(latest)} : "
            f"{rule.convening_days} jours avant."
        )
    roll_day = assembly.held_on - timedelta(days=rule.roll_days_before)
    convened = {"status": AssemblyStatus.CONVENED, "convened_on": day, "convened_by": proof, "roll_day": roll_day}
    return _next(replace(assembly, **convened))  # type: ignore[arg-type]  # named as the fields are


def cancel(assembly: Assembly, reason: str) -> Assembly:
    """Cancel an assembly before it opens: it stays in the list, with why. Raises AssemblyState."""
    require_status(assembly, AssemblyStatus.PREPARED, AssemblyStatus.CONVENED)
    return _next(replace(assembly, status=AssemblyStatus.CANCELLED, cancelled=reason))


def open_on(assembly: Assembly, rule: AssemblyRule, roll_id: UUID | None, today: date, now: datetime) -> Assembly:
    """Open an assembly on its day and its roll; the rules are kept as they are then.

    Raises AssemblyState, AssemblyDayToCome, RollMissing.
    """
    require_status(assembly, AssemblyStatus.CONVENED)
    if today < assembly.held_on:
        raise AssemblyDayToCome(f"L'assemblée se tient le {write_day(assembly.held_on)}.")
    if roll_id is None:
        raise RollMissing(f"Aucune liste électorale n'est figée pour le {write_day(assembly.roll_day or today)}.")
    return _next(replace(assembly, status=AssemblyStatus.OPEN, roll_id=roll_id, rule=rule, opened_at=now))


def closing_blockers(assembly: Assembly, settled: Collection[UUID], *, has_quorum: bool) -> tuple[Blocker, ...]:
    """Say what keeps an open assembly from closing: points that the room could vote now."""
    left = [item.title for item in unvoted(assembly, settled)]
    if not left or not has_quorum:
        return ()
    return (Blocker(ItemsUnvoted.code, f"Ni voté ni retiré : {', '.join(left)}."),)


def close(assembly: Assembly, settled: Collection[UUID], *, has_quorum: bool) -> Assembly:
    """Close an assembly on its votes; for want of a quorum, points may stay that a second convening takes up.

    Raises AssemblyState, ItemsUnvoted.
    """
    require_status(assembly, AssemblyStatus.OPEN)
    for blocker in closing_blockers(assembly, settled, has_quorum=has_quorum):
        raise ItemsUnvoted(blocker.message)
    failed = bool(unvoted(assembly, settled))
    return _next(replace(assembly, status=AssemblyStatus.CLOSED, quorum_failed=failed))


def require_candidate(item: Item, line: RollLine) -> None:
    """Let a structure stand for the seats of its own region or college. Raises CandidateOutside."""
    if not item.takes(line):
        raise CandidateOutside(f"{line.name} n'est pas de ce périmètre ({item.scope_code}).")


def _next(assembly: Assembly) -> Assembly:
    return replace(assembly, version=assembly.version + 1)
