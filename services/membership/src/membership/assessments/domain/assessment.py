"""A structure's self-assessment by one bank of questions: opened, answered alone or in a group, submitted, closed.

What was submitted does not change any more: a review stands beside it, and next year has an assessment of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from common.errors import Conflict, FieldError, Invalid, NotFound
from common.labels import Labelled
from common.wording import counted, write_day
from membership.banks.domain import Bank, Choice


class AssessmentMode(Labelled):
    """Who answers."""

    ALONE = "alone", "seule une personne répond"
    GROUP = "group", "chacun répond, puis le groupe tranche"


class AssessmentState(Labelled):
    """Where an assessment stands."""

    OPEN = "open", "en cours"
    SUBMITTED = "submitted", "remise"
    REVIEWED = "reviewed", "relue"
    CLOSED = "closed", "close"
    ABANDONED = "abandoned", "abandonnée"


class AssessmentNotFound(NotFound):
    """No such assessment within reach."""

    code = "assessment_not_found"


class AssessmentAlreadyOpen(Conflict):
    """A structure fills one assessment of a family at a time."""

    code = "assessment_already_open"


class BankClosed(Conflict):
    """An assessment begins with a bank that is in use that day."""

    code = "bank_closed"


class AssessmentSubmitted(Conflict):
    """What was submitted does not change, and what was abandoned is not taken up again."""

    code = "assessment_submitted"


class AssessmentNotSubmitted(Conflict):
    """There is nothing to review, to follow or to close before an assessment is submitted, nor once it is closed."""

    code = "assessment_not_submitted"


class AnswersUnfit(Invalid):
    """An answer does not fit its question: unknown, out of the scale, or said not to apply where it does."""

    code = "answers_unfit"


class AnswersMissing(Conflict):
    """Every question is answered, or said not to apply, before an assessment is submitted."""

    code = "answers_missing"


class AnswersBeingGathered(Conflict):
    """In a group, one answer is settled once everybody has given theirs."""

    code = "answers_being_gathered"


class AssessmentNotClosed(Conflict):
    """Only what was closed is taken up again."""

    code = "assessment_not_closed"


class TooFewGiven(Conflict):
    """A gathering ends once enough people have given their answers: it does not begin again."""

    code = "too_few_given"


class NoGathering(Conflict):
    """Answers are gathered in a group only, and until the gathering ends."""

    code = "no_gathering"


@dataclass(frozen=True, slots=True)
class Answer(Choice):
    """What was answered to a question, why, what proves it, and who wrote it when."""

    comment: str | None = None
    evidence: str | None = None
    recorded_at: datetime | None = None
    recorded_by: str | None = None


@dataclass(frozen=True, slots=True)
class SelfAssessment:
    """One assessment. Its ``answers`` are those of the structure: in a group, those that were settled."""

    id: UUID
    member_id: UUID
    bank: str
    family: str
    mode: AssessmentMode
    opened_on: date
    state: AssessmentState = AssessmentState.OPEN
    gathered_on: date | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    submitted_on: date | None = None
    closed_on: date | None = None
    version: int = 1

    @property
    def is_gathering(self) -> bool:
        """Whether people of the structure are still giving their own answers."""
        return self.state is AssessmentState.OPEN and self.mode is AssessmentMode.GROUP and self.gathered_on is None

    @property
    def is_submitted(self) -> bool:
        """Whether what was answered is settled for good."""
        return self.submitted_on is not None


def require_usable(bank: Bank, day: date) -> None:
    """Let an assessment begin only with a bank in use. Raises BankClosed."""
    if not bank.is_open_on(day):
        until = f" ; elle a servi jusqu'au {write_day(bank.until)}" if bank.until and bank.until < day else ""
        raise BankClosed(f"La banque « {bank.name} » sert à partir du {write_day(bank.since)}{until}.")


def require_fit(bank: Bank, given: Mapping[str, Choice], *, under: str = "/answers") -> None:
    """Let only answers through that fit their questions, naming all that do not, ``under`` what was sent.

    Raises AnswersUnfit.
    """
    errors = [
        FieldError(f"{under}/{code}", fault, sentence)
        for code, choice in given.items()
        if (found := _fault(bank, code, choice)) is not None
        for fault, sentence in (found,)
    ]
    if errors:
        raise AnswersUnfit(" ".join(error.message for error in errors[:5]), errors=errors)


def _fault(bank: Bank, code: str, choice: Choice) -> tuple[str, str] | None:
    question = bank.by_code.get(code)
    if question is None:
        return "question_unknown", f"La banque n'a pas de question « {code} »."
    if choice.level is not None and choice.not_applicable:
        return "answered_twice", f"« {code} » a un niveau, ou est sans objet : pas les deux."
    if choice.level is not None and not 0 <= choice.level <= bank.top:
        return "level_unknown", f"« {code} » se répond de 0 à {bank.top}."
    if choice.not_applicable and not question.may_be_inapplicable:
        return "always_applicable", f"« {code} » concerne toutes les structures : elle n'est jamais sans objet."
    return None


def require_open(assessment: SelfAssessment) -> None:
    """Let only an assessment through that is being filled. Raises AssessmentSubmitted."""
    if assessment.state is not AssessmentState.OPEN:
        raise AssessmentSubmitted(
            f"Cette auto-évaluation est {assessment.state.label} : ses réponses ne changent plus."
        )


def require_followed(assessment: SelfAssessment) -> None:
    """Let only an assessment through that is submitted and not closed. Raises AssessmentNotSubmitted."""
    if assessment.state not in (AssessmentState.SUBMITTED, AssessmentState.REVIEWED):
        raise AssessmentNotSubmitted(f"Cette auto-évaluation est {assessment.state.label}.")


def require_settling(assessment: SelfAssessment) -> None:
    """Let the structure's answers be written: by a person alone, or by a group whose answers are gathered.

    Raises AssessmentSubmitted, AnswersBeingGathered.
    """
    require_open(assessment)
    if assessment.is_gathering:
        raise AnswersBeingGathered("Chacun donne encore ses réponses : le groupe tranche quand la collecte est finie.")


def require_gathering(assessment: SelfAssessment) -> None:
    """Let people give answers of their own. Raises AssessmentSubmitted, NoGathering."""
    require_open(assessment)
    if not assessment.is_gathering:
        raise NoGathering("Cette auto-évaluation ne recueille pas, ou plus, les réponses de chacun.")


def amended(before: Answer, fields: Mapping[str, Any]) -> Answer:
    """Return an answer with what is said anew of it; the rest stays. Level and "not applicable" replace each other."""
    other: dict[str, Any] = {}
    if fields.get("level") is not None:
        other = {"not_applicable": False}
    elif fields.get("not_applicable"):
        other = {"level": None}
    return replace(before, **{**other, **fields})


def record(assessment: SelfAssessment, bank: Bank, given: Mapping[str, Answer]) -> SelfAssessment:
    """Write some of the structure's answers. Raises AssessmentSubmitted, AnswersBeingGathered, AnswersUnfit."""
    require_settling(assessment)
    require_fit(bank, given)
    return replace(assessment, answers={**assessment.answers, **given}, version=assessment.version + 1)


def require_gathered(assessment: SelfAssessment, given: int, minimum: int) -> None:
    """Let a gathering end to which enough people gave. Raises AssessmentSubmitted, NoGathering, TooFewGiven."""
    require_gathering(assessment)
    if given < minimum:
        raise TooFewGiven(
            f"Réponses données : {given} sur {minimum} au moins. Attendez les autres, ou abandonnez pour répondre seul."
        )


def end_gathering(assessment: SelfAssessment, given: int, minimum: int, today: date) -> SelfAssessment:
    """End the time in which each gives answers of their own. Raises AssessmentSubmitted, NoGathering, TooFewGiven."""
    require_gathered(assessment, given, minimum)
    return replace(assessment, gathered_on=today, version=assessment.version + 1)


def missing(assessment: SelfAssessment, bank: Bank) -> list[str]:
    """Return the questions that are not answered, in the bank's order."""
    answers = assessment.answers
    return [one.code for one in bank.questions if one.code not in answers or not answers[one.code].is_given]


def require_submittable(assessment: SelfAssessment, bank: Bank) -> None:
    """Let only a complete assessment be submitted, naming all that is missing.

    Raises AssessmentSubmitted, AnswersBeingGathered, AnswersMissing.
    """
    require_settling(assessment)
    codes = missing(assessment, bank)
    if codes:
        raise AnswersMissing(
            f"{counted(len(codes), 'question')} sans réponse.",
            errors=[FieldError(f"/answers/{code}", "unanswered", bank.by_code[code].text) for code in codes],
        )


def submit(assessment: SelfAssessment, bank: Bank, today: date) -> SelfAssessment:
    """Settle the answers for good. Raises AssessmentSubmitted, AnswersBeingGathered, AnswersMissing."""
    require_submittable(assessment, bank)
    return replace(
        assessment,
        state=AssessmentState.SUBMITTED,
        submitted_on=today,
        version=assessment.version + 1,
    )


def reviewed(assessment: SelfAssessment) -> SelfAssessment:
    """Take note that a review was given. Raises AssessmentNotSubmitted."""
    require_followed(assessment)
    return replace(assessment, state=AssessmentState.REVIEWED, version=assessment.version + 1)


def close(assessment: SelfAssessment, today: date) -> SelfAssessment:
    """End the follow-up of an assessment and of its plan. Raises AssessmentNotSubmitted."""
    require_followed(assessment)
    return replace(assessment, state=AssessmentState.CLOSED, closed_on=today, version=assessment.version + 1)


def require_closed(assessment: SelfAssessment) -> None:
    """Let only a closed assessment through. Raises AssessmentNotClosed."""
    if assessment.state is not AssessmentState.CLOSED:
        raise AssessmentNotClosed(f"Cette auto-évaluation n'est pas close : elle est {assessment.state.label}.")


def reopen(assessment: SelfAssessment, *, was_reviewed: bool) -> SelfAssessment:
    """Take up again the follow-up of a closed assessment. Raises AssessmentNotClosed."""
    require_closed(assessment)
    state = AssessmentState.REVIEWED if was_reviewed else AssessmentState.SUBMITTED
    return replace(assessment, state=state, closed_on=None, version=assessment.version + 1)


def abandon(assessment: SelfAssessment) -> SelfAssessment:
    """Give an assessment up before it is submitted. Raises AssessmentSubmitted."""
    require_open(assessment)
    return replace(assessment, state=AssessmentState.ABANDONED, version=assessment.version + 1)
