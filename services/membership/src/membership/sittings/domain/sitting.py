"""The board's sittings: who was there, what was put to the vote, and what the votes decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.applications.domain import EARLIEST_MEMBERSHIP, Reservation
from membership.matters.domain import CARRIED, MatterKind, Outcome
from membership.sittings.domain.attendance import Attendance, Attendee, QuorumRule, counted, require_usable


class SittingStatus(Labelled):
    """Where a sitting stands."""

    OPEN = "open", "ouverte"
    CLOSED = "closed", "close"
    CANCELLED = "cancelled", "annulée"


class SittingNotFound(NotFound):
    """No such sitting."""

    code = "sitting_not_found"


class SittingClosed(Conflict):
    """A closed sitting does not change: its decisions have their legal date."""

    code = "sitting_closed"


class SittingCancelled(Conflict):
    """A cancelled sitting stays so: another one is opened, with the same minutes reference if need be."""

    code = "sitting_cancelled"


class AgendaInconsistent(Invalid):
    """An application or a measure stands once on an agenda."""

    code = "agenda_inconsistent"


class DecisionNotFound(NotFound):
    """No vote was recorded on this matter."""

    code = "decision_not_found"


class MinutesReferenceTaken(Conflict):
    """Two sittings cannot have the same minutes."""

    code = "minutes_reference_taken"


class EffectiveBeforeSitting(Invalid):
    """A decision takes no effect before its sitting, nor is anything it asks for due.

    A sitting that takes over who was a member before is the one that admits from a day in the past.
    """

    code = "effective_before_sitting"


class VotesInconsistent(Invalid):
    """The votes do not add up, or do not bear the outcome."""

    code = "votes_inconsistent"


@dataclass(frozen=True, slots=True)
class Decision:
    """One vote on one matter. ``effective_on`` is the day an admission or a measure takes effect.

    ``reservations`` are what the board asks for with an admission.
    """

    matter_id: UUID
    kind: MatterKind
    outcome: Outcome
    votes_for: int
    votes_against: int
    abstentions: int
    effective_on: date
    reservations: tuple[Reservation, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Why and when a sitting was given up, and how many recorded votes fell with it."""

    reason: str
    on: date
    fallen_votes: int


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One point of the agenda: a matter to decide on, or anything else the board talks about.

    ``record`` is what the minutes say of it.
    """

    title: str
    matter_id: UUID | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """One meeting of the board.

    ``in_office_reason`` says why more hold office than the register of the board knows. One that ``takes_over`` takes
    note of who was a member before the register was kept here: there, and only there, an admission may hold from a day
    in the past.
    """

    id: UUID
    held_on: date
    attendance: Attendance
    minutes_reference: str
    status: SittingStatus = SittingStatus.OPEN
    decisions: Mapping[UUID, Decision] = field(default_factory=dict)
    attendees: tuple[Attendee, ...] = ()
    agenda: tuple[AgendaItem, ...] = ()
    takes_over: bool = False
    in_office_reason: str | None = None
    cancellation: Cancellation | None = None
    version: int = 1

    @property
    def matters(self) -> frozenset[UUID]:
        """What it is asked to decide: the matters of its agenda, and those voted on without one."""
        return frozenset(item.matter_id for item in self.agenda if item.matter_id is not None) | self.decisions.keys()


def record(sitting: Sitting, decisions: Sequence[Decision]) -> Sitting:
    """Write votes down, replacing earlier ones on the same matters.

    Raises SittingClosed, SittingCancelled, EffectiveBeforeSitting, or VotesInconsistent when votes exceed those taking
    part or do not bear the outcome: an admission or a measure needs more votes for than against (assumed, of an
    exclusion too: the statutes were not read).
    """
    require_open(sitting)
    for decision in decisions:
        _check_effect(sitting, decision)
    recorded = {**sitting.decisions, **{decision.matter_id: decision for decision in decisions}}
    return _changed(sitting, decisions=recorded)


def attend(sitting: Sitting, attendees: Sequence[Attendee], rule: QuorumRule) -> Sitting:
    """Write down who took part, by name; the count is theirs, and bears the votes already recorded.

    Raises SittingClosed, SittingCancelled, AttendanceInconsistent, VotesInconsistent.
    """
    require_open(sitting)
    attendance = counted(attendees, sitting.attendance.in_office, rule)
    return _changed(sitting, attendees=tuple(attendees), attendance=attendance)


def set_agenda(sitting: Sitting, agenda: Sequence[AgendaItem]) -> Sitting:
    """Write the agenda, in its order. Raises SittingClosed, SittingCancelled, AgendaInconsistent."""
    require_open(sitting)
    ids = [item.matter_id for item in agenda if item.matter_id is not None]
    if len(set(ids)) < len(ids):
        raise AgendaInconsistent("Une candidature ou une procédure figure deux fois à l'ordre du jour.")
    return replace(sitting, agenda=tuple(agenda), version=sitting.version + 1)


def correct(sitting: Sitting, rule: QuorumRule, **fields: Any) -> Sitting:
    """Correct the day, the reference or the counts of an open sitting; with new counts, names are to be given again.

    Why another number holds office than the register knows is said of that number: another one needs its own reason.
    Raises SittingClosed, SittingCancelled, AttendanceInconsistent, VotesInconsistent, EffectiveBeforeSitting.
    """
    require_open(sitting)
    counts = {name: fields.pop(name) for name in ("in_office", "present", "represented") if name in fields}
    if counts.get("in_office", sitting.attendance.in_office) != sitting.attendance.in_office:
        fields = {"in_office_reason": None, **fields}
    if counts:
        fields = {**fields, "attendance": replace(sitting.attendance, **counts), "attendees": ()}
    require_usable(fields.get("attendance", sitting.attendance), rule)
    corrected = _changed(sitting, **fields)
    for decision in corrected.decisions.values():
        _check_effect(corrected, decision)
    return corrected


def retract(sitting: Sitting, matter_id: UUID) -> Sitting:
    """Take back a vote that was recorded by mistake. Raises SittingClosed, SittingCancelled, DecisionNotFound."""
    require_open(sitting)
    if matter_id not in sitting.decisions:
        raise DecisionNotFound("Aucun vote n'est consigné sur ce point.")
    left = {one: decision for one, decision in sitting.decisions.items() if one != matter_id}
    return replace(sitting, decisions=left, version=sitting.version + 1)


def cancel(sitting: Sitting, reason: str, today: date) -> Sitting:
    """Give up a sitting that was planned by mistake, or will not be held: its votes fall, and what it was to decide is
    for another. Raises SittingClosed, SittingCancelled.
    """
    require_open(sitting)
    cancellation = Cancellation(reason, today, len(sitting.decisions))
    return replace(
        sitting,
        status=SittingStatus.CANCELLED,
        cancellation=cancellation,
        decisions={},
        version=sitting.version + 1,
    )


def require_open(sitting: Sitting) -> None:
    """Let only a sitting through that is neither closed nor cancelled. Raises SittingClosed, SittingCancelled."""
    if sitting.status is SittingStatus.CANCELLED:
        raise SittingCancelled(f"La séance du {sitting.held_on:%d/%m/%Y} est annulée : elle ne change plus.")
    if sitting.status is SittingStatus.CLOSED:
        raise SittingClosed(f"La séance du {sitting.held_on:%d/%m/%Y} est close : elle ne change plus.")


def _changed(sitting: Sitting, **fields: Any) -> Sitting:
    """Return the next version of a sitting, of which every recorded vote still holds."""
    changed = replace(sitting, **fields, version=sitting.version + 1)
    for decision in changed.decisions.values():
        _check_votes(changed.attendance, decision)
    return changed


def _check_votes(attendance: Attendance, decision: Decision) -> None:
    votes = decision.votes_for + decision.votes_against + decision.abstentions
    if votes > attendance.taking_part:
        raise VotesInconsistent(
            f"{votes} voix pour {attendance.taking_part} administrateurs présents ou représentés.",
            extra={"matter_id": str(decision.matter_id)},
        )
    if decision.outcome is Outcome.REFUSED and decision.votes_for > decision.votes_against:
        raise VotesInconsistent(
            f"{decision.votes_for} voix pour et {decision.votes_against} contre ne font pas un refus.",
            extra={"matter_id": str(decision.matter_id)},
        )
    if decision.reservations and decision.outcome is not Outcome.ADMITTED:
        raise VotesInconsistent("Des réserves vont avec une admission.", extra={"matter_id": str(decision.matter_id)})
    if decision.outcome in CARRIED and decision.votes_for <= decision.votes_against:
        raise VotesInconsistent(
            f"{decision.votes_for} voix pour et {decision.votes_against} contre n'emportent pas la décision.",
            extra={"matter_id": str(decision.matter_id)},
        )


def _check_effect(sitting: Sitting, decision: Decision) -> None:
    for one in decision.reservations:
        if one.due_on is not None and one.due_on < sitting.held_on:
            raise EffectiveBeforeSitting(
                f"La réserve « {one.text} » serait à lever le {one.due_on:%d/%m/%Y}, avant la séance du"
                f" {sitting.held_on:%d/%m/%Y}.",
                extra={"matter_id": str(decision.matter_id)},
            )
    if sitting.takes_over and decision.kind is MatterKind.APPLICATION:
        if decision.effective_on < EARLIEST_MEMBERSHIP:
            raise EffectiveBeforeSitting(
                f"Une adhésion du {decision.effective_on:%d/%m/%Y} précède {EARLIEST_MEMBERSHIP.year} :"
                " l'année est-elle juste ?",
                extra={"matter_id": str(decision.matter_id)},
            )
    elif decision.effective_on < sitting.held_on:
        raise EffectiveBeforeSitting(
            f"La date d'effet du {decision.effective_on:%d/%m/%Y} précède la séance du {sitting.held_on:%d/%m/%Y}.",
            extra={"matter_id": str(decision.matter_id)},
        )
