"""Improvement actions: what is done about a cause, by whom and by when, and whether it had its effect.

Source: indicator 32 of the national quality referential (measures drawn from what was said and complained of; from
2026, continuously). That the effect is verified, and an action without effect replaced, is our reading of « continue ».
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.labels import Labelled
from training.improvements.domain.refusals import (
    ActionEnded,
    ActionNotDone,
    ActionNotInProgress,
    ActionNotPlanned,
    CauseApart,
    DueInPast,
)


class ActionStatus(Labelled):
    """Where an action stands."""

    PLANNED = "planned", "prévue"
    IN_PROGRESS = "in_progress", "en cours"
    DONE = "done", "faite, effet à vérifier"
    EFFECTIVE = "effective", "vérifiée efficace"
    INEFFECTIVE = "ineffective", "vérifiée sans effet"
    ABANDONED = "abandoned", "abandonnée"

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self in (ActionStatus.PLANNED, ActionStatus.IN_PROGRESS)


class ActionStep(Labelled):
    """What was done to an action."""

    PLAN = "plan", "prévue"
    START = "start", "commencée"
    RESCHEDULE = "reschedule", "reportée"
    FINISH = "finish", "faite"
    FIND_EFFECTIVE = "find_effective", "vérifiée efficace"
    FIND_INEFFECTIVE = "find_ineffective", "vérifiée sans effet"
    ABANDON = "abandon", "abandonnée"
    LINK = "link", "rattachée à une autre cause"


class CauseKind(Labelled):
    """What an action comes from."""

    COMPLAINT = "complaint", "réclamation, difficulté ou aléa"
    REPORT = "report", "signalement de violence, de harcèlement ou de discrimination"
    RISK = "risk", "risque"
    WATCH = "watch", "veille"
    ACTION = "action", "action sans effet"
    AUDIT = "audit", "constat d'audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What an action comes from, by its reference; of an audit, as the auditor numbers its finding."""

    kind: CauseKind
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done. ``owner`` is an office or a role, never a person's name."""

    title: str
    indicators: tuple[int, ...]
    owner: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action. ``restricted``: it comes of a report of violence, and whoever may not read that does not see it."""

    id: UUID
    reference: str
    plan: Plan
    causes: tuple[Cause, ...]
    restricted: bool
    planned_on: date
    status: ActionStatus = ActionStatus.PLANNED
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEntry:
    """One line of an action's history, for ever. ``due_on``: when it was due from then on."""

    number: int
    step: ActionStep
    note: str | None
    due_on: date
    at: datetime
    by: str


def is_overdue(action: Action, today: date) -> bool:
    """Tell whether an action should have been done."""
    return action.status.is_open and action.plan.due_on < today


def is_restricted(cause: Cause) -> bool:
    """Tell whether what comes of a cause is for the training team alone: indicator 12 of 2026, reports of violence."""
    return cause.kind is CauseKind.REPORT


def kept_apart(causes: Collection[bool]) -> bool:
    """Tell whether what comes of some causes is for the training team alone, as each of them is. Raises CauseApart."""
    if len(set(causes)) > 1:
        raise CauseApart("Ce qui vient d'un signalement de violence est tenu à part : prévoyez deux actions.")
    return any(causes)


def require_due(due_on: date, today: date) -> None:
    """Let what is to be done be due today or later. Raises DueInPast."""
    if due_on < today:
        raise DueInPast("L'échéance est aujourd'hui ou plus tard.")


def require_planned(action: Action) -> None:
    """Let only what is planned be begun. Raises ActionNotPlanned."""
    if action.status is not ActionStatus.PLANNED:
        raise ActionNotPlanned(f"Cette action est {action.status.label}.")


def require_in_progress(action: Action) -> None:
    """Let only what was begun be done. Raises ActionNotInProgress."""
    if action.status is not ActionStatus.IN_PROGRESS:
        raise ActionNotInProgress(f"Cette action est {action.status.label} : seule une action en cours se dit faite.")


def require_done(action: Action) -> None:
    """Let the effect be verified once, of what was done. Raises ActionNotDone."""
    if action.status is not ActionStatus.DONE:
        raise ActionNotDone(
            f"Cette action est {action.status.label} : l'effet se vérifie une fois, quand elle est faite."
        )


def require_open(action: Action) -> None:
    """Let only what is left to do be put off or abandoned. Raises ActionEnded."""
    if not action.status.is_open:
        raise ActionEnded(f"Cette action est {action.status.label}.")


def start(action: Action) -> Action:
    """Begin. Raises ActionNotPlanned."""
    require_planned(action)
    return _moved(action, ActionStatus.IN_PROGRESS)


def finish(action: Action) -> Action:
    """Say that it is done; its effect is still to be verified. Raises ActionNotInProgress."""
    require_in_progress(action)
    return _moved(action, ActionStatus.DONE)


def verify(action: Action, *, effective: bool) -> Action:
    """Say whether it had its effect. Raises ActionNotDone."""
    require_done(action)
    return _moved(action, ActionStatus.EFFECTIVE if effective else ActionStatus.INEFFECTIVE)


def abandon(action: Action) -> Action:
    """Give it up. Raises ActionEnded."""
    require_open(action)
    return _moved(action, ActionStatus.ABANDONED)


def reschedule(action: Action, due_on: date, today: date) -> Action:
    """Have it done on another day. Raises ActionEnded, DueInPast."""
    require_open(action)
    require_due(due_on, today)
    return replace(action, plan=replace(action.plan, due_on=due_on), version=action.version + 1)


def link(action: Action, cause: Cause) -> Action:
    """Have an action answer one more cause; the same cause twice is once. Raises CauseApart."""
    if is_restricted(cause) != action.restricted:
        raise CauseApart("Ce qui vient d'un signalement de violence est tenu à part : prévoyez une autre action.")
    causes = action.causes if cause in action.causes else (*action.causes, cause)
    return replace(action, causes=causes, version=action.version + 1)


def _moved(action: Action, status: ActionStatus) -> Action:
    return replace(action, status=status, version=action.version + 1)
