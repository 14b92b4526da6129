"""The board's sittings: who was there, what was put to the vote, and what the votes decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.sittings.domain.attendance import Attendance, Attendee, QuorumRule, counted, require_usable


class SittingStatus(Labelled):
    """Where a sitting stands."""

    OPEN = "open", "ouverte"
    CLOSED = "closed", "close"


class Outcome(Labelled):
    """What the board decides of an application."""

    ADMITTED = "admitted", "admise"
    REFUSED = "refused", "refusée"
    ADJOURNED = "adjourned", "ajournée"


class SittingNotFound(NotFound):
    """No such sitting."""

    code = "sitting_not_found"


class SittingClosed(Conflict):
    """A closed sitting does not change: its decisions have their legal date."""

    code = "sitting_closed"


class AgendaUndecided(Conflict):
    """What stands on the agenda is decided, or taken off it, before the sitting is closed."""

    code = "agenda_undecided"


class AgendaInconsistent(Invalid):
    """An application stands once on an agenda."""

    code = "agenda_inconsistent"


class DecisionNotFound(NotFound):
    """No vote was recorded on this application."""

    code = "decision_not_found"


class NotOnAgenda(Conflict):
    """Where there is an agenda, only what stands on it is decided: the board was called on it."""

    code = "not_on_agenda"


class DocumentsOutstanding(Conflict):
    """A structure whose file lacks documents is admitted with reservations, or not yet."""

    code = "documents_outstanding"


class SittingInFuture(Conflict):
    """A sitting is closed once it was held: its decisions have its date."""

    code = "sitting_in_future"


class QuorumNotReached(Conflict):
    """Too few of the board's members took part: the sitting cannot decide."""

    code = "quorum_not_reached"


class NothingDecided(Conflict):
    """A sitting is closed on its decisions; this one has none."""

    code = "nothing_decided"


class MinutesReferenceTaken(Conflict):
    """Two sittings cannot have the same minutes."""

    code = "minutes_reference_taken"


class EffectiveBeforeSitting(Invalid):
    """A decision takes no effect before the sitting that took it."""

    code = "effective_before_sitting"


class VotesInconsistent(Invalid):
    """The votes do not add up, or do not bear the outcome."""

    code = "votes_inconsistent"


@dataclass(frozen=True, slots=True)
class Decision:
    """One vote on one application. ``effective_on`` is the day an admission takes effect.

    ``reservations`` are what the board asks for with an admission.
    """

    application_id: UUID
    outcome: Outcome
    votes_for: int
    votes_against: int
    abstentions: int
    effective_on: date
    reservations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One point of the agenda: an application to decide on, or anything else the board talks about.

    ``record`` is what the minutes say of it.
    """

    title: str
    application_id: UUID | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """One meeting of the board."""

    id: UUID
    held_on: date
    attendance: Attendance
    minutes_reference: str
    status: SittingStatus = SittingStatus.OPEN
    decisions: Mapping[UUID, Decision] = field(default_factory=dict)
    attendees: tuple[Attendee, ...] = ()
    agenda: tuple[AgendaItem, ...] = ()
    version: int = 1


def record(sitting: Sitting, decisions: Sequence[Decision]) -> Sitting:
    """Write votes down, replacing earlier ones on the same applications.

    Raises SittingClosed, EffectiveBeforeSitting, or VotesInconsistent when votes exceed those taking part or do not
    bear the outcome (an admission needs more votes for than against).
    """
    _require_open(sitting)
    for decision in decisions:
        _check_effect(sitting, decision)
    recorded = {**sitting.decisions, **{decision.application_id: decision for decision in decisions}}
    return _changed(sitting, decisions=recorded)


def attend(sitting: Sitting, attendees: Sequence[Attendee], rule: QuorumRule) -> Sitting:
    """Write down who took part, by name; the count is theirs, and bears the votes already recorded.

    Raises SittingClosed, AttendanceInconsistent, VotesInconsistent.
    """
    _require_open(sitting)
    attendance = counted(attendees, sitting.attendance.in_office, rule)
    return _changed(sitting, attendees=tuple(attendees), attendance=attendance)


def set_agenda(sitting: Sitting, agenda: Sequence[AgendaItem]) -> Sitting:
    """Write the agenda, in its order. Raises SittingClosed, AgendaInconsistent."""
    _require_open(sitting)
    ids = [item.application_id for item in agenda if item.application_id is not None]
    if len(set(ids)) < len(ids):
        raise AgendaInconsistent("Une candidature figure deux fois à l'ordre du jour.")
    return replace(sitting, agenda=tuple(agenda), version=sitting.version + 1)


def correct(sitting: Sitting, rule: QuorumRule, **fields: Any) -> Sitting:
    """Correct the day, the reference or the counts of an open sitting; with new counts, names are to be given again.

    Raises SittingClosed, AttendanceInconsistent, VotesInconsistent, EffectiveBeforeSitting.
    """
    _require_open(sitting)
    counts = {name: fields.pop(name) for name in ("in_office", "present", "represented") if name in fields}
    if counts:
        fields = {**fields, "attendance": replace(sitting.attendance, **counts), "attendees": ()}
    require_usable(fields.get("attendance", sitting.attendance), rule)
    corrected = _changed(sitting, **fields)
    for decision in corrected.decisions.values():
        _check_effect(corrected, decision)
    return corrected


def retract(sitting: Sitting, application_id: UUID) -> Sitting:
    """Take back a vote that was recorded by mistake. Raises SittingClosed, DecisionNotFound."""
    _require_open(sitting)
    if application_id not in sitting.decisions:
        raise DecisionNotFound("Aucun vote n'est consigné sur cette candidature.")
    left = {one: decision for one, decision in sitting.decisions.items() if one != application_id}
    return replace(sitting, decisions=left, version=sitting.version + 1)


def require_reserved(decision: Decision, outstanding: Sequence[str]) -> None:
    """Let a structure be admitted without all its documents only with reservations. Raises DocumentsOutstanding.

    Assumed: neither the statutes nor the rules of procedure were read.
    """
    if decision.outcome is Outcome.ADMITTED and outstanding and not decision.reservations:
        raise DocumentsOutstanding(
            f"Il manque au dossier : {', '.join(outstanding)}. Une admission se fait alors avec des réserves.",
            extra={"application_id": str(decision.application_id), "documents": list(outstanding)},
        )


def closing_blockers(sitting: Sitting, rule: QuorumRule, today: date) -> tuple[Blocker, ...]:
    """Say what keeps a sitting from being closed on a day."""
    if sitting.status is SittingStatus.CLOSED:
        return (Blocker(SittingClosed.code, "La séance est déjà close."),)
    blockers = []
    if sitting.held_on > today:
        sentence = f"La séance est datée du {sitting.held_on:%d/%m/%Y} : elle n'a pas encore eu lieu."
        blockers.append(Blocker(SittingInFuture.code, sentence))
    needed = rule.needed(sitting.attendance.in_office)
    if sitting.attendance.taking_part < needed:
        taking_part = sitting.attendance.taking_part
        sentence = f"Le quorum est de {needed} administrateurs ; {taking_part} sont présents ou représentés."
        blockers.append(Blocker(QuorumNotReached.code, sentence))
    if not sitting.decisions and not any(item.record for item in sitting.agenda):
        blockers.append(Blocker(NothingDecided.code, "Aucune décision n'est enregistrée."))
    return (*blockers, *_agenda_blockers(sitting))


def _agenda_blockers(sitting: Sitting) -> list[Blocker]:
    """Hold the agenda and the votes together, where there is an agenda."""
    blockers = []
    announced = {item.application_id: item.title for item in sitting.agenda if item.application_id is not None}
    if undecided := [title for one, title in announced.items() if one not in sitting.decisions]:
        sentence = f"À l'ordre du jour et sans décision : {', '.join(undecided)}."
        blockers.append(Blocker(AgendaUndecided.code, sentence))
    strays = len(sitting.decisions.keys() - announced.keys())
    if sitting.agenda and strays:
        sentence = f"Hors de l'ordre du jour, {strays} candidature(s) votée(s) : ajoutez-les, ou retirez leur vote."
        blockers.append(Blocker(NotOnAgenda.code, sentence))
    return blockers


def close(sitting: Sitting, rule: QuorumRule, today: date) -> Sitting:
    """Close a sitting.

    Raises SittingClosed, SittingInFuture, QuorumNotReached, NothingDecided, AgendaUndecided, NotOnAgenda.
    """
    kinds = (SittingClosed, SittingInFuture, QuorumNotReached, NothingDecided, AgendaUndecided, NotOnAgenda)
    refusals = {kind.code: kind for kind in kinds}
    for blocker in closing_blockers(sitting, rule, today):
        raise refusals[blocker.code](blocker.message)
    return replace(sitting, status=SittingStatus.CLOSED, version=sitting.version + 1)


def _require_open(sitting: Sitting) -> None:
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
            extra={"application_id": str(decision.application_id)},
        )
    if decision.outcome is Outcome.REFUSED and decision.votes_for > decision.votes_against:
        raise VotesInconsistent(
            f"{decision.votes_for} voix pour et {decision.votes_against} contre ne font pas un refus.",
            extra={"application_id": str(decision.application_id)},
        )
    if decision.reservations and decision.outcome is not Outcome.ADMITTED:
        raise VotesInconsistent(
            "Des réserves vont avec une admission.", extra={"application_id": str(decision.application_id)}
        )
    if decision.outcome is Outcome.ADMITTED and decision.votes_for <= decision.votes_against:
        raise VotesInconsistent(
            f"{decision.votes_for} voix pour et {decision.votes_against} contre ne font pas une admission.",
            extra={"application_id": str(decision.application_id)},
        )


def _check_effect(sitting: Sitting, decision: Decision) -> None:
    if decision.effective_on < sitting.held_on:
        raise EffectiveBeforeSitting(
            f"La date d'effet du {decision.effective_on:%d/%m/%Y} précède la séance du {sitting.held_on:%d/%m/%Y}.",
            extra={"application_id": str(decision.application_id)},
        )
