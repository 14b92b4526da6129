"""What answers come to: a weighted mean over what was answered and applies, by part, theme and whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from membership.banks.domain.bank import Bank, Level, Question


@dataclass(frozen=True, slots=True)
class Choice:
    """What was answered to a question: a step of the scale, or that it does not apply, or nothing yet."""

    level: int | None = None
    not_applicable: bool = False

    @property
    def is_given(self) -> bool:
        """Whether the question is answered, one way or the other."""
        return self.level is not None or self.not_applicable


NOTHING = Choice()


@dataclass(frozen=True, slots=True)
class Score:
    """What some questions come to.

    ``points`` are a weighted mean, out of the bank's points; None where nothing that applies was answered.
    """

    points: int | None
    level: Level | None
    questions: int
    answered: int
    applicable: int


@dataclass(frozen=True, slots=True)
class Scores:
    """What a whole bank comes to: by part (``theme/part``), by theme, and together."""

    whole: Score
    themes: Mapping[str, Score]
    parts: Mapping[str, Score]


def mean(questions: Iterable[Question], choices: Mapping[str, Choice], top: int) -> Fraction | None:
    """Return the weighted mean of what was answered, as a share of the scale's top; None where nothing was.

    A question that does not apply weighs nothing.
    """
    counted = [(question.weight, choices.get(question.code, NOTHING).level) for question in questions]
    weight = sum(one for one, level in counted if level is not None)
    if weight == 0:
        return None
    return Fraction(sum(one * level for one, level in counted if level is not None), weight * top)


def in_points(share: Fraction, out_of: int) -> int:
    """Write a share in points, rounded half up."""
    return int(share * out_of + Fraction(1, 2))


def level_of(bank: Bank, points: int) -> Level:
    """Return the level of maturity that so many points reach."""
    return next(level for level in reversed(bank.levels) if level.points <= points)


def score(bank: Bank, choices: Mapping[str, Choice]) -> Scores:
    """Return what answers come to. A theme weighs its questions' weights: no part is worth more by being short."""
    return Scores(
        whole=_score(bank, bank.questions, choices),
        themes={theme.code: _score(bank, theme.questions, choices) for theme in bank.themes},
        parts={
            f"{theme.code}/{part.code}": _score(bank, part.questions, choices)
            for theme in bank.themes
            for part in theme.parts
        },
    )


def _score(bank: Bank, questions: tuple[Question, ...], choices: Mapping[str, Choice]) -> Score:
    share = mean(questions, choices, bank.top)
    points = None if share is None else in_points(share, bank.out_of)
    given = [choices.get(question.code, NOTHING) for question in questions]
    return Score(
        points=points,
        level=None if points is None else level_of(bank, points),
        questions=len(questions),
        answered=sum(choice.is_given for choice in given),
        applicable=sum(not choice.not_applicable for choice in given),
    )
