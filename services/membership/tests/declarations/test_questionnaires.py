"""One code means one thing: from one version of the questionnaire to the next, and in the Observatoire."""

import pytest

from membership.declarations.domain import Question
from membership.declarations.queries import questionnaires
from membership.observatory.domain import Indicator, indicators_of
from membership.observatory.queries import indicator_sets

EDITORIAL: frozenset[tuple[str, str]] = frozenset()
"""(version, code) of questions put in other words since the version before, which mean the same."""

WHEN = ("31 décembre", "à l'entrée", "dans l'année")
"""What a question says of the moment it is about; an indicator made of it says so too."""

VERSIONS = sorted(questionnaires().values(), key=lambda one: one.version)
INDICATORS = indicators_of(indicator_sets(), VERSIONS[-1].year).indicators


def test_a_code_kept_from_one_version_to_the_next_asks_the_same() -> None:
    known: dict[str, Question] = {}
    for questionnaire in VERSIONS:
        for question in questionnaire.questions:
            before = known.get(question.code)
            if before is not None and (questionnaire.version, question.code) not in EDITORIAL:
                asked = (question.label, question.help, question.unit, question.scope)
                assert asked == (before.label, before.help, before.unit, before.scope), question.code
            known[question.code] = question


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.code)
def test_an_indicator_compares_with_the_years_that_asked_for_all_it_is_made_of(indicator: Indicator) -> None:
    years = [one.year for one in VERSIONS if indicator.is_asked_in([question.code for question in one.questions])]
    assert indicator.comparable_from == min(years)


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.code)
def test_an_indicator_says_of_which_moment_its_questions_are(indicator: Indicator) -> None:
    told = f"{indicator.label} {indicator.definition}".casefold()
    for code in indicator.of:
        question = VERSIONS[-1].by_code[code]
        for moment in WHEN:
            if moment in f"{question.label} {question.help}".casefold():
                assert moment in told, (indicator.code, moment)
