"""What is left to do after an interview or a meeting: what, who answers for it, by when, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled


class NextStepState(Labelled):
    """Where a next step stands."""

    OPEN = "open", "à faire"
    DONE = "done", "faite"
    DROPPED = "dropped", "abandonnée"


class NextStepOwner(Labelled):
    """Who answers for it."""

    FEDERATION = "federation", "la délégation ou le réseau"
    STRUCTURE = "structure", "la structure"


class NextStepNotFound(NotFound):
    """No such next step within reach."""

    code = "next_step_not_found"


class NextStepSettled(Conflict):
    """What was done or dropped does not change any more; it can be reopened."""

    code = "next_step_settled"


class NextStepOpen(Conflict):
    """Only what was done or dropped can be reopened."""

    code = "next_step_open"


class StructureNotMet(Invalid):
    """What is left to do with a structure follows an interview with it, or a meeting to which it was called."""

    code = "structure_not_met"


class InterviewFollowed(Conflict):
    """What an interview leaves to do is settled with it, or before it."""

    code = "interview_followed"


class MeetingFollowed(Conflict):
    """What a meeting leaves to do is settled with it, or before it."""

    code = "meeting_followed"


@dataclass(frozen=True, slots=True)
class NextStepReopening:
    """Who had it to do again, when and why; and what had been said of it."""

    at: datetime
    by: str
    reason: str
    state: NextStepState
    settled_on: date
    dropped_reason: str | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do, after an interview or a meeting, never both.

    ``member_id`` is None for what a meeting leaves to the delegation as a whole. ``owner_subject`` is the subject of a
    token and ``owner_label`` a function, never a name. ``shared``: the structure reads it.
    """

    id: UUID
    interview_id: UUID | None
    meeting_id: UUID | None
    member_id: UUID | None
    delegation: str | None
    text: str
    owner: NextStepOwner
    owner_subject: str | None
    owner_label: str | None
    due_on: date
    shared: bool
    recorded_at: datetime
    recorded_by: str
    state: NextStepState = NextStepState.OPEN
    settled_on: date | None = None
    dropped_reason: str | None = None
    reopenings: tuple[NextStepReopening, ...] = ()
    version: int = 1


def require_open(step: NextStep) -> None:
    """Let only what is still to do change. Raises NextStepSettled."""
    if step.state is not NextStepState.OPEN:
        raise NextStepSettled(f"Cette suite est {step.state.label} : rouvrez-la pour la changer.")


def require_settled(step: NextStep) -> None:
    """Let only what was settled be reopened. Raises NextStepOpen."""
    _settled_on(step)


def amend(step: NextStep, fields: Mapping[str, Any]) -> NextStep:
    """Change what is to be done, by whom or by when. Raises NextStepSettled."""
    require_open(step)
    return replace(step, **fields, version=step.version + 1)


def settle(step: NextStep, state: NextStepState, day: date, reason: str | None = None) -> NextStep:
    """Say that it was done, or dropped with a reason. Raises NextStepSettled."""
    require_open(step)
    return _settled(step, state, day, reason)


def drop_all(left: Sequence[NextStep], day: date, reason: str, *, agreed: bool) -> list[NextStep]:
    """Drop what a cancelled interview or meeting left to do, for its reason, once that is agreed.

    Raises InterviewFollowed, MeetingFollowed.
    """
    if left and not agreed:
        listed = [{"id": str(step.id), "text": step.text, "due_on": step.due_on.isoformat()} for step in left]
        refusal = MeetingFollowed if left[0].interview_id is None else InterviewFollowed
        raise refusal(
            f"Suites encore à faire : {len(left)}. Abandonnez-les en même temps (`drop_next_steps`), ou dites d'abord"
            " ce qu'elles deviennent.",
            extra={"next_steps": listed},
        )
    return [_settled(step, NextStepState.DROPPED, day, reason) for step in left]


def reopen(step: NextStep, at: datetime, by: str, reason: str) -> NextStep:
    """Have it to do again; what was said of it is kept. Raises NextStepOpen."""
    kept = NextStepReopening(at, by, reason, step.state, _settled_on(step), step.dropped_reason)
    opened = replace(step, state=NextStepState.OPEN, settled_on=None, dropped_reason=None)
    return replace(opened, reopenings=(*step.reopenings, kept), version=step.version + 1)


def is_overdue(step: NextStep, today: date) -> bool:
    """Tell whether it should have been done: its day is the last one on which it is in time."""
    return step.state is NextStepState.OPEN and step.due_on < today


def _settled(step: NextStep, state: NextStepState, day: date, reason: str | None) -> NextStep:
    return replace(step, state=state, settled_on=day, dropped_reason=reason, version=step.version + 1)


def _settled_on(step: NextStep) -> date:
    if step.settled_on is None:
        raise NextStepOpen("Cette suite est déjà à faire.")
    return step.settled_on
