"""One code means one thing: from one version of the questionnaire to the next, and in the Observatoire."""

import pytest

from membership.declarations.domain import Question
from membership.declarations.queries import questionnaires
from membership.directory.queries import sectors
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


def test_sectors_are_those_under_which_structures_are_found() -> None:
    """One list for the form and for the public directory, until the federation's own is known."""
    asked = {one.code: one.label for one in VERSIONS[-1].questions if one.section == "sectors"}
    listed = {f"sector_{one.code.replace('-', '_')}": one.name for one in sectors().values()}
    assert asked == {**listed, "sector_other": "Autres secteurs"}
    [check] = [one for one in VERSIONS[-1].checks if one.code == "sectors_sum"]
    assert (set(check.parts), check.total) == (set(asked), 100)


@pytest.mark.parametrize(
    ("named", "codes"),
    [
        ("turnover", ["turnover"]),
        ("subsidies by funder", ["state", "departments", "municipalities", "esf", "regions_and_other"]),
        ("charges", ["charges"]),
        ("wages (permanent/pathway)", ["wages_permanent", "wages_pathway"]),
        ("taxes and contributions", ["taxes"]),
        ("purchases", ["purchases"]),
        ("clients %", ["private_profit", "private_nonprofit", "public", "individuals"]),
        ("activity by sector %", [one.code for one in VERSIONS[-1].questions if one.section == "sectors"]),
        ("headcount in pathway and permanents", ["headcount_pathway", "headcount_permanent"]),
        ("sex × age", [f"{sex}_{age}_share" for sex in ("women", "men") for age in ("under_26", "26_49", "50_over")]),
        ("qualification (< bac, ≥ bac)", ["below_bac_share", "bac_and_above_share"]),
        ("RSA, long-term unemployed", ["rsa_share", "long_term_share"]),
        ("unemployment duration at entry", ["under_1_year_share", "1_to_2_years_share", "over_2_years_share"]),
        ("dynamic exits", ["exits_lasting_share", "exits_transition_share", "exits_training_share"]),
    ],
)
def test_every_indicator_that_the_portraits_named_is_computed(named: str, codes: list[str]) -> None:
    """As the portraits of the Rapport d'activité 2024 list them."""
    prefix = {
        "subsidies by funder": "subsidies_",
        "clients %": "clients_",
        "unemployment duration at entry": "unemployed_",
    }
    assert {f"{prefix.get(named, '')}{code}" for code in codes} <= {one.code for one in INDICATORS}
