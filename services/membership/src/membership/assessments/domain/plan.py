"""The progress plan: proposed from the answers, then the structure's own. Nothing in it is overwritten silently."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from common.dated import months_after
from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.banks.domain import NOTHING, Bank, Choice, Question


class ActionState(Labelled):
    """Where an action of a plan stands."""

    TODO = "todo", "à faire"
    DOING = "doing", "en cours"
    DONE = "done", "faite"
    DROPPED = "dropped", "abandonnée"


class ActionNotFound(NotFound):
    """No such action in this plan."""

    code = "action_not_found"


class ReasonNeeded(Invalid):
    """An action is not dropped without saying why."""

    code = "reason_needed"


class QuestionUnknown(Invalid):
    """An action answers a question of the assessment's own bank, or none."""

    code = "question_unknown"


class QuestionPlanned(Conflict):
    """An action for this question is in the plan already: it is that one that is amended."""

    code = "question_planned"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action proposed for a question: from its level to the next one, by a day."""

    question: str
    text: str
    level: int
    target: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Change:
    """What an action said before a change, and who changed it when."""

    at: datetime
    by: str
    before: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanAction:
    """One action. ``owner`` is a function in the structure, not a person; ``rank`` is its place in the plan."""

    id: UUID
    assessment_id: UUID
    rank: int
    text: str
    due_on: date
    question: str | None = None
    level: int | None = None
    target: int | None = None
    owner: str | None = None
    state: ActionState = ActionState.TODO
    reason: str | None = None
    changes: tuple[Change, ...] = field(default=())
    version: int = 1


def proposals(bank: Bank, choices: Mapping[str, Choice], today: date) -> list[Proposal]:
    """Return what could be done, what matters most first: how far from the top times the question's weight.

    Equal ones stand in the bank's order. Who is at the top of a question, or to whom it does not apply, is proposed
    nothing for it.
    """
    open_to = [(question, level) for question in bank.questions if (level := _level(choices, question)) is not None]
    below = [(question, level) for question, level in open_to if level < bank.top]
    below.sort(key=lambda one: -_priority(bank, *one))  # a stable sort keeps the bank's order
    return [_proposal(question, level, today) for question, level in below]


def build(bank: Bank, choices: Mapping[str, Choice], today: date) -> list[Proposal]:
    """Return the plan that is proposed: the first of what could be done, as many as a structure can carry."""
    return proposals(bank, choices, today)[: bank.plan_size]


def amend(action: PlanAction, fields: Mapping[str, Any], at: datetime, by: str) -> PlanAction:
    """Change an action; what it said before stays with it. Raises ReasonNeeded."""
    after = replace(action, **fields)
    if after.state is not ActionState.DROPPED:
        after = replace(after, reason=None)  # why it was dropped stays among its changes
    elif not after.reason:
        raise ReasonNeeded("Dites pourquoi cette action est abandonnée.")
    told, tells = asdict(action), asdict(after)
    before = {name: told[name] for name in told if told[name] != tells[name]}
    if not before:
        return action
    return replace(after, changes=(*action.changes, Change(at, by, before)), version=action.version + 1)


def is_late(action: PlanAction, today: date) -> bool:
    """Tell whether an action should have been done."""
    return action.state in (ActionState.TODO, ActionState.DOING) and action.due_on < today


def _level(choices: Mapping[str, Choice], question: Question) -> int | None:
    return choices.get(question.code, NOTHING).level


def _priority(bank: Bank, question: Question, level: int) -> Fraction:
    return Fraction((bank.top - level) * question.weight, bank.top)


def _proposal(question: Question, level: int, today: date) -> Proposal:
    action = next(action for action in question.actions if level < action.below)
    return Proposal(question.code, action.text, level, level + 1, months_after(today, action.months))
