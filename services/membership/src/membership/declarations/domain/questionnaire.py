"""The questions of a year's declaration: versioned, asked once for the structure or once per activity it had."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from common.errors import NotFound
from common.labels import Labelled
from common.money import format_euros
from membership.members.domain import ActivityKind, printed_activities

BASE_OF_DUES = "total_operating_income"
"""The one question that every version asks of every structure: the base of its dues (assumed, domain of ``dues``)."""

CARRIED_OVER = "carried_over"
"""The one check that no version has to name: whether figures that were carried over from last year are looked at."""


class Unit(Labelled):
    """What a figure counts."""

    EUR = "eur", "euros"
    PEOPLE = "people", "personnes"
    FTE = "fte", "équivalents temps plein (ETP)"
    PERCENT = "percent", "pour cent"
    HOURS = "hours", "heures"


class QuestionScope(Labelled):
    """Of what a question is asked."""

    ENTITY = "entity", "une fois, pour toute la structure"
    ACTIVITY = "activity", "pour chaque activité exercée dans l'année"


class CheckKind(Labelled):
    """How a check compares figures."""

    SUMS_TO = "sums_to", "la somme fait le total"
    AT_MOST = "at_most", "la somme ne dépasse pas le total"
    BETWEEN = "between", "la valeur est entre deux bornes"
    CHANGED_MORE_THAN = "changed_more_than", "la valeur s'écarte de celle de l'an dernier"


class CheckSeverity(Labelled):
    """What a finding asks of the declarer."""

    ERROR = "error", "bloquant"
    WARNING = "warning", "à commenter"


class QuestionnaireNotFound(NotFound):
    """No such version of the questionnaire."""

    code = "questionnaire_not_found"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form, as a page of it."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One figure asked of structures with some activities, or of all where ``kinds`` is empty."""

    code: str
    label: str
    help: str
    section: str
    unit: Unit
    scope: QuestionScope
    required: bool = False
    kinds: frozenset[ActivityKind] = frozenset()

    def is_asked_of(self, activity: ActivityKind) -> bool:
        """Tell whether it is asked about an activity."""
        return not self.kinds or activity in self.kinds


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of figures: the sum of ``parts`` with ``total``, with bounds, or with last year's.

    ``total`` is another question's code, or a figure. ``percent`` is how far a value may move from last year's, and
    ``floor`` the difference below which nobody asks why. ``tolerance`` lets roundings through.
    """

    code: str
    kind: CheckKind
    severity: CheckSeverity
    explanation: str
    parts: tuple[str, ...]
    total: str | Decimal | None = None
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)
    floor: Decimal = Decimal(0)
    tolerance: Decimal = Decimal(0)

    @property
    def codes(self) -> tuple[str, ...]:
        """The questions it compares."""
        return (*self.parts, self.total) if isinstance(self.total, str) else self.parts


class Place(NamedTuple):
    """Where a figure stands: its question, and the activity it is about, if it is about one."""

    code: str
    activity: ActivityKind | None = None


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of the questions, their order and their checks. Dated data, with source and status."""

    version: str
    year: int
    status: str
    source: str
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    checks: tuple[Check, ...]

    @property
    def by_code(self) -> Mapping[str, Question]:
        """The questions by their code."""
        return {question.code: question for question in self.questions}


def places(questionnaire: Questionnaire, activities: Collection[ActivityKind]) -> dict[Place, Question]:
    """Return every figure asked of a structure that had these activities, in the order of the form."""
    found = {}
    for question in questionnaire.questions:
        asked = [activity for activity in activities if question.is_asked_of(activity)]
        if question.scope is QuestionScope.ACTIVITY:
            found.update({Place(question.code, activity): question for activity in asked})
        elif asked or not question.kinds:
            found[Place(question.code)] = question
    return found


def narrowed(questionnaire: Questionnaire, activities: Collection[ActivityKind]) -> Questionnaire:
    """Return what a questionnaire asks of structures that had these activities, and the checks that then apply."""
    asked = set(places(questionnaire, activities).values())
    codes = {question.code for question in asked}
    return replace(
        questionnaire,
        questions=tuple(question for question in questionnaire.questions if question in asked),
        checks=tuple(check for check in questionnaire.checks if codes.intersection(check.parts)),
    )


def verified(questionnaire: Questionnaire) -> Questionnaire:
    """Return a questionnaire that holds together. Raises ValueError where the shipped file does not."""
    by_code = questionnaire.by_code
    faults = [
        *_twice(question.code for question in questionnaire.questions),
        *_twice(check.code for check in questionnaire.checks),
        *({question.section for question in questionnaire.questions} - {one.code for one in questionnaire.sections}),
        *(f"{check.code}: {code}" for check in questionnaire.checks for code in check.codes if code not in by_code),
    ]
    faults += [
        f"{check.code}: one unit"
        for check in questionnaire.checks
        if len({by_code[code].unit for code in check.codes if code in by_code}) != 1
    ]
    base = by_code.get(BASE_OF_DUES)
    if base is None or (base.scope, base.unit, base.required, base.kinds) != (
        QuestionScope.ENTITY,
        Unit.EUR,
        True,
        frozenset(),
    ):
        faults.append(BASE_OF_DUES)
    if faults:
        raise ValueError(f"questionnaire {questionnaire.version}: {faults}")
    return questionnaire


def _twice(codes: Iterable[str]) -> set[str]:
    known = list(codes)
    return {code for code in known if known.count(code) > 1}


_DECIMALS = {Unit.EUR: 2, Unit.PEOPLE: 0, Unit.FTE: 2, Unit.PERCENT: 2, Unit.HOURS: 2}
_SUFFIXES = {Unit.PEOPLE: "", Unit.FTE: "ETP", Unit.PERCENT: "%", Unit.HOURS: "h"}


def decimals(unit: Unit) -> int:
    """Return how many decimals a figure may have."""
    return _DECIMALS[unit]


def write_figure(value: Decimal, unit: Unit) -> str:
    """Write a figure as a French sentence does.

    >>> write_figure(Decimal("12.50"), Unit.FTE), write_figure(Decimal("1250"), Unit.PEOPLE)
    ('12,5\\xa0ETP', '1\\u202f250')
    """
    if unit is Unit.EUR:
        return format_euros(value)
    exact = value.normalize()
    text = f"{exact:,f}".replace(",", "\u202f").replace(".", ",")
    return f"{text}\u00a0{_SUFFIXES[unit]}" if _SUFFIXES[unit] else text


def name_place(place: Place, question: Question) -> str:
    """Write which figure is meant.

    >>> question = Question("a", "Achats", "", "", Unit.EUR, QuestionScope.ACTIVITY)
    >>> name_place(Place("a", ActivityKind.AI), question)
    'Achats (AI)'
    """
    return question.label if place.activity is None else f"{question.label} ({printed_activities([place.activity])})"
