"""The rules that a grid chooses among: joiners, several activities, associate members."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from common.sourced import Datum, DatumStatus
from dues.grids.domain import (
    Activity,
    Assessment,
    Associates,
    Grid,
    Joiners,
    RateNotFound,
    SeveralActivities,
    Step,
    assess,
    declared_base,
)
from dues.grids.queries import grid_of, smic_table

GRID = grid_of(2026)


def assumed(value: object) -> Datum[object]:
    return Datum(value=value, status=DatumStatus.ASSUMED, source="essai", note="règle à l'essai")


MONTHLY: Grid = replace(GRID, joiners=assumed(Joiners.MONTHLY))  # type: ignore[arg-type]
HIGHEST: Grid = replace(GRID, several_activities=assumed(SeveralActivities.HIGHEST_RATE))  # type: ignore[arg-type]
AS_ACTIVE: Grid = replace(GRID, associates=assumed(Associates.AS_ACTIVE))  # type: ignore[arg-type]
AI = (Activity(kind="ai", main=True),)


def text(assessment: Assessment, step: Step) -> str:
    [line] = [line for line in assessment.explanation if line.step is step]
    return line.text.replace("\u202f", " ").replace("\u00a0", " ")


# 0.6 % of 100,000 euros is 600.00; of 998,493 it is 5,990.96, capped at 4,808.00.
@pytest.mark.parametrize(
    ("joined_on", "base", "fixed", "variable"),
    [
        pytest.param(date(2026, 1, 31), "100000", "800.00", "600.00", id="janvier : douze douzièmes"),
        pytest.param(date(2026, 2, 1), "100000", "733.33", "550.00", id="février : onze"),
        pytest.param(date(2026, 7, 1), "100000", "400.00", "300.00", id="juillet : six"),
        pytest.param(date(2026, 8, 15), "100000", "333.33", "250.00", id="août : cinq"),
        pytest.param(date(2026, 12, 31), "100000", "66.67", "50.00", id="décembre : un, au centime supérieur"),
        pytest.param(date(2026, 7, 1), "998493", "400.00", "2404.00", id="plafonné, puis six douzièmes"),
        pytest.param(date(2026, 7, 1), "1.67", "400.00", "0.01", id="demi-centime au-dessus"),
        pytest.param(date(2025, 12, 31), "100000", "800.00", "600.00", id="adhérente d'avant"),
    ],
)
def test_a_joiner_owes_twelfths_from_its_month_on(joined_on: date, base: str, fixed: str, variable: str) -> None:
    due = assess(MONTHLY, smic_table(), declared_base(Decimal(base)), AI, joined_on=joined_on)
    assert (due.fixed, due.variable, due.total) == (
        Decimal(fixed),
        Decimal(variable),
        Decimal(fixed) + Decimal(variable),
    )


def test_the_twelfths_are_explained() -> None:
    due = assess(MONTHLY, smic_table(), declared_base(Decimal(100_000)), AI, joined_on=date(2026, 10, 5))
    assert text(due, Step.FIXED) == "800,00 € pour toutes les structures, × 3/12 = 200,00 €"
    assert text(due, Step.JOINER) == (
        "Adhésion le 5 octobre 2026 : douzièmes à partir du mois d'adhésion, sur la part fixe et la part variable,"
        " soit 3 sur 12"
    )
    assert text(due, Step.VARIABLE) == "600,00 €, sans plafonnement, × 3/12 = 150,00 €"
    assert text(due, Step.TOTAL) == "200,00 € + 150,00 € = 350,00 €"
    assert due.status is DatumStatus.ASSUMED


@pytest.mark.parametrize(
    ("kinds", "rated", "total"),
    [
        pytest.param(("aci", "ai"), "ai", "1400.00", id="ACI principale, AI : 0,6 %"),
        pytest.param(("ges", "aci", "ei"), "ei", "1150.00", id="GES principal, ACI, EI : 0,35 %"),
        pytest.param(("ai", "aci"), "ai", "1400.00", id="la principale est la plus élevée"),
        pytest.param(("aci", "etti", "ai"), "etti", "1400.00", id="à égalité, la première nommée"),
    ],
)
def test_the_highest_rate_of_its_activities_rates_the_whole_base(
    kinds: tuple[str, ...], rated: str, total: str
) -> None:
    activities = [Activity(kind=kind, main=rank == 0) for rank, kind in enumerate(kinds)]
    due = assess(HIGHEST, smic_table(), declared_base(Decimal(100_000)), activities)
    assert (due.kind, due.total) == (rated, Decimal(total))
    assert "au taux le plus élevé parmi" in text(due, Step.ACTIVITY)


def test_of_equal_rates_the_main_activity_is_kept_and_none_needs_be_marked() -> None:
    main_last = [Activity(kind="etti", main=False), Activity(kind="ai", main=True)]
    assert assess(HIGHEST, smic_table(), declared_base(Decimal(1)), main_last).kind == "ai"
    unmarked = [Activity(kind="aci", main=False), Activity(kind="ei", main=False)]
    assert assess(HIGHEST, smic_table(), declared_base(Decimal(1)), unmarked).kind == "ei"


def test_a_kind_that_the_grid_does_not_rate_is_not_passed_over_for_another() -> None:
    activities = [Activity(kind="ai", main=True), Activity(kind="coop", main=False)]
    with pytest.raises(RateNotFound, match="« coop »"):
        assess(HIGHEST, smic_table(), declared_base(Decimal(1)), activities)


@pytest.mark.parametrize(
    ("grid", "category", "total"),
    [
        pytest.param(GRID, "associate", "800.00", id="associée : part fixe seule"),
        pytest.param(GRID, "active", "1400.00", id="active"),
        pytest.param(GRID, "of-tomorrow", "1400.00", id="catégorie inconnue : comme une active"),
        pytest.param(AS_ACTIVE, "associate", "1400.00", id="associée, comme une active"),
    ],
)
def test_an_associate_owes_what_the_grid_says(grid: Grid, category: str, total: str) -> None:
    due = assess(grid, smic_table(), declared_base(Decimal(100_000)), AI, category=category)
    assert due.total == Decimal(total)


def test_an_associate_needs_no_base_and_is_told_why_it_owes_no_variable_part() -> None:
    due = assess(GRID, smic_table(), None, (Activity(kind="coop", main=True),), category="associate")
    assert (due.total, due.variable, due.capped) == (Decimal(800), Decimal(0), False)
    assert text(due, Step.RATE) == "Membre associé : part fixe seule"
    same = assess(AS_ACTIVE, smic_table(), declared_base(Decimal(1)), AI, category="associate")
    assert text(same, Step.RATE).endswith("membre associé : comme un membre actif")


def test_every_rule_of_the_grid_in_force_says_how_sure_it_is() -> None:
    for rule in (GRID.joiners, GRID.several_activities, GRID.associates):
        assert (rule.status, bool(rule.note)) == (DatumStatus.ASSUMED, True)
