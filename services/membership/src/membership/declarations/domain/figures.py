"""The figures of a declaration: read against what is asked, and compared from one revision to the next."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from common.errors import FieldError, Invalid
from common.wording import counted
from membership.declarations.domain.questionnaire import (
    CARRIED_OVER,
    Place,
    Question,
    Questionnaire,
    Unit,
    decimals,
    name_place,
)
from membership.members.domain import ActivityKind, printed_activities

Answers = Mapping[Place, Decimal]
"""What was answered; what is absent was not."""

Comments = Mapping[Place, str]
"""What the declarer says of a check's warning, by the check's code and the activity it is about."""


class FiguresRefused(Invalid):
    """Some figures answer no question of this structure's form, or not in its unit; each is named."""

    code = "figures_refused"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as it was given, and the unit it was given in where the declarer said so."""

    place: Place
    value: Decimal
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that differs between two revisions; None where it was not given."""

    place: Place
    before: Decimal | None
    after: Decimal | None


def read_figures(figures: Iterable[Figure], questionnaire: Questionnaire, asked: Mapping[Place, Question]) -> Answers:
    """Return the answers that figures are, incomplete or not. Raises FiguresRefused, naming each that is none."""
    answers: dict[Place, Decimal] = {}
    faults = []
    for rank, figure in enumerate(figures):
        fault = _fault(figure, questionnaire, asked, answers)
        if fault:
            faults.append(FieldError(f"/body/figures/{rank}", *fault))
        else:
            places = decimals(asked[figure.place].unit)
            answers[figure.place] = figure.value.quantize(Decimal(1).scaleb(-places))
    _refuse(faults)
    return {place: answers[place] for place in asked if place in answers}


def read_comments(
    given: Iterable[tuple[Place, str]], questionnaire: Questionnaire, made: Collection[Place]
) -> Comments:
    """Return comments on the checks ``made`` of a structure, one at most on each. Raises FiguresRefused."""
    known = {CARRIED_OVER, *(check.code for check in questionnaire.checks)}
    comments: dict[Place, str] = {}
    faults = []
    for rank, (place, comment) in enumerate(given):
        pointer = f"/body/comments/{rank}"
        if place.code not in known:
            faults.append(FieldError(pointer, "check_unknown", f"Aucun contrôle n'a le code « {place.code} »."))
        elif place not in made:
            faults.append(FieldError(pointer, "check_not_made", _not_made(place)))
        elif place in comments:
            faults.append(FieldError(pointer, "comment_twice", "Ce contrôle est commenté deux fois."))
        else:
            comments[place] = comment
    _refuse(faults)
    return comments


def _not_made(place: Place) -> str:
    if place.activity is None:
        return f"Le contrôle « {place.code} » se commente pour une activité."
    about = printed_activities([place.activity])
    return f"Le contrôle « {place.code} » n'est pas fait pour l'activité {about}."


def changes(before: Answers, after: Answers) -> list[Change]:
    """Return the figures that differ, in the order of the later revision, then those it no longer has."""
    every = dict.fromkeys([*after, *before])
    return [
        Change(place, before.get(place), after.get(place)) for place in every if before.get(place) != after.get(place)
    ]


def activities_answered(answers: Answers) -> list[ActivityKind]:
    """Return the activities that answers are about, in the federation's order."""
    found = {place.activity for place in answers}
    return [activity for activity in ActivityKind if activity in found]


def of_both(previous: Answers, before: Questionnaire, asked: Mapping[Place, Question]) -> Answers:
    """Return last year's answers that this year's form can show: the same code, asked of the same, in the same unit."""
    known = before.by_code
    return {
        place: value
        for place, value in previous.items()
        if place in asked
        and place.code in known
        and (known[place.code].unit, known[place.code].scope) == (asked[place].unit, asked[place].scope)
    }


def _fault(
    figure: Figure, questionnaire: Questionnaire, asked: Mapping[Place, Question], read: Answers
) -> tuple[str, str] | None:
    code, _ = figure.place
    if code not in questionnaire.by_code:
        return "question_unknown", f"La question « {code} » n'est pas du questionnaire {questionnaire.version}."
    if figure.place not in asked:
        return (
            "figure_not_asked",
            f"« {questionnaire.by_code[code].label} » n'est pas demandée ainsi à cette structure.",
        )
    question = asked[figure.place]
    name = name_place(figure.place, question)
    if figure.place in read:
        return "figure_twice", f"« {name} » est donnée deux fois."
    if figure.unit not in (None, question.unit):
        return "unit_wrong", f"« {name} » se donne en {question.unit.label}."
    if -int(figure.value.normalize().as_tuple().exponent) > decimals(question.unit):
        return "figure_too_precise", f"« {name} » se donne avec {counted(decimals(question.unit), 'décimale')} au plus."
    return None


def _refuse(faults: list[FieldError]) -> None:
    if faults:
        many = f"{len(faults)} éléments ne conviennent pas au questionnaire."
        raise FiguresRefused(faults[0].message if len(faults) == 1 else many, errors=faults)
