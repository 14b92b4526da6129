"""The questionnaires and the rule of the sending, as shipped and dated."""

from datetime import date
from functools import cache

from common.dated import rule_on
from common.shipped_data import shipped, shipped_rules
from training.evaluations.domain import (
    AskingRule,
    EvaluationKind,
    EvaluationQuestion,
    QuestionKind,
    Questionnaire,
)
from training.evaluations.schemas import EvaluationQuestionOut, QuestionnaireOut

_PACKAGE = "training.evaluations"


@cache
def _asking_rules() -> tuple[AskingRule, ...]:
    return shipped_rules(_PACKAGE, "asking.toml", AskingRule)


def asking_rule(day: date) -> AskingRule:
    """Return when evaluations of a day are sent and recalled. Raises RuleMissing."""
    return rule_on(_asking_rules(), day)


@cache
def questionnaires() -> tuple[Questionnaire, ...]:
    """Return every questionnaire, of every day."""
    return tuple(
        Questionnaire(
            **{
                **given,
                "kind": EvaluationKind(given["kind"]),
                "questions": tuple(
                    EvaluationQuestion(
                        **{**one, "kind": QuestionKind(one["kind"]), "options": tuple(one.get("options", ()))}
                    )
                    for one in given["questions"]
                ),
            }
        )
        for given in shipped(_PACKAGE, "questionnaires.toml")["questionnaires"]
    )


def questionnaire_on(kind: EvaluationKind, day: date) -> Questionnaire:
    """Return what is asked on a day. Raises RuleMissing."""
    return rule_on([one for one in questionnaires() if one.kind is kind], day)


def show_questionnaires() -> list[QuestionnaireOut]:
    """Return every questionnaire as the API shows it."""
    return [
        QuestionnaireOut(
            kind=one.kind,
            kind_label=one.kind.label,
            since=one.since,
            status=one.status,
            source=one.source,
            intro=one.intro,
            questions=[question_out(question) for question in one.questions],
        )
        for one in questionnaires()
    ]


def question_out(question: EvaluationQuestion) -> EvaluationQuestionOut:
    """Return a question as the API shows it."""
    return EvaluationQuestionOut(
        code=question.code,
        kind=question.kind,
        label=question.label,
        options=list(question.options),
        highest=question.highest,
    )
