"""What each person of a group answers alone, blind to the others' answers until nobody gives any more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from common.errors import Conflict, NotFound
from membership.assessments.domain.assessment import (
    Answer,
    AssessmentState,
    SelfAssessment,
    require_fit,
    require_gathering,
)
from membership.assessments.domain.review import is_invited
from membership.banks.domain import Bank


@dataclass(frozen=True, slots=True)
class GroupRule:
    """How many people give before a gathering ends, and how many answers to a question make a spread. Dated data.

    Fewer answers than that are not a spread: each would read the others'.
    """

    since: date
    given_minimum: int
    answers_minimum: int
    status: str
    source: str


class SheetNotFound(NotFound):
    """This person has not begun to answer."""

    code = "sheet_not_found"


class SheetExists(Conflict):
    """A person has one sheet in an assessment."""

    code = "sheet_exists"


class SheetGiven(Conflict):
    """Given answers do not change: who gave them may have seen the others'."""

    code = "sheet_given"


class SheetEmpty(Conflict):
    """A sheet without any answer is not given: it would only open the others'."""

    code = "sheet_empty"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's own answers. The person is known by an identifier only, and to nobody else."""

    id: UUID
    assessment_id: UUID
    subject: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    given_at: datetime | None = None
    version: int = 1

    @property
    def is_by_link(self) -> bool:
        """Whether the structure alone says who it is: it may have sent itself the link."""
        return is_invited(self.subject)


@dataclass(frozen=True, slots=True)
class Spread:
    """How many people gave which answer to a question. No comment, no name."""

    levels: tuple[int, ...]
    not_applicable: int

    @property
    def answers(self) -> int:
        """How many answered."""
        return sum(self.levels) + self.not_applicable


def fill(sheet: Sheet, assessment: SelfAssessment, bank: Bank, given: Mapping[str, Answer]) -> Sheet:
    """Write some of one's own answers. Raises AssessmentSubmitted, NoGathering, SheetGiven, AnswersUnfit."""
    require_fillable(sheet, assessment)
    require_fit(bank, given)
    return replace(sheet, answers={**sheet.answers, **given}, version=sheet.version + 1)


def give(sheet: Sheet, assessment: SelfAssessment, at: datetime) -> Sheet:
    """Give one's own answers to the group. Raises AssessmentSubmitted, NoGathering, SheetGiven, SheetEmpty."""
    require_giveable(sheet, assessment)
    return replace(sheet, given_at=at, version=sheet.version + 1)


def spreads_are_told(assessment: SelfAssessment) -> bool:
    """Tell whether the group sees how answers spread: once, when nobody gives any more.

    Seen before, twice, the difference would be the answers of who gave in between.
    """
    return assessment.gathered_on is not None and assessment.state is not AssessmentState.ABANDONED


def spreads(bank: Bank, sheets: Collection[Sheet], minimum: int) -> dict[str, Spread]:
    """Return how given answers spread, by question; questions that fewer than ``minimum`` answered are left out.

    Links do not make up the number for those who have an account: whoever sends them can hold some, and subtract.
    """
    given = [sheet for sheet in sheets if sheet.given_at is not None]
    found = {question.code: _told(question.code, given, minimum) for question in bank.questions}
    return {code: _spread(bank, answers) for code, answers in found.items() if answers}


def _told(code: str, sheets: Collection[Sheet], minimum: int) -> list[Answer]:
    """Return the answers that are told together: all, or those by link alone, or none."""
    answered = [sheet for sheet in sheets if code in sheet.answers and sheet.answers[code].is_given]
    by_link = [sheet for sheet in answered if sheet.is_by_link]
    by_account = len(answered) - len(by_link)
    told = answered if by_account >= minimum else by_link
    return [sheet.answers[code] for sheet in told] if len(told) >= minimum else []


def _spread(bank: Bank, answers: Collection[Answer]) -> Spread:
    return Spread(
        levels=tuple(sum(answer.level == step.level for answer in answers) for step in bank.scale),
        not_applicable=sum(answer.not_applicable for answer in answers),
    )


def require_giveable(sheet: Sheet, assessment: SelfAssessment) -> None:
    """Let a person give what they answered, once. Raises AssessmentSubmitted, NoGathering, SheetGiven, SheetEmpty."""
    require_fillable(sheet, assessment)
    if not any(answer.is_given for answer in sheet.answers.values()):
        raise SheetEmpty("Répondez à une question au moins avant de donner vos réponses.")


def require_fillable(sheet: Sheet, assessment: SelfAssessment) -> None:
    """Let a person answer until they gave their answers. Raises AssessmentSubmitted, NoGathering, SheetGiven."""
    require_gathering(assessment)
    if sheet.given_at is not None:
        raise SheetGiven("Vos réponses sont données : elles ne changent plus.")
