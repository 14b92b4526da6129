"""Each threshold of the Observatoire on both sides: how few are hidden, who dominates a total, which figures compare.

Five structures: the Observatoire's own note, proposed and not voted; twelve for quartiles: three a quarter, a decision
of the house; 85 % of a total: the Insee's rule for enterprises. All are dated data, `assumed`; the rest is in ADR 0028.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from common.errors import obstacle
from membership.declarations.domain import Campaign, Place, Unit
from membership.observatory.domain import (
    EVERYWHERE,
    CampaignStillOpen,
    Cell,
    HiddenBecause,
    Indicator,
    IndicatorSet,
    IndicatorsNotFound,
    Position,
    Scope,
    Summary,
    asked_of,
    hidden_totals,
    indicators_of,
    position,
    published,
    require_closed,
    rounded,
    to_three_digits,
    value_of,
)

from .test_rules import ACI, AI, RULE, SUM, summary

COUNTRY = Scope(AI, None)


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


@pytest.mark.parametrize(
    ("count", "hidden"),
    [
        pytest.param(4, HiddenBecause.TOO_FEW, id="quatre structures : masqué"),
        pytest.param(5, None, id="cinq structures : montré"),
    ],
)
def test_five_structures_of_a_kind_are_shown(count: int, hidden: HiddenBecause | None) -> None:
    [cell] = published("x", {COUNTRY: summary(count)}, RULE, adds_up=True)
    assert (cell.hidden, cell.total_hidden) == (hidden, hidden)
    assert (cell.count, cell.median is None) == (None if hidden else count, hidden is not None)


@pytest.mark.parametrize(
    ("count", "quartiles"),
    [
        pytest.param(11, False, id="onze structures : la médiane seule"),
        pytest.param(12, True, id="douze structures, trois par quart : les quartiles aussi"),
    ],
)
def test_quartiles_are_of_twelve_structures(count: int, quartiles: bool) -> None:
    [cell] = published("x", {COUNTRY: summary(count)}, RULE, adds_up=True)
    assert (cell.median, cell.quarters is not None) == (Decimal(2), quartiles)


@pytest.mark.parametrize(
    ("largest", "hidden"),
    [
        pytest.param("850", None, id="85 % du total, exactement : montré"),
        pytest.param("850.01", HiddenBecause.DOMINATED, id="un peu plus de 85 % : masqué"),
    ],
)
def test_no_structure_makes_nearly_all_of_a_total(largest: str, hidden: HiddenBecause | None) -> None:
    [cell] = published("x", {COUNTRY: summary(20, "1000", largest)}, RULE, adds_up=True)
    assert (cell.total_hidden, cell.total) == (hidden, None if hidden else Decimal(1000))
    assert cell.median == Decimal(2)  # a median is of none of them


@pytest.mark.parametrize(
    ("largest", "hidden"),
    [
        pytest.param("80", None, id="80 de 100 chez les autres : montré"),
        pytest.param("90", HiddenBecause.DOMINATED, id="90 de 100 chez les autres : sa délégation la trouverait"),
    ],
)
def test_a_delegation_that_subtracts_its_own_finds_no_structure(largest: str, hidden: HiddenBecause | None) -> None:
    """Occitanie reads its own 900: what remains of 1,000 is the 100 of the six of Bretagne."""
    summaries = {
        COUNTRY: summary(26, "1000", "100"),
        Scope(AI, "occitanie"): summary(20, "900", "100"),
        Scope(AI, "bretagne"): summary(6, "100", largest),
    }
    cells = {cell.scope: cell for cell in published("x", summaries, RULE, adds_up=True)}
    assert (cells[COUNTRY].total is None) is (hidden is not None)


@pytest.mark.parametrize(
    ("count", "giving", "hidden"),
    [
        pytest.param(
            6, 2, HiddenBecause.TOO_FEW, id="six répondent, quatre zéro : des deux autres, chacune trouverait l'autre"
        ),
        pytest.param(9, 4, HiddenBecause.TOO_FEW, id="quatre donnent un montant"),
        pytest.param(9, 5, None, id="cinq donnent un montant : montré"),
        pytest.param(9, 0, HiddenBecause.TOO_FEW, id="toutes zéro : le total dirait la réponse de chacune"),
    ],
)
def test_a_total_is_of_those_who_do_not_say_zero(count: int, giving: int, hidden: HiddenBecause | None) -> None:
    """Six AI answer what the ESF subsidises: 60,000, 40,000 and four zeros. The median is of all six."""
    total, largest = ("0", "0") if not giving else ("100000", "60000")
    [cell] = published("x", {COUNTRY: summary(count, total, largest, giving)}, RULE, adds_up=True)
    assert (cell.total_hidden, cell.total is None) == (hidden, hidden is not None)
    assert (cell.count, cell.median) == (count, Decimal(2))


@pytest.mark.parametrize(
    ("giving", "shown"),
    [
        pytest.param(4, False, id="hors d'Occitanie, quatre donnent un montant"),
        pytest.param(5, True, id="hors d'Occitanie, cinq"),
    ],
)
def test_a_delegation_subtracts_its_own_from_those_who_give(giving: int, shown: bool) -> None:
    summaries = {
        COUNTRY: summary(30, giving=20 + giving),
        Scope(AI, "occitanie"): summary(20, "800", giving=20),
        Scope(AI, "bretagne"): summary(10, "200", "60", giving=giving),
    }
    cells = {cell.scope: cell for cell in published("x", summaries, RULE, adds_up=True)}
    assert (cells[COUNTRY].total is not None) is shown


def test_a_kind_of_which_few_give_takes_another_with_it() -> None:
    """The total of all less that of AI would be that of the two ACI who do not say zero."""
    kinds = {COUNTRY: summary(9), Scope(ACI, None): summary(9, giving=2), EVERYWHERE: summary(18, "2000", giving=11)}
    cells = {cell.scope: cell for cell in published("x", kinds, RULE, adds_up=True)}
    assert {scope for scope, cell in cells.items() if cell.total is None} == {COUNTRY, Scope(ACI, None)}
    assert cells[EVERYWHERE].total == Decimal(2000)


def test_only_amounts_and_people_make_a_total() -> None:
    """Percentages do not add up, nor do medians (rapport d'activité 2024: the portrait is one of medians)."""
    summaries = {COUNTRY: summary(20), Scope(ACI, None): summary(20), EVERYWHERE: summary(40)}
    shares = published("x", summaries, RULE, adds_up=False)
    assert [(cell.scope.kind, cell.total, cell.median) for cell in shares] == [
        (AI, None, Decimal(2)),
        (ACI, None, Decimal(2)),
    ]
    sums = published("x", summaries, RULE, adds_up=True)
    assert [(cell.scope.kind, cell.total) for cell in sums] == [
        (AI, Decimal(1000)),
        (ACI, Decimal(1000)),
        (None, Decimal(1000)),
    ]
    assert [replace(SUM, unit=unit).adds_up for unit in Unit] == [unit is not Unit.PERCENT for unit in Unit]


def test_a_kind_alone_is_told_once_and_not_again_as_all() -> None:
    cells = published("x", {COUNTRY: summary(20), EVERYWHERE: summary(20)}, RULE, adds_up=True)
    assert [cell.scope for cell in cells] == [COUNTRY]


def test_a_total_of_all_that_would_tell_a_hidden_one_is_not_told() -> None:
    summaries = {COUNTRY: summary(20), Scope(ACI, None): summary(20), EVERYWHERE: summary(40)}
    cells = published("x", summaries, RULE, adds_up=True, told={EVERYWHERE})
    assert EVERYWHERE not in {cell.scope for cell in cells}


def test_what_is_counted_only_has_no_cell_of_its_own() -> None:
    """Without quartiles a part is counted and added up: it hides with the others, and shows nothing."""
    part = Scope(AI, "idf")
    without = Summary(9, None, Decimal(100), Decimal(20), 9)
    assert part not in {
        cell.scope for cell in published("x", {COUNTRY: summary(20), part: without}, RULE, adds_up=True)
    }


def test_which_totals_are_not_told() -> None:
    told = Cell(COUNTRY, "x", 9, Decimal(2), total=Decimal(5))
    untold = Cell(Scope(ACI, None), "x", total_hidden=HiddenBecause.DOMINATED)
    region = Cell(Scope(AI, "idf"), "x", 9, Decimal(2))
    assert hidden_totals([told, untold, region]) == {Scope(ACI, None)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("19", Position.BELOW, id="sous la médiane"),
        pytest.param("20", Position.ABOVE, id="à la médiane"),
        pytest.param("900", Position.ABOVE, id="au-dessus, sans quartiles : pas de quart le plus haut"),
    ],
)
def test_without_quartiles_a_structure_stands_by_the_median(value: str, expected: Position) -> None:
    assert position(Decimal(value), Cell(COUNTRY, "x", 9, Decimal(20))) is expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param("748664.5", Unit.EUR, "748665", id="un demi-euro monte"),
        pytest.param("748664.49", Unit.EUR, "748664", id="moins d'un demi descend"),
        pytest.param("1820.5", Unit.HOURS, "1821", id="des heures entières"),
        pytest.param("33.25", Unit.PERCENT, "33.3", id="une part au dixième"),
        pytest.param("7.25", Unit.PEOPLE, "7.3", id="des personnes au dixième : une médiane en coupe une"),
    ],
)
def test_how_a_statistic_is_rounded(value: str, unit: Unit, expected: str) -> None:
    assert rounded(Decimal(value), unit) == Decimal(expected)


def test_three_digits_are_written_in_full() -> None:
    """Not 7.49E+5: a reader of the export has a number."""
    assert [str(to_three_digits(Decimal(value))) for value in ("748664", "12.34", "0")] == ["749000", "12.3", "0"]


WHOLE = Indicator("w", "W", "t", Unit.EUR, "", ("a", "b", "c"))


@pytest.mark.parametrize(
    ("whole", "part", "holds"),
    [
        pytest.param(WHOLE, SUM, True, id="la somme de trois tient celle de deux"),
        pytest.param(SUM, WHOLE, False, id="pas l'inverse"),
        pytest.param(WHOLE, replace(WHOLE, code="v"), False, id="les mêmes figures : pas une partie"),
        pytest.param(replace(WHOLE, over=("a",)), SUM, False, id="une part n'est pas un total"),
        pytest.param(WHOLE, replace(SUM, over=("a",)), False, id="ni le total d'une part"),
        pytest.param(WHOLE, replace(SUM, of=("a", "z")), False, id="une figure d'ailleurs"),
    ],
)
def test_which_total_holds_another(whole: Indicator, part: Indicator, holds: bool) -> None:
    assert whole.is_made_of(part) is holds


def test_an_indicator_is_computed_where_all_its_figures_are_asked() -> None:
    share = Indicator("p", "P", "t", Unit.PERCENT, "", ("a",), ("b",), ("d",))
    held = IndicatorSet("1", 2024, "assumed", "", (), (SUM, share))
    assert asked_of(held, ["a", "b"]).codes == ["s"]
    assert asked_of(held, ["a", "b", "d"]).codes == ["s", "p"]
    assert asked_of(held, ["a", "d"]).codes == []


@pytest.mark.parametrize(
    ("year", "version"),
    [
        pytest.param(2024, "1", id="l'année même de la première version"),
        pytest.param(2025, "1", id="la veille de la seconde"),
        pytest.param(2026, "2b", id="deux versions de la même année : la dernière"),
        pytest.param(2030, "2b", id="plus tard : la dernière tient"),
        pytest.param(2023, None, id="avant la première : rien n'est défini"),
    ],
)
def test_which_version_holds_for_a_year(year: int, version: str | None) -> None:
    sets = [
        IndicatorSet(code, since, "assumed", "", (), ()) for code, since in (("2b", 2026), ("1", 2024), ("2a", 2026))
    ]
    if version is None:
        with pytest.raises(IndicatorsNotFound, match="2023"):
            indicators_of(sets, year)
    else:
        assert indicators_of(sets, year).version == version


@pytest.mark.parametrize(
    ("years", "comparable"),
    [
        pytest.param([2023, 2024, 2025], ([2024, 2025], [2023]), id="l'année du changement compte"),
        pytest.param([2025, 2024], ([2024, 2025], []), id="dans l'ordre des années"),
    ],
)
def test_which_years_compare(years: list[int], comparable: tuple[list[int], list[int]]) -> None:
    assert replace(SUM, comparable_from=2024).comparable(years) == comparable


def test_a_figure_of_another_activity_is_none_of_it() -> None:
    answers = {Place("a", ACI): Decimal(9)}
    assert (value_of(SUM, answers, AI), value_of(SUM, answers, ACI)) == (None, Decimal(9))


def test_an_edition_is_of_a_campaign_that_is_over() -> None:
    campaign = Campaign(2025, "2025", (), date(2026, 3, 1), date(2026, 5, 31))
    assert found(lambda: require_closed(campaign)) is CampaignStillOpen
    require_closed(replace(campaign, closed_on=date(2026, 6, 1)))
