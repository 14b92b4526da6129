"""Evaluations: who is asked what and when, what is an answer, and which answers may be shown together.

Sources: décret 2019-565, indicators 2 (results, with their method), 8 (positioning) and 30 (feedback of the trainees).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from common.dated import months_after
from common.errors import Conflict, FieldError, Invalid, NotFound
from common.labels import Labelled
from common.workdays import FRANCE

_TENTH = Decimal("0.1")
_SCALE = 5
_SATISFIED = 4


class EvaluationNotFound(NotFound):
    """No such evaluation within reach."""

    code = "evaluation_not_found"


class EvaluationLinkNotFound(NotFound):
    """The key opens nothing."""

    code = "evaluation_link_not_found"


class AlreadyAnswered(Conflict):
    """An answer is given once: what is counted without a name cannot be taken back."""

    code = "evaluation_answered"


class EvaluationClosed(Conflict):
    """The time to answer has passed, or the person has no seat any more."""

    code = "evaluation_closed"


class AnswersUnfit(Invalid):
    """Each question with a mark has one, within its bounds, and nothing else is answered."""

    code = "evaluation_answers_unfit"


class EvaluationKind(Labelled):
    """What is asked of a person who is trained."""

    POSITIONING = "positioning", "positionnement avant la formation"
    HOT = "hot", "évaluation à chaud"
    COLD = "cold", "évaluation à froid"

    @property
    def is_anonymous(self) -> bool:
        """Whether what is said is counted without who said it."""
        return self is not EvaluationKind.POSITIONING


class EvaluationStatus(Labelled):
    """Where an evaluation stands."""

    OPEN = "open", "attend une réponse"
    ANSWERED = "answered", "répondue"
    CLOSED = "closed", "close sans réponse"


class QuestionKind(Labelled):
    """How a question is answered."""

    SCALE = "scale", "de 1 à 5"
    CHOICE = "choice", "un choix"
    TEXT = "text", "texte libre"
    OBJECTIVES = "objectives", "de 1 à 5, par objectif"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationQuestion:
    """One question. ``options``: of a choice, the first is answered by 1."""

    code: str
    kind: QuestionKind
    label: str
    options: tuple[str, ...] = ()
    counts_as: str | None = None

    @property
    def highest(self) -> int | None:
        """The highest mark, absent of a text."""
        if self.kind is QuestionKind.TEXT:
            return None
        return len(self.options) or _SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """The questions of a kind, from a day on."""

    kind: EvaluationKind
    since: date
    status: str
    source: str
    intro: str
    questions: tuple[EvaluationQuestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingRule:
    """When evaluations are sent and recalled, in days; ``minimum``: how many answers are shown together at least."""

    since: date
    cold_months: int
    late_days: int
    chase_working_days: int
    chasings: int
    minimum: int
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One person asked once. ``next_on``: the day of the next mail; ``closes_on``: the last day to answer."""

    id: UUID
    kind: EvaluationKind
    enrolment_id: UUID
    session_id: UUID
    trainee_id: UUID
    programme_code: str
    programme_number: int
    questionnaire: date
    round_id: UUID | None
    asked_on: date
    closes_on: date
    next_on: date | None
    chased: int = 0
    status: EvaluationStatus = EvaluationStatus.OPEN
    answered_on: date | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answers: a mark per question (from 1), and texts."""

    marks: Mapping[str, int]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Closed:
    """The answers of one session to one kind, once nobody can add to them."""

    id: UUID
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What was answered to a question, together: how many gave each mark."""

    counts: Mapping[int, int]

    @property
    def n(self) -> int:
        """How many marks."""
        return sum(self.counts.values())

    @property
    def mean(self) -> Decimal:
        """The average, to a tenth, half up."""
        total = sum(mark * count for mark, count in self.counts.items())
        return (Decimal(total) / self.n).quantize(_TENTH, ROUND_HALF_UP)

    @property
    def median(self) -> Decimal:
        """The mark in the middle, or halfway between the two there."""
        marks = sorted(mark for mark, count in self.counts.items() for _ in range(count))
        return Decimal(marks[(self.n - 1) // 2] + marks[self.n // 2]) / 2

    @property
    def satisfied(self) -> Decimal:
        """The share of 4 and 5 among the marks, in percent, to a tenth."""
        return percent(sum(count for mark, count in self.counts.items() if mark >= _SATISFIED), self.n)


def percent(part: int, whole: int) -> Decimal:
    """Return a share in percent, to a tenth, half up.

    >>> percent(2, 3)
    Decimal('66.7')
    """
    return (Decimal(100 * part) / whole).quantize(_TENTH, ROUND_HALF_UP)


def cold_until(rule: AskingRule, today: date) -> date:
    """Return the last day of the sessions whose cold evaluation is due."""
    return months_after(today, -rule.cold_months)


def last_to_answer(rule: AskingRule, asked_on: date) -> date:
    """Return the last day to answer: one delay after each mail, the first and those that recall it."""
    return FRANCE.after(asked_on, rule.chase_working_days * (rule.chasings + 1))


def chase(evaluation: Evaluation, rule: AskingRule, today: date) -> Evaluation:
    """Recall an evaluation, and say when again, or no more.

    A day on which nothing ran moves what follows: nobody has two mails at once.
    """
    chased = evaluation.chased + 1
    again = FRANCE.after(today, rule.chase_working_days) if chased < rule.chasings else None
    return replace(evaluation, chased=chased, next_on=again, version=evaluation.version + 1)


def require_open(evaluation: Evaluation, today: date) -> None:
    """Let an evaluation be answered. Raises AlreadyAnswered, EvaluationClosed."""
    if evaluation.status is EvaluationStatus.ANSWERED:
        raise AlreadyAnswered("Votre réponse est déjà enregistrée, merci : elle ne se reprend pas.")
    if evaluation.status is EvaluationStatus.CLOSED or today > evaluation.closes_on:
        raise EvaluationClosed("Le temps de répondre est passé.")


def answer(evaluation: Evaluation, today: date) -> Evaluation:
    """Note that somebody answered, not what. Raises AlreadyAnswered, EvaluationClosed."""
    require_open(evaluation, today)
    return replace(
        evaluation,
        status=EvaluationStatus.ANSWERED,
        answered_on=today,
        next_on=None,
        version=evaluation.version + 1,
    )


def asked_of(questions: Sequence[EvaluationQuestion], objectives: Sequence[str]) -> tuple[EvaluationQuestion, ...]:
    """Return the questions as they are asked of a programme: one for each of its objectives where they say so."""
    asked: list[EvaluationQuestion] = []
    for question in questions:
        if question.kind is not QuestionKind.OBJECTIVES:
            asked.append(question)
            continue
        asked += [
            replace(question, code=f"{question.code}-{number}", label=f"{objective} ({question.label})")
            for number, objective in enumerate(objectives, 1)
        ]
    return tuple(asked)


def require_fit(said: Said, questions: Sequence[EvaluationQuestion]) -> None:
    """Have each question with marks have one, and no other question be answered. Raises AnswersUnfit."""
    highest = {one.code: one.highest for one in questions if one.highest is not None}
    texts = {one.code for one in questions if one.highest is None}
    odd = sorted((highest.keys() ^ said.marks.keys()) | (said.texts.keys() - texts))
    odd += [code for code, mark in said.marks.items() if code in highest and not 1 <= mark <= (highest[code] or 0)]
    if odd:
        raise AnswersUnfit(
            f"Chaque question a une réponse, dans ses bornes, et aucune autre. À revoir : {', '.join(odd)}.",
            errors=[FieldError(f"/marks/{code}", "unfit", "À revoir.") for code in odd],
        )


def blocks(waiting: Sequence[Closed], minimum: int) -> list[tuple[UUID, ...]]:
    """Return what may be shown now of sessions that are closed and not shown yet, in the order of their closing.

    A session with enough answers is a block by itself; smaller ones wait to have enough together. A block is final, and
    every figure is a sum of whole blocks: whatever two figures or two days are subtracted, a block at least is left.

    >>> one, two, three = (UUID(int=number) for number in (1, 2, 3))
    >>> [[known.int for known in block] for block in blocks([Closed(one, 3), Closed(two, 7), Closed(three, 2)], 5)]
    [[2], [1, 3]]
    """
    found: list[tuple[UUID, ...]] = [(one.id,) for one in waiting if one.answers >= minimum]
    small: list[Closed] = []
    for one in waiting:
        if not 0 < one.answers < minimum:
            continue
        small.append(one)
        if sum(each.answers for each in small) >= minimum:
            found.append(tuple(each.id for each in small))
            small = []
    return found
