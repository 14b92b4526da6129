"""Progress from one assessment to the next: only what was asked both times is compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from membership.banks.domain import NOTHING, Bank, Choice, Question, in_points, mean


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the same questions came to then and now, in points of the later bank; None where none was answered twice."""

    compared: int
    questions: int
    before: int | None
    after: int | None

    @property
    def change(self) -> int | None:
        """How many points were gained, or lost."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Progress:
    """The comparison of two assessments of a family, theme by theme of the later bank."""

    whole: Comparison
    themes: Mapping[str, Comparison]
    same_version: bool
    same_scale: bool


def compare(before: Bank, then: Mapping[str, Choice], after: Bank, now: Mapping[str, Choice]) -> Progress:
    """Compare two assessments on the questions, by their codes, that got a level in both.

    Each answer counts as a share of its own scale's top, with the weights of the later bank on both sides: what
    changes between the two sides is the answers alone.
    """

    def compared(questions: Iterable[Question]) -> Comparison:
        asked = list(questions)
        both = [one for one in asked if _level(then, one) is not None and _level(now, one) is not None]
        old, new = mean(both, then, before.top), mean(both, now, after.top)
        return Comparison(
            compared=len(both),
            questions=len(asked),
            before=None if old is None else in_points(old, after.out_of),
            after=None if new is None else in_points(new, after.out_of),
        )

    return Progress(
        whole=compared(after.questions),
        themes={theme.code: compared(theme.questions) for theme in after.themes},
        same_version=before.code == after.code,
        same_scale=before.scale == after.scale,
    )


def _level(choices: Mapping[str, Choice], question: Question) -> int | None:
    return choices.get(question.code, NOTHING).level
