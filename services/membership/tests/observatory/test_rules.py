"""The rules of the Observatoire: what an indicator is worth, what may be shown, where a structure stands.

Indicators and medians by kind: rapport d'activité 2024. Thresholds are dated data, `assumed`; how they hide what a
subtraction would give is decided in ADR 0028.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.dated import rule_on
from common.secrecy import hidden_parts
from membership.declarations.domain import Place, Unit
from membership.declarations.queries import questionnaires
from membership.members.domain import ActivityKind
from membership.observatory.domain import (
    EVERYWHERE,
    Cell,
    HiddenBecause,
    Indicator,
    Position,
    RevisionUnexplained,
    Scope,
    Summary,
    indicators_of,
    position,
    published,
    require_explained,
    to_three_digits,
    value_of,
)
from membership.observatory.queries import indicator_sets, secrecy_rules

RULE = rule_on(secrecy_rules(), date(2026, 6, 1))
AI, ACI, EI = ActivityKind.AI, ActivityKind.ACI, ActivityKind.EI
SUM = Indicator("s", "S", "t", Unit.EUR, "", ("a", "b"))
GROUPED = Indicator("g", "G", "t", Unit.PERCENT, "", ("a",), ("a", "b"), ("a", "b"))
SHARE = Indicator("p", "P", "t", Unit.PERCENT, "", ("a",), ("a", "b"))


@pytest.mark.parametrize(
    ("indicator", "answers", "expected"),
    [
        pytest.param(SUM, {"a": "10", "b": "5"}, Decimal(15), id="une somme"),
        pytest.param(SUM, {"a": "10"}, Decimal(10), id="un chiffre vide à côté d'un autre compte pour zéro"),
        pytest.param(SUM, {}, None, id="rien de déclaré : pas de valeur"),
        pytest.param(SUM, {"a": "0"}, Decimal(0), id="zéro déclaré est une valeur"),
        pytest.param(SHARE, {"a": "1", "b": "3"}, Decimal(25), id="une part, pour cent"),
        pytest.param(SHARE, {"b": "3"}, None, id="part d'un chiffre non déclaré"),
        pytest.param(GROUPED, {"b": "3"}, Decimal(0), id="part d'un chiffre vide, demandé avec un autre : zéro"),
        pytest.param(SHARE, {"a": "0", "b": "0"}, None, id="part de rien"),
    ],
)
def test_what_an_indicator_is_worth(indicator: Indicator, answers: Mapping[str, str], expected: Decimal | None) -> None:
    given_ = {Place(code, AI): Decimal(value) for code, value in answers.items()}
    assert value_of(indicator, {**given_, Place("a", ACI): Decimal(99)}, AI) == expected


def test_the_shipped_indicators_are_made_of_questions_that_are_asked() -> None:
    for questionnaire in questionnaires().values():
        asked = {question.code: question for question in questionnaire.questions}
        held = indicators_of(indicator_sets(), questionnaire.year)
        assert held.status == "assumed"
        for one in held.indicators:
            if one.is_asked_in(list(asked)):
                units = {asked[code].unit for code in one.of}
                assert units == {one.unit} if not one.over else {asked[code].unit for code in one.over} == units
    last = indicators_of(indicator_sets(), 2025)
    asked_in_2025 = [question.code for question in questionnaires()["2025"].questions]
    assert all(one.is_asked_in(asked_in_2025) for one in last.indicators)


def test_only_years_that_measured_the_same_compare() -> None:
    renamed = Indicator("x", "X", "t", Unit.EUR, "", ("a",), comparable_from=2024)
    assert renamed.comparable([2025, 2022, 2024, 2023]) == ([2024, 2025], [2022, 2023])
    assert SUM.comparable([2025, 2022]) == ([2022, 2025], [])


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        pytest.param({"a": 5, "b": 40}, set(), id="cinq : montré"),
        pytest.param({"a": 4, "b": 40, "c": 9}, {"a", "c"}, id="quatre : masqué, et un autre avec"),
        pytest.param({"a": 1, "b": 2, "c": 40}, {"a", "b", "c"}, id="trois à elles deux : une troisième"),
        pytest.param({"a": 3, "b": 2, "c": 40}, {"a", "b"}, id="cinq à elles deux : assez"),
    ],
)
def test_what_is_hidden_cannot_be_found_by_subtraction(counts: dict[str, int], hidden: set[str]) -> None:
    assert hidden_parts(counts, 5) == hidden


@given(st.dictionaries(st.integers(0, 20), st.integers(0, 30), max_size=14), st.sets(st.integers(0, 20), max_size=2))
def test_the_whole_less_what_is_shown_never_names_anybody(counts: dict[int, int], told: set[int]) -> None:
    hidden = hidden_parts(counts, 5, told=told & counts.keys())
    shown = [count for part, count in counts.items() if part not in hidden]
    masked = [counts[part] for part in hidden if counts[part]]
    assert all(count >= 5 for count in shown)
    if shown and hidden:
        assert sum(masked) >= 5
        assert len(masked) > 1 or not any(counts[part] for part in told & counts.keys())


def summary(count: int, total: str = "1000", largest: str = "100", giving: int | None = None) -> Summary:
    """Sum up structures, of which ``giving`` do not say zero: all, unless told."""
    quartiles = (Decimal(1), Decimal(2), Decimal(3))
    return Summary(count, quartiles, Decimal(total), Decimal(largest), count if giving is None else giving)


def test_a_small_delegation_hides_and_takes_another_with_it() -> None:
    summaries = {
        Scope(AI, None): summary(18),
        Scope(AI, "occitanie"): summary(9),
        Scope(AI, "idf"): summary(6),
        Scope(AI, "bretagne"): summary(3),
    }
    cells = {cell.scope.delegation: cell for cell in published("x", summaries, RULE, adds_up=False)}
    assert (cells[None].count, cells[None].quarters) == (18, (Decimal(1), Decimal(3)))
    assert (cells["occitanie"].count, cells["occitanie"].median, cells["occitanie"].quarters) == (9, Decimal(2), None)
    few, other = cells["bretagne"], cells["idf"]
    assert (few.hidden, few.count, few.median) == (HiddenBecause.TOO_FEW, None, None)
    assert (other.hidden, other.median) == (HiddenBecause.DEDUCIBLE, None)


def test_those_without_a_delegation_are_a_part_of_the_country() -> None:
    """One alone is the country less the regions: a region hides with it; its own cell is shown nowhere."""
    summaries = {Scope(AI, None): summary(12), Scope(AI, "idf"): summary(11), Scope(AI, ""): summary(1)}
    cells = {cell.scope.delegation: cell for cell in published("x", summaries, RULE, adds_up=False)}
    assert cells.keys() == {None, "idf"}
    assert cells["idf"].hidden is HiddenBecause.DEDUCIBLE


def test_a_total_is_hidden_with_that_of_a_part_of_it() -> None:
    """Subsidies less those of the State are those of the others: of one structure, if one alone has them."""
    summaries = {Scope(AI, None): summary(9), EVERYWHERE: summary(9)}
    [cell] = published("x", summaries, RULE, adds_up=True, told={Scope(AI, None), EVERYWHERE})
    assert (cell.total, cell.total_hidden, cell.median) == (None, HiddenBecause.DEDUCIBLE, Decimal(2))


@pytest.mark.parametrize(
    ("regions", "shown"),
    [
        pytest.param({"occitanie": 4, "bretagne": 1}, False, id="Occitanie lit les siennes : il reste une structure"),
        pytest.param({"occitanie": 40, "bretagne": 4}, False, id="il en reste quatre"),
        pytest.param({"occitanie": 40, "bretagne": 5}, True, id="il en reste cinq"),
        pytest.param({"occitanie": 9}, True, id="elle les a toutes : elle n'apprend rien"),
        pytest.param({"occitanie": 9, "": 2}, False, id="les autres n'ont pas de délégation"),
    ],
)
def test_a_delegation_does_not_find_the_few_that_are_not_its_own(regions: dict[str, int], shown: bool) -> None:
    summaries = {Scope(AI, region): summary(count) for region, count in regions.items()}
    summaries[Scope(AI, None)] = summary(sum(regions.values()))
    cells = {cell.scope.delegation: cell for cell in published("x", summaries, RULE, adds_up=True)}
    assert (cells[None].median is not None, cells[None].total is not None) == (shown, shown)


def test_a_kind_of_four_structures_shows_nothing_anywhere() -> None:
    summaries = {Scope(EI, None): summary(4), Scope(EI, "idf"): summary(4)}
    assert {cell.hidden for cell in published("x", summaries, RULE, adds_up=True)} == {HiddenBecause.TOO_FEW}


@pytest.mark.parametrize(
    ("kinds", "hidden", "whole"),
    [
        pytest.param({AI: summary(9), ACI: summary(7)}, {}, "2000", id="rien à masquer"),
        pytest.param(
            {AI: summary(9), ACI: summary(7), EI: summary(2)},
            {EI: "too_few", ACI: "deducible"},
            "3000",
            id="un type de deux structures, et le plus petit des autres",
        ),
        pytest.param(
            {AI: summary(9), ACI: summary(7, largest="900"), EI: summary(8)},
            {ACI: "dominated", EI: "deducible"},
            "3000",
            id="une structure fait plus de 85 % du total de son type",
        ),
        pytest.param(
            {AI: summary(9), ACI: summary(3, "10000", "9000"), EI: summary(5, "100", "20")},
            {ACI: "too_few", EI: "deducible", AI: "deducible"},
            "11100",
            id="ce qui est masqué reste l'affaire d'une seule : tous les types se masquent",
        ),
        pytest.param(
            {AI: summary(9), ACI: summary(7, "100000", "95000")},
            {ACI: "dominated", AI: "deducible"},
            None,
            id="le total de tous est aussi l'affaire d'une seule",
        ),
    ],
)
def test_totals_are_told_in_the_country_only(
    kinds: dict[ActivityKind, Summary], hidden: dict[ActivityKind, str], whole: str | None
) -> None:
    summaries = {Scope(kind, None): one for kind, one in kinds.items()}
    every = kinds.values()  # no structure has two kinds
    total = sum((one.total for one in every), Decimal(0))
    together = summary(sum(one.count for one in every), str(total), str(max(one.largest for one in every)))
    cells = published("x", {**summaries, EVERYWHERE: together}, RULE, adds_up=True)
    by_kind = {cell.scope.kind: cell for cell in cells}
    assert {kind: cell.total_hidden for kind, cell in by_kind.items() if cell.total_hidden} == hidden
    assert (by_kind[None].total if None in by_kind else None) == (Decimal(whole) if whole else None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("9", Position.LOWEST),
        ("10", Position.BELOW),
        ("20", Position.ABOVE),
        ("30", Position.ABOVE),
        ("31", Position.HIGHEST),
    ],
)
def test_where_a_structure_stands_among_its_kind(value: str, expected: Position) -> None:
    cell = Cell(Scope(AI, None), "x", 15, Decimal(20), (Decimal(10), Decimal(30)))
    assert position(Decimal(value), cell) is expected
    assert position(Decimal(value), Cell(Scope(AI, None), "x", hidden=HiddenBecause.TOO_FEW)) is None


def test_the_same_few_structures_of_several_kinds_are_still_few() -> None:
    """Two structures that each have three kinds: hidden one by one, and together."""
    kinds = {Scope(kind, None): summary(2) for kind in (AI, ACI, EI)}
    cells = published("x", {**kinds, EVERYWHERE: summary(2, "3000", "1500")}, RULE, adds_up=True)
    assert {cell.scope for cell in cells} == set(kinds)
    assert {cell.total for cell in cells} == {None}


def test_a_median_of_few_is_told_to_three_digits() -> None:
    told = [to_three_digits(Decimal(value)) for value in ("748664", "33.3", "0", "12.5", "1005")]
    assert told == [Decimal(value) for value in ("749000", "33.3", "0", "12.5", "1010")]


def test_a_second_edition_says_why() -> None:
    require_explained(0, None)
    require_explained(1, "déclarations corrigées")
    with pytest.raises(RevisionUnexplained):
        require_explained(1, None)
