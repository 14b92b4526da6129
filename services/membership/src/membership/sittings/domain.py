"""The board's sittings: who was there, what was put to the vote, and what the votes decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound, Unavailable
from common.labels import Labelled


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


class SittingInFuture(Conflict):
    """A sitting is closed once it was held: its decisions have its date."""

    code = "sitting_in_future"


class QuorumNotReached(Conflict):
    """Too few of the board's members took part: the sitting cannot decide."""

    code = "quorum_not_reached"


class QuorumRuleMissing(Unavailable):
    """No rule is held for the day of the sitting: nobody may guess one."""

    code = "quorum_rule_missing"


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
class QuorumRule:
    """The share of the board that must take part. Dated data, with its source and status."""

    since: date
    numerator: int
    denominator: int
    status: str
    source: str

    def needed(self, in_office: int) -> int:
        """Return the least number of members taking part, present or represented.

        >>> QuorumRule(date(2026, 1, 1), 1, 2, "assumed", "").needed(27)
        14
        """
        return -(-in_office * self.numerator // self.denominator)


def rule_on(rules: Sequence[QuorumRule], day: date) -> QuorumRule:
    """Return the rule in force on a day. Raises QuorumRuleMissing."""
    in_force = [rule for rule in rules if rule.since <= day]
    if not in_force:
        raise QuorumRuleMissing(f"Aucune règle de quorum n'est renseignée pour le {day:%d/%m/%Y}.")
    return max(in_force, key=lambda rule: rule.since)


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many of the board's members hold office, came, or gave a proxy."""

    in_office: int
    present: int
    represented: int

    @property
    def taking_part(self) -> int:
        """Members who vote, by themselves or by proxy."""
        return self.present + self.represented


@dataclass(frozen=True, slots=True)
class Decision:
    """One vote on one application. ``effective_on`` is the day an admission takes effect."""

    application_id: UUID
    outcome: Outcome
    votes_for: int
    votes_against: int
    abstentions: int
    effective_on: date


@dataclass(frozen=True, slots=True)
class Sitting:
    """One meeting of the board."""

    id: UUID
    held_on: date
    attendance: Attendance
    minutes_reference: str
    status: SittingStatus = SittingStatus.OPEN
    decisions: Mapping[UUID, Decision] = field(default_factory=dict)
    version: int = 1


def record(sitting: Sitting, decisions: Sequence[Decision]) -> Sitting:
    """Write votes down, replacing earlier ones on the same applications.

    Raises SittingClosed, EffectiveBeforeSitting, or VotesInconsistent when votes exceed those taking part or do not
    bear the outcome (an admission needs more votes for than against).
    """
    _require_open(sitting)
    for decision in decisions:
        _check_votes(sitting.attendance, decision)
        _check_effect(sitting, decision)
    recorded = {**sitting.decisions, **{decision.application_id: decision for decision in decisions}}
    return replace(sitting, decisions=recorded, version=sitting.version + 1)


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
    if not sitting.decisions:
        blockers.append(Blocker(NothingDecided.code, "Aucune décision n'est enregistrée."))
    return tuple(blockers)


def close(sitting: Sitting, rule: QuorumRule, today: date) -> Sitting:
    """Close a sitting. Raises SittingClosed, SittingInFuture, QuorumNotReached or NothingDecided."""
    refusals = {kind.code: kind for kind in (SittingClosed, SittingInFuture, QuorumNotReached, NothingDecided)}
    for blocker in closing_blockers(sitting, rule, today):
        raise refusals[blocker.code](blocker.message)
    return replace(sitting, status=SittingStatus.CLOSED, version=sitting.version + 1)


def _require_open(sitting: Sitting) -> None:
    if sitting.status is SittingStatus.CLOSED:
        raise SittingClosed(f"La séance du {sitting.held_on:%d/%m/%Y} est close : elle ne change plus.")


def _check_votes(attendance: Attendance, decision: Decision) -> None:
    votes = decision.votes_for + decision.votes_against + decision.abstentions
    if votes > attendance.taking_part:
        raise VotesInconsistent(
            f"{votes} voix pour {attendance.taking_part} administrateurs présents ou représentés.",
            extra={"application_id": str(decision.application_id)},
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
