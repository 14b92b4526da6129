"""A bank of questions: themes, their parts, questions on one scale, levels of maturity, actions to propose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

from common.errors import NotFound


class BankNotFound(NotFound):
    """No bank has this code."""

    code = "bank_not_found"


@dataclass(frozen=True, slots=True)
class Step:
    """One answer a question can be given, with the words that anchor it."""

    level: int
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level of maturity: reached from so many points on."""

    code: str
    label: str
    points: int
    status: str


@dataclass(frozen=True, slots=True)
class ProposedAction:
    """What is proposed to who answered less than ``below``, and within how many months."""

    below: int
    text: str
    months: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question. The same code in two versions of a bank asks the same thing."""

    code: str
    theme: str
    part: str
    text: str
    help: str
    evidence: str
    weight: int
    may_be_inapplicable: bool
    actions: tuple[ProposedAction, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-theme and its questions."""

    code: str
    name: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme and its sub-themes."""

    code: str
    name: str
    parts: tuple[Part, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All the questions of the theme, in order."""
        return tuple(question for part in self.parts for question in part.questions)


@dataclass(frozen=True)
class Bank:
    """One version of a family of questions (``cap``, ``cap-rse``). One that has served does not change any more.

    ``out_of`` is how many points the whole is worth; a plan proposes ``plan_size`` actions at most.
    """

    code: str
    family: str
    version: str
    name: str
    since: date
    until: date | None
    status: str
    source: str
    out_of: int
    plan_size: int
    scale: tuple[Step, ...]
    levels: tuple[Level, ...]
    themes: tuple[Theme, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read a bank as it ships; ``ValueError`` when it does not hold together."""
        bank = cls(
            **{name: data[name] for name in _PLAIN},
            until=data.get("until"),
            scale=tuple(Step(**step) for step in data["scale"]),
            levels=tuple(_level(level, data["status"]) for level in data["levels"]),
            themes=tuple(_theme(theme) for theme in data["themes"]),
        )
        _require_sound(bank)
        return bank

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All the questions, in the bank's order."""
        return tuple(question for theme in self.themes for question in theme.questions)

    @cached_property
    def by_code(self) -> Mapping[str, Question]:
        """The questions by their codes."""
        return {question.code: question for question in self.questions}

    def theme_of(self, question: str | None) -> str | None:
        """Return the name of a question's theme; None of what is no question."""
        asked = self.by_code.get(question or "")
        return next((theme.name for theme in self.themes if asked and theme.code == asked.theme), None)

    @property
    def top(self) -> int:
        """The highest answer of the scale."""
        return self.scale[-1].level

    def is_open_on(self, day: date) -> bool:
        """Whether an assessment by this bank may begin on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


_PLAIN = ("code", "family", "version", "name", "since", "status", "source", "out_of", "plan_size")


def _level(data: Mapping[str, Any], status: str) -> Level:
    return Level(data["code"], data["label"], data["from"], data.get("status", status))


def _theme(data: Mapping[str, Any]) -> Theme:
    return Theme(data["code"], data["name"], tuple(_part(data["code"], part) for part in data["parts"]))


def _part(theme: str, data: Mapping[str, Any]) -> Part:
    questions = (
        Question(
            code=question["code"],
            theme=theme,
            part=data["code"],
            text=question["text"],
            help=question["help"],
            evidence=question["evidence"],
            weight=question["weight"],
            may_be_inapplicable=question.get("not_applicable", False),
            actions=tuple(ProposedAction(**action) for action in question["actions"]),
        )
        for question in data["questions"]
    )
    return Part(data["code"], data["name"], tuple(questions))


def _require_sound(bank: Bank) -> None:
    codes = [question.code for question in bank.questions]
    if len(set(codes)) < len(codes):
        raise ValueError(f"{bank.code}: two questions have the same code")
    if [step.level for step in bank.scale] != list(range(len(bank.scale))):
        raise ValueError(f"{bank.code}: the scale does not go up from 0 by one")
    if bank.levels[0].points != 0 or any(lower.points >= upper.points for lower, upper in pairwise(bank.levels)):
        raise ValueError(f"{bank.code}: the levels do not go up from 0")
    for question in bank.questions:
        if question.weight < 1 or not question.actions or question.actions[-1].below != bank.top:
            raise ValueError(f"{bank.code}: {question.code} has no weight, or proposes nothing below the top")
