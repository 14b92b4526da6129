"""The progress plan: proposed from the answers, then the structure's own. Nothing in it is overwritten silently."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from common.dated import months_after
from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.assessments.domain import Remark, Review, ReviewState
from membership.banks.domain import NOTHING, Bank, Choice, Question


class ActionState(Labelled):
    """Where an action of a plan stands."""

    TODO = "todo", "à faire"
    DOING = "doing", "en cours"
    DONE = "done", "faite"
    DROPPED = "dropped", "abandonnée"


class ActionOrigin(Labelled):
    """Where an action comes from."""

    ANSWER = "answer", "tirée d'une réponse"
    REVIEW = "review", "tirée d'une relecture"
    OWN = "own", "ajoutée par la structure"
    CARRIED = "carried", "reprise du plan d'avant"


_UNFINISHED = (ActionState.TODO, ActionState.DOING)


class ActionNotFound(NotFound):
    """No such action in this plan."""

    code = "action_not_found"


class ReasonNeeded(Invalid):
    """An action is not dropped without saying why."""

    code = "reason_needed"


class QuestionUnknown(Invalid):
    """An action answers a question of the assessment's own bank, or none."""

    code = "question_unknown"


class NothingLeft(Conflict):
    """No action of the plan before is unfinished, or all are in this one."""

    code = "nothing_left"


class QuestionPlanned(Conflict):
    """An action for this question is in the plan already: it is that one that is amended."""

    code = "question_planned"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action proposed for a question: from its level to the next one, by a day.

    There is no level where the question does not apply and a review proposes something all the same.
    """

    question: str
    text: str
    level: int | None
    target: int | None
    due_on: date
    origin: ActionOrigin = ActionOrigin.ANSWER


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
    origin: ActionOrigin = ActionOrigin.OWN
    state: ActionState = ActionState.TODO
    reason: str | None = None
    changes: tuple[Change, ...] = field(default=())
    version: int = 1


def proposals(
    bank: Bank, choices: Mapping[str, Choice], today: date, reviews: Collection[Review] = ()
) -> list[Proposal]:
    """Return what could be done, what matters most first: how far from the top times the question's weight.

    Equal ones stand in the bank's order. The level is the lower of the answer and of what the given reviews say, and
    the text the one that a review proposes. Who is at the top of a question, or to whom it does not apply, is proposed
    nothing for it, unless a review does.
    """
    given = [review.remarks for review in reviews if review.state is ReviewState.GIVEN]
    found = []
    for question in bank.questions:
        remarks = [one[question.code] for one in given if question.code in one]
        proposal = _proposal(bank, question, choices.get(question.code, NOTHING), remarks, today)
        if proposal is not None:
            found.append((_priority(bank, question, proposal.level), proposal))
    found.sort(key=lambda one: -one[0])  # a stable sort keeps the bank's order
    return [proposal for _, proposal in found]


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
    return action.state in _UNFINISHED and action.due_on < today


def left_over(before: Iterable[PlanAction], plan: Iterable[PlanAction]) -> list[PlanAction]:
    """Return the unfinished actions of the plan before that are not in a plan: same question, or same text."""
    planned = list(plan)
    questions = {action.question for action in planned if action.question}
    texts = {action.text for action in planned}
    return [
        action
        for action in before
        if action.state in _UNFINISHED and action.question not in questions and action.text not in texts
    ]


def require_left(actions: Sequence[PlanAction]) -> None:
    """Let only something be carried over. Raises NothingLeft."""
    if not actions:
        raise NothingLeft("Le plan d'avant n'a plus d'action à reprendre.")


def _priority(bank: Bank, question: Question, level: int | None) -> Fraction:
    return Fraction(0) if level is None else Fraction((bank.top - level) * question.weight, bank.top)


def _proposal(
    bank: Bank, question: Question, answer: Choice, remarks: Collection[Remark], today: date
) -> Proposal | None:
    lowest = min((one.level for one in remarks if one.level is not None), default=None)
    lowers = lowest is not None and (answer.level is None or lowest < answer.level)
    level = lowest if lowers else answer.level
    said = next((one.action for one in remarks if one.action), None)
    if said is None and (level is None or level >= bank.top):
        return None
    shipped = next((one for one in question.actions if level is not None and level < one.below), question.actions[-1])
    return Proposal(
        question=question.code,
        text=said or shipped.text,
        level=level,
        target=None if level is None else min(level + 1, bank.top),
        due_on=months_after(today, shipped.months),
        origin=ActionOrigin.REVIEW if said or lowers else ActionOrigin.ANSWER,
    )
