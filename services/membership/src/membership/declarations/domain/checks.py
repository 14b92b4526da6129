"""What the figures of a declaration say of each other: all that must be put right or explained, at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from membership.declarations.domain.figures import Answers, Comments
from membership.declarations.domain.questionnaire import (
    CARRIED_OVER,
    Check,
    CheckKind,
    CheckSeverity,
    Place,
    Questionnaire,
    QuestionScope,
    name_place,
    places,
    write_figure,
)
from membership.members.domain import ActivityKind, printed_activities

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked of one structure for one year: the questions, its activities that year, and last year's answers.

    ``previous`` are only those of last year's answers that this form still asks for, as its last revision gave them.
    """

    questionnaire: Questionnaire
    activities: tuple[ActivityKind, ...]
    previous: Answers = field(default_factory=dict)
    previous_revision: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to put right or to explain, about an activity or the whole structure, and the figures it compares."""

    code: str
    severity: CheckSeverity
    message: str
    places: tuple[Place, ...]
    activity: ActivityKind | None = None
    comment: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is asked of the declarer: a warning that has its comment."""
        return self.severity is CheckSeverity.WARNING and self.comment is not None


def findings(
    form: Form, answers: Answers, comments: Comments, carried: Collection[Place] = frozenset()
) -> list[Finding]:
    """Return all that must be put right or explained before a declaration can be made, in the order of the form.

    ``carried`` are the answers that were carried over from last year and stand as they were.
    """
    found = [*_missing(form, answers), *_not_asked(form, answers), *_carried_over(answers, comments, carried)]
    for check in form.questionnaire.checks:
        for activity in _abouts(form, check):
            finding = _Reading(form, answers, check, activity).finding()
            if finding is not None:
                comment = comments.get(Place(check.code, activity))
                found.append(Finding(check.code, check.severity, *finding, activity=activity, comment=comment))
    return found


def checks_made(form: Form) -> set[Place]:
    """Return every check that is made of a structure, with the activity it is about."""
    of_version = {Place(check.code, about) for check in form.questionnaire.checks for about in _abouts(form, check)}
    return {Place(CARRIED_OVER), *of_version}


def outstanding(found: Collection[Finding]) -> list[Finding]:
    """Return the findings that stop a declaration: errors, and warnings nobody has explained."""
    return [finding for finding in found if not finding.is_settled]


def _missing(form: Form, answers: Answers) -> Iterator[Finding]:
    for place, question in places(form.questionnaire, form.activities).items():
        if question.required and place not in answers:
            message = f"« {name_place(place, question)} » est à renseigner."
            yield Finding("missing", CheckSeverity.ERROR, message, (place,), place.activity)


def _not_asked(form: Form, answers: Answers) -> Iterator[Finding]:
    """A draft may be older than what the register has since said of the structure's activities."""
    asked = places(form.questionnaire, form.activities)
    for place in answers:
        if place not in asked:
            question = form.questionnaire.by_code[place.code]
            message = f"« {name_place(place, question)} » n'est plus demandée : le registre a changé. Retirez-la."
            yield Finding("not_asked", CheckSeverity.ERROR, message, (place,), place.activity)


def _carried_over(answers: Answers, comments: Comments, carried: Collection[Place]) -> Iterator[Finding]:
    """Nobody declares last year's figures for this one without having said that they were looked at."""
    standing = tuple(place for place in answers if place in carried)
    if standing:
        many = f"{len(standing)} chiffres sont repris" if len(standing) > 1 else "1 chiffre est repris"
        message = f"{many} de l'an dernier sans changement : vérifiez, corrigez au besoin, puis confirmez ici."
        comment = comments.get(Place(CARRIED_OVER))
        yield Finding(CARRIED_OVER, CheckSeverity.WARNING, message, standing, comment=comment)


def _abouts(form: Form, check: Check) -> list[ActivityKind | None]:
    """Return what a check is made about: each activity, or the whole structure as soon as one figure is of it."""
    questions = [form.questionnaire.by_code[code] for code in check.codes]
    if all(question.scope is QuestionScope.ACTIVITY for question in questions):
        return [activity for activity in form.activities if questions[0].is_asked_of(activity)]
    return [None]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One check made about one activity, or about the whole structure."""

    form: Form
    answers: Answers
    check: Check
    activity: ActivityKind | None

    def finding(self) -> tuple[str, tuple[Place, ...]] | None:
        """Return what is wrong, with the figures compared; None where nothing is, or nothing was answered yet."""
        parts = [amount for code in self.check.parts if (amount := self._amount(code, self.answers)) is not None]
        if not parts:
            return None
        compared = self._compared(parts, sum(parts, Decimal(0)))
        if compared is None:
            return None
        about = "" if self.activity is None else f"{printed_activities([self.activity])} : "
        return f"{about}{self.check.explanation} {compared}", self._places()

    def _compared(self, parts: list[Decimal], sum_of_parts: Decimal) -> str | None:
        check = self.check
        match check.kind:
            case CheckKind.SUMS_TO:
                total = self._total()
                is_right = total is None or abs(sum_of_parts - total) <= check.tolerance
                return None if is_right else f"{self._sum(parts)}, pour {self._written(total)} attendus."
            case CheckKind.AT_MOST:
                total = self._total()
                is_right = total is None or sum_of_parts <= total + check.tolerance
                return None if is_right else f"{self._sum(parts)}, pour {self._written(total)} au plus."
            case CheckKind.BETWEEN:
                if check.low <= sum_of_parts <= check.high:
                    return None
                bounds = f"entre {self._written(check.low)} et {self._written(check.high)}"
                return f"{self._sum(parts)}, {bounds} attendus."
            case CheckKind.CHANGED_MORE_THAN:
                return self._moved(sum_of_parts)

    def _moved(self, now: Decimal) -> str | None:
        before_each = [self._amount(code, self.form.previous) for code in self.check.parts]
        before = sum((amount for amount in before_each if amount is not None), Decimal(0))
        moved = abs(now - before)
        if not before or moved <= self.check.floor or moved * 100 <= before * self.check.percent:
            return None
        percent = ((now - before) * 100 / before).quantize(_TENTH, ROUND_HALF_UP)
        sign = "+" if percent > 0 else "\u2212"
        share = f"{abs(percent)}".replace(".", ",")
        return f"{self._written(now)}, contre {self._written(before)} l'année d'avant ({sign}{share}\u00a0%)."

    def _total(self) -> Decimal | None:
        """Return what the parts are compared with; None while it is not answered."""
        total = self.check.total
        return self._amount(total, self.answers) if isinstance(total, str) else total

    def _amount(self, code: str, answers: Answers) -> Decimal | None:
        """Return the answer to a question here: of the activity or, of the whole structure, of all its activities."""
        question = self.form.questionnaire.by_code[code]
        if question.scope is QuestionScope.ENTITY:
            return answers.get(Place(code))
        if self.activity is not None:
            return answers.get(Place(code, self.activity))
        each = [answers[place] for kind in self.form.activities if (place := Place(code, kind)) in answers]
        return sum(each, Decimal(0)) if each else None

    def _places(self) -> tuple[Place, ...]:
        """Return every figure a person may have to look at."""
        asked = places(self.form.questionnaire, self.form.activities)
        return tuple(
            place
            for place in asked
            if place.code in self.check.codes and (self.activity is None or place.activity in (None, self.activity))
        )

    def _sum(self, parts: list[Decimal]) -> str:
        total = self._written(sum(parts, Decimal(0)))
        return total if len(parts) == 1 else f"{' + '.join(map(self._written, parts))} = {total}"

    def _written(self, value: Decimal | None) -> str:
        unit = self.form.questionnaire.by_code[self.check.parts[0]].unit
        return write_figure(value or Decimal(0), unit)
